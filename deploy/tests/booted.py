"""A Debian tree with systemd as its PID 1: systemd-nspawn boots it, also on machines that run without systemd."""

import contextlib
import ctypes
import os
import pathlib
import signal
import subprocess

from harness import CheckFailed, Process, eventually, expect, run

CGROUPS = [pathlib.Path("/sys/fs/cgroup", name) for name in ("", "systemd", "unified")]


@contextlib.contextmanager
def booted(tree: pathlib.Path):
    """Boots `tree`, and moves this process, with all that it starts from then on, to the container's network: its
    127.0.0.1 is that of the services there, and nothing else."""
    name = f"mltraining-{os.getpid()}"
    groups = [parent / name for parent in CGROUPS if (parent / "cgroup.procs").exists()]
    try:
        for group in groups:
            group.mkdir()
        # In cgroups of its own, so that what it makes in them can be found and removed.
        enter = 'while [ "$1" != -- ]; do echo $$ >"$1/cgroup.procs"; shift; done; shift; exec "$@"'
        with Process("setpriv", "--pdeathsig=KILL",
                     "sh", "-c", enter, "sh", *groups, "--", "systemd-nspawn", "--quiet", f"--directory={tree}",
                     f"--machine={name}", "--boot", "--register=no", "--keep-unit", "--private-network",
                     "--console=pipe") as nspawn:
            machine = Machine(nspawn)
            namespace = os.open(f"/proc/{machine.pid}/ns/net", os.O_RDONLY)
            try:
                if ctypes.CDLL(None, use_errno=True).setns(namespace, 0) != 0:
                    raise CheckFailed(f"setns: {os.strerror(ctypes.get_errno())}")
            finally:
                os.close(namespace)
            try:
                yield machine
            except SystemExit:
                # Who ends the test does not wait for its services.
                nspawn.child.kill()
                raise
            finally:
                # nspawn ends the container in order on this.
                with contextlib.suppress(CheckFailed):
                    nspawn.stop(seconds=60)
    finally:
        for group in groups:
            for folder, _, _ in os.walk(group, topdown=False):
                # Where nspawn did not end in order, or not in time.
                with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                    for process in pathlib.Path(folder, "cgroup.procs").read_text().split():
                        os.kill(int(process), signal.SIGKILL)
                eventually(f"{folder} is empty", lambda: removed(folder))


def removed(folder: str) -> bool:
    with contextlib.suppress(OSError):
        os.rmdir(folder)
    return not os.path.exists(folder)


class Machine:
    """The container that a `systemd-nspawn` has booted."""

    def __init__(self, nspawn: Process):
        self.nspawn = nspawn
        children = pathlib.Path(f"/proc/{nspawn.child.pid}/task/{nspawn.child.pid}/children")

        def systemd() -> str:
            expect(nspawn.child.poll() is None, f"systemd-nspawn ended:\n{nspawn.transcript()}")
            names = {child: pathlib.Path(f"/proc/{child}/comm").read_text() for child in children.read_text().split()}
            return next((child for child, name in names.items() if name == "systemd\n"), "")

        self.pid = eventually("systemd is PID 1", systemd, 60)
        self.state = eventually("systemd has started all units", self.started, 60)

    def started(self) -> str:
        """`running`, or `degraded` if a unit has failed; nothing while units are being started."""
        state = self.run("systemctl", "is-system-running", check=False).stdout.strip()
        return state if state in ("running", "degraded") else ""

    def run(self, *command: object, **options) -> subprocess.CompletedProcess:
        """Runs a command in the container as root."""
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive",
                       "SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": "", "HOME": "/root"}
        return run("nsenter", "--target", self.pid, "--all", *command, **{"env": environment, **options})

    def systemctl(self, *words: object) -> str:
        return self.run("systemctl", *words).stdout

    def show(self, unit: str, name: str) -> str:
        """A property of a unit."""
        return self.systemctl("show", "--value", f"--property={name}", unit).strip()

    def journal(self, unit: str) -> str:
        return self.run("journalctl", "--quiet", "--output=cat", "--no-pager", f"--unit={unit}").stdout

    def process(self, unit: str) -> pathlib.Path:
        """The folder of the unit's main process in this machine's /proc."""
        inner = self.show(unit, "MainPID")
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                status = (folder / "status").read_text()
                # A process is listed by its number in each PID namespace that it is in.
                numbers = next(line for line in status.splitlines() if line.startswith("NSpid:")).split()[1:]
                if numbers[1:] == [inner] and os.readlink(folder / "ns/pid") == os.readlink(f"/proc/{self.pid}/ns/pid"):
                    return folder
        raise CheckFailed(f"{unit} has no process {inner}")
