"""What the deployment tests share: a line for each check, processes that are stopped again, free ports.

`deploy/test.sh` runs each part (`packages.py`, `proxies.py`, ...) with these in its environment:

GATEWAY, LOCAL  the executables of the gateway and of the local training service
DEB_DIR         the folder with their Debian packages
WORK            an empty folder for this part, on a disk, removed afterwards unless a check fails
"""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"


def terminated(*_) -> None:
    """Leaves each `with` on SIGTERM, so that what was started is stopped too; a second signal does not disturb that."""
    signal.signal(signal.SIGTERM, lambda *_: None)
    sys.exit(143)


signal.signal(signal.SIGTERM, terminated)


def path(variable: str) -> pathlib.Path:
    """The file or folder that an environment variable of `deploy/test.sh` names."""
    value = os.environ.get(variable)
    if not value:
        sys.exit(f"{variable} is not set: run deploy/test.sh")
    return pathlib.Path(value)


class CheckFailed(Exception):
    """A check's reason to fail, to be read by people."""


def expect(condition: object, why: str) -> None:
    """Fails the check that is under way unless `condition` holds."""
    if not condition:
        raise CheckFailed(why)


class Checks:
    """Prints `ok` or `FAIL` for each check of a part; those after a failed one go on."""

    def __init__(self, part: str):
        self.part = part
        self.passed = 0
        self.failed = 0

    @contextlib.contextmanager
    def __call__(self, what: str):
        start = time.monotonic()
        try:
            yield
        except (CheckFailed, OSError, subprocess.SubprocessError, ValueError, KeyError, IndexError, TypeError) as error:
            self.failed += 1
            words = str(error) if isinstance(error, CheckFailed) else f"{type(error).__name__}: {error}"
            print(f"FAIL {self.part}: {what}\n     " + words.strip().replace("\n", "\n     "), flush=True)
        else:
            self.passed += 1
            print(f"ok   {self.part}: {what} ({time.monotonic() - start:.1f} s)", flush=True)

    def finish(self) -> None:
        """Ends the process: with 0 if there were checks and all of them passed."""
        sys.exit(0 if self.passed and not self.failed else 1)


def run(*command: object, timeout: float = 60, check: bool = True, **options) -> subprocess.CompletedProcess:
    """Runs a command to its end and returns it with its output as text; a failure fails the check with what it said."""
    words = [str(word) for word in command]
    done = subprocess.run(
        words, timeout=timeout, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        **{"stdin": subprocess.DEVNULL, **options})
    if check and done.returncode != 0:
        raise CheckFailed(f"{' '.join(words)}: exit code {done.returncode}\n{done.stdout[-4000:]}")
    return done


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nothing listens on just now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def eventually(what: str, condition, seconds: float = 20):
    """Waits for `condition()` to be true and returns what it gave; fails the check after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        expect(time.monotonic() < end, f"not within {seconds:.0f} s: {what}")
        time.sleep(0.05)


def answers(port: int, host: str = "127.0.0.1") -> bool:
    """Whether something accepts connections there."""
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=1):
        return True
    return False


class Process:
    """A process in a session of its own, whose output is kept; stopped at the end of a `with`."""

    def __init__(self, *command: object, **options):
        self.command = [str(word) for word in command]
        self.lines: list[str] = []
        self.changed = threading.Condition()
        self.child = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace", start_new_session=True, **options)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        for line in self.child.stdout:
            with self.changed:
                self.lines.append(line.rstrip("\n"))
                self.changed.notify_all()
        with self.changed:
            self.changed.notify_all()

    def wait_for_line(self, part: str, seconds: float = 20) -> str:
        """The first line with `part` in it; fails the check if the process ends or says nothing of the kind."""
        end = time.monotonic() + seconds
        with self.changed:
            while True:
                for line in self.lines:
                    if part in line:
                        return line
                expect(self.reader.is_alive() and time.monotonic() < end,
                       f"{self.command[0]} did not say “{part}”:\n{self.transcript()}")
                self.changed.wait(0.2)

    def transcript(self) -> str:
        """The last lines that it printed."""
        return "\n".join(self.lines[-30:])

    def stop(self, number: int = signal.SIGTERM, seconds: float = 20) -> int:
        """Sends the signal, waits, and returns the exit code; what does not end is killed and fails the check."""
        if self.child.poll() is None:
            self.child.send_signal(number)
        try:
            code = self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            raise CheckFailed(f"{self.command[0]} did not stop within {seconds:.0f} s:\n{self.transcript()}") from None
        self.reader.join(5)
        return code

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(10)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()


@contextlib.contextmanager
def local_service(directory: pathlib.Path):
    """The local training service with its jobs in `directory`; gives its address."""
    with Process(path("LOCAL"), "serve", "--listen", "127.0.0.1:0", "--data-dir", directory) as process:
        line = process.wait_for_line("mltraining-local listening on ")
        yield line.rsplit(" ", 1)[1]


@contextlib.contextmanager
def gateway(upstream: str, *options: object, listen: str = "127.0.0.1:0", admin: str = "127.0.0.1:0"):
    """A gateway in front of `upstream` (HOST:PORT); gives its process, its address and that of its admin listener."""
    with Process(path("GATEWAY"), "serve", "--listen", listen, "--admin-listen", admin,
                 "--upstream", f"http://{upstream}", *options) as process:
        listening = process.wait_for_line("mltraining-gateway listening on ")
        admin = process.wait_for_line("mltraining-gateway admin listening on ")
        yield process, listening.rsplit(" ", 1)[1], admin.rsplit(" ", 1)[1]
