"""A Dockerfile's last stage without a container engine: its instructions are carried out in a bare Debian tree, and what
it starts runs there as an engine would run it with a read-only root, no capabilities and no new privileges."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import shlex
import signal
import subprocess
import tempfile

from harness import CheckFailed, Process, eventually, expect, run
from trees import base_tree, in_tree

# What engines set (moby's default; HOME is / for a user that /etc/passwd does not have).
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/"}
KNOWN = {"FROM", "RUN", "WORKDIR", "COPY", "ENV", "USER", "EXPOSE", "VOLUME", "HEALTHCHECK", "ENTRYPOINT", "CMD"}


class Stage:
    """The instructions of a Dockerfile from one FROM to the next."""

    def __init__(self, name: str):
        self.name = name
        self.instructions: list[tuple[str, str]] = []

    def all(self, keyword: str) -> list[str]:
        return [text for word, text in self.instructions if word == keyword]

    def one(self, keyword: str) -> str:
        found = self.all(keyword)
        expect(len(found) == 1, f"{keyword} occurs {len(found)} times in the stage {self.name}")
        return found[0]

    def words(self, keyword: str) -> list[str]:
        """The command of an instruction in JSON's form, the only one that engines start without a shell."""
        return json.loads(self.one(keyword))

    def packages(self) -> list[str]:
        """What its `apt-get install` names."""
        found = re.findall(r"apt-get install ((?:-\S+ )*)([^&|;]+)", " ".join(" ".join(self.all("RUN")).split()))
        expect(len(found) == 1, f"one apt-get install in the stage {self.name}, not {len(found)}")
        expect("--no-install-recommends" in found[0][0], f"apt-get installs recommended packages in {self.name}")
        return found[0][1].split()

    def health_check(self) -> list[str]:
        options, _, command = self.one("HEALTHCHECK").partition("CMD ")
        expect(re.fullmatch(r"(--[a-z-]+=\S+ )*", options), f"HEALTHCHECK {options}")
        return json.loads(command)

    def copied(self) -> list[tuple[str | None, list[str], str]]:
        """Each COPY: the stage that it is from, or None for the context; its sources; its destination."""
        copies = []
        for text in self.all("COPY"):
            words = shlex.split(text)
            stage = words.pop(0).removeprefix("--from=") if words[0].startswith("--") else None
            copies.append((stage, words[:-1], words[-1]))
        return copies


def stages(dockerfile: pathlib.Path) -> list[Stage]:
    """The stages of a Dockerfile. An instruction that is not in KNOWN fails the check: nothing here would carry it out."""
    found: list[Stage] = []
    lines = [line for line in dockerfile.read_text().splitlines() if line.strip() and not line.lstrip().startswith("#")]
    for instruction in re.sub(r"\\\n\s*", " ", "\n".join(lines)).splitlines():
        keyword, _, text = instruction.partition(" ")
        expect(keyword in KNOWN, f"{dockerfile.name}: {instruction}")
        if keyword == "FROM":
            found.append(Stage(text.split(" AS ")[-1]))
        found[-1].instructions.append((keyword, text.strip()))
    return found


class Image:
    """A tree in which the instructions of a last stage were carried out, and what they say of its containers."""

    def __init__(self, last: Stage, tree: pathlib.Path, context: pathlib.Path, built: dict[str, pathlib.Path]):
        """`built` has the files that a former stage would have made, by their path there."""
        self.stage = last
        self.tree = tree
        self.environment = dict(ENVIRONMENT)
        base_tree(tree, [])
        for keyword, text in last.instructions:
            if keyword == "RUN":
                in_tree(tree, "sh", "-c", text)
            elif keyword == "ENV":
                self.environment.update(word.split("=", 1) for word in shlex.split(text))
        for stage, sources, destination in last.copied():
            target = tree / destination.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            for source in sources:
                shutil.copy(context / source if stage is None else built[source], target)
        (tree / "etc/hosts").touch()
        self.user, self.group = last.one("USER").split(":")
        for volume in last.all("VOLUME"):
            expect((tree / volume.lstrip("/")).is_dir(), f"there is no {volume} in the tree")

    def container(self, environment: dict[str, str], hosts: dict[str, str], volumes: dict[str, pathlib.Path],
                  arguments: list[str] | None = None) -> "Container":
        """Starts what the image starts. `volumes` has folders and files by their path in the container, all but those
        of VOLUME read-only."""
        command = self.stage.words("ENTRYPOINT") + (self.stage.words("CMD") if arguments is None else arguments)
        return Container(self, command, {**self.environment, **environment}, hosts, volumes)


class Container(Process):
    """The first process of namespaces of its own (mounts, processes, host name, IPC), in the network of whoever calls."""

    def __init__(self, image: Image, command: list[str], environment: dict[str, str], hosts: dict[str, str],
                 volumes: dict[str, pathlib.Path]):
        self.image = image
        self.environment = environment
        with tempfile.NamedTemporaryFile("w", dir=image.tree.parent, prefix="hosts.", delete=False) as file:
            file.writelines(f"{address} {name}\n" for name, address in {"localhost": "127.0.0.1", **hosts}.items())
            os.fchmod(file.fileno(), 0o644)
        tree = shlex.quote(str(image.tree))
        script = [f"mount --bind {tree} {tree}", f"mount -t proc -o nosuid,nodev,noexec proc {tree}/proc",
                  f"mount -t tmpfs -o mode=755,nosuid tmpfs {tree}/dev"]
        for device in ("null", "zero", "full", "random", "urandom"):
            script += [f"touch {tree}/dev/{device}", f"mount --bind /dev/{device} {tree}/dev/{device}"]
        for inside, outside in {"/etc/hosts": pathlib.Path(file.name), **volumes}.items():
            place, outside = f"{tree}{shlex.quote(inside)}", pathlib.Path(outside)
            script.append(f"mount --bind {shlex.quote(str(outside))} {place}")
            if inside not in image.stage.all("VOLUME"):
                script.append(f"mount -o remount,bind,ro {place}")
        script += [f"mount -o remount,bind,ro {tree}",
                   f"exec chroot {tree} " + shlex.join(self._confined(command))]
        super().__init__("unshare", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child",
                         "sh", "-ec", "\n".join(script), env={"PATH": os.environ["PATH"]})

    def _confined(self, command: list[str]) -> list[str]:
        return ["/usr/bin/setpriv", f"--reuid={self.image.user}", f"--regid={self.image.group}", "--clear-groups",
                "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", "/usr/bin/env", "-i",
                *(f"{name}={value}" for name, value in self.environment.items()), *command]

    def first(self) -> int:
        """The number that its first process has outside."""
        def child() -> str:
            with contextlib.suppress(FileNotFoundError):
                return pathlib.Path(f"/proc/{self.child.pid}/task/{self.child.pid}/children").read_text().strip()
            return ""
        return int(eventually("a process in the container", child))

    def exec(self, *command: str) -> subprocess.CompletedProcess:
        """Runs one more command in it, as `docker exec` and health checks do."""
        return run("nsenter", f"--target={self.first()}", "--mount", "--pid", "--ipc", "--uts", "--root", "--wd",
                   *self._confined(list(command)), check=False)

    def status(self) -> dict[str, str]:
        """/proc/PID/status of its first process."""
        lines = pathlib.Path(f"/proc/{self.first()}/status").read_text().splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}

    def send(self, number: int) -> None:
        os.kill(self.first(), number)

    def finish(self, seconds: float) -> int:
        """Waits for its end, for which `send` has asked, and returns the exit code, which `unshare` passes on."""
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise CheckFailed(f"did not stop within {seconds:.0f} s:\n{self.transcript()}") from None

    def __exit__(self, *_):
        # By its own first process: without unshare nobody would wait for that.
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(CheckFailed, ProcessLookupError, ValueError):
                if self.child.poll() is None:
                    self.send(number)
                    self.finish(10)
        super().__exit__()
