"""Processes that are measured: started on a core, waited for, read from /proc, and ended."""

import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterable

START_SECONDS = 60
STOP_SECONDS = 30


class Failed(Exception):
    """Why no figure can be given, to be read by people."""


class Process:
    """A process with its output in a file, pinned to cores where they are given."""

    def __init__(
        self,
        name: str,
        command: Iterable[object],
        log: pathlib.Path,
        cores: Iterable[int] | None = None,
        environment: dict[str, str] | None = None,
    ):
        self.name = name
        self.log = log
        pinned = set(cores) if cores is not None else None
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
                preexec_fn=(lambda: os.sched_setaffinity(0, pinned)) if pinned else None,
            )
        self.pid = self.process.pid

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def fail(self, what: str) -> Failed:
        return Failed(f"{self.name} {what}:\n{self.output()[-2000:]}")

    def check(self) -> None:
        if self.process.poll() is not None:
            raise self.fail(f"has ended with {self.process.returncode}")

    def address(self) -> str:
        """The HOST:PORT that it says it listens on."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if found := re.search(r"listening on (127\.0\.0\.1:\d+)\n", self.output()):
                return found[1]
            self.check()
            time.sleep(0.02)
        raise self.fail("does not say where it listens")

    def cpu(self) -> float:
        """Seconds of CPU that its threads have had, in the kernel and out of it, to the nanosecond.

        The sum of user and system time in /proc/PID/stat is the same figure, in hundredths of a second. Those of the
        threads are added up here, and none of these programs ends one while it is measured.
        """
        return sum(self.thread_cpu().values())

    def thread_cpu(self) -> dict[str, float]:
        """The same, by thread."""
        times = {}
        for task in pathlib.Path(f"/proc/{self.pid}/task").iterdir():
            times[task.name] = int((task / "schedstat").read_text().split()[0]) / 1e9
        return times

    def pin(self, *cores: int) -> None:
        """Moves all its threads."""
        for task in pathlib.Path(f"/proc/{self.pid}/task").iterdir():
            os.sched_setaffinity(int(task.name), cores)

    def memory(self, field: str = "VmHWM") -> int:
        """Bytes by /proc/PID/status; VmHWM is the most that it had."""
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(rf"^{field}:\s+(\d+) kB", status, re.MULTILINE)[1]) * 1024

    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def forget_peak(self) -> None:
        """VmHWM starts again from what the process has now."""
        pathlib.Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Processes(contextlib.ExitStack):
    """Those of one scenario; all are stopped at the end of the `with` statement, the last first."""

    def __init__(self, work: pathlib.Path):
        super().__init__()
        self.work = work
        self.count = 0

    def start(
        self,
        name: str,
        command: Iterable[object],
        cores: Iterable[int] | None = None,
        environment: dict[str, str] | None = None,
    ) -> Process:
        self.count += 1
        process = Process(name, command, self.work / f"{name}.{self.count}.log", cores, environment)
        self.callback(process.stop)
        return process


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run(*command: object, cores: Iterable[int] | None = None) -> tuple[str, float]:
    """Runs a command to its end: what it printed, and the seconds of CPU that it took."""
    words = [str(word) for word in command]
    pinned = set(cores) if cores is not None else None
    process = subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=(lambda: os.sched_setaffinity(0, pinned)) if pinned else None,
    )
    try:
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    finally:
        process.stdout.close()
        if process.returncode is None:
            process.kill()
            process.wait()
    if process.returncode != 0:
        raise Failed(f"{' '.join(words)}: exit code {process.returncode}\n{output[-2000:]}")
    return output, usage.ru_utime + usage.ru_stime
