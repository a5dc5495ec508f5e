"""Images and containers without an engine and without a registry: buildah carries the Dockerfiles out on images
made here, and what they start is run by unshare and setpriv, as an engine would run it with a read-only root, no
capabilities and no new privileges."""

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
from trees import network_settings, tarball

# What engines set (moby's default; HOME is / for a user that /etc/passwd does not have).
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/"}


class Stage:
    """The instructions of a Dockerfile from one FROM to the next."""

    def __init__(self, name: str):
        self.name = name
        self.instructions: list[tuple[str, str]] = []

    def all(self, keyword: str) -> list[str]:
        return [text for word, text in self.instructions if word == keyword]

    def packages(self) -> list[str]:
        """What its `apt-get install` names."""
        found = re.findall(r"apt-get install ((?:-\S+ )*)([^&|;]+)", " ".join(" ".join(self.all("RUN")).split()))
        expect(len(found) == 1, f"one apt-get install in the stage {self.name}, not {len(found)}")
        expect("--no-install-recommends" in found[0][0], f"apt-get installs recommended packages in {self.name}")
        return found[0][1].split()

    def copied(self) -> list[tuple[str | None, list[str], str]]:
        """Each COPY: the stage that it is from, or None for the context; its sources; its destination."""
        copies = []
        for text in self.all("COPY"):
            words = shlex.split(text)
            stage = words.pop(0).removeprefix("--from=") if words[0].startswith("--") else None
            copies.append((stage, words[:-1], words[-1]))
        return copies


def stages(dockerfile: pathlib.Path) -> list[Stage]:
    """The stages of a Dockerfile."""
    found: list[Stage] = []
    lines = [line for line in dockerfile.read_text().splitlines() if line.strip() and not line.lstrip().startswith("#")]
    for instruction in re.sub(r"\\\n\s*", " ", "\n".join(lines)).splitlines():
        keyword, _, text = instruction.partition(" ")
        if keyword == "FROM":
            found.append(Stage(text.split(" AS ")[-1]))
        found[-1].instructions.append((keyword, text.strip()))
    return found


# "swift" of the stand-in for Swift's image: the build's result is there already, and the sources have to be.
SWIFT = """#!/bin/sh -e
for product; do :; done
test "$1" = build -a -f Package.swift -a -d Sources -a -d Tests -a -d Benchmarks
mkdir -p .build/release
cp "/prebuilt/$product" .build/release/
"""
STRIP = """#!/bin/sh -e
test "$1" = -o
cp "$3" "$2"
"""
# All mounts are within one namespace of the script's own, so that none is left whatever happens.
BUILD = """
b() { buildah --root "$STORE/root" --runroot "$STORE/run" --storage-driver overlay "$@"; }
container=$(b from scratch)
b add -q "$container" "$DEBIAN" /
b add -q "$container" "$STORE/etc" /etc
b config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
b commit -q "$container" docker.io/library/debian:12-slim
container=$(b from --pull-never docker.io/library/debian:12-slim)
b add -q "$container" "$STORE/bin" /usr/local/bin
b add -q "$container" "$STORE/prebuilt" /prebuilt
b commit -q "$container" docker.io/library/swift:6.3-bookworm
for file; do
    image=$(basename "$file" | tr A-Z. a-z-)
    b bud -q --isolation chroot --network host --pull-never --format docker --ignorefile "$file.dockerignore" \\
        --file "$file" --tag "$image" "$CONTEXT"
    b inspect --type image "localhost/$image" >"$STORE/$image.json"
    cp -a "$(b mount "$(b from --pull-never "localhost/$image")")" "$STORE/$image"
done
"""


class Image:
    """What an image consists of: a tree of files, and what is to be started with it."""

    def __init__(self, last: Stage, tree: pathlib.Path, settings: dict):
        self.stage = last
        self.tree = tree
        self.settings = settings
        self.environment = {**ENVIRONMENT, **dict(word.split("=", 1) for word in settings["Env"])}
        self.user, self.group = settings["User"].split(":")
        # Engines mount theirs over it.
        (tree / "etc/hosts").touch()

    def health_check(self) -> list[str]:
        kind, *command = self.settings["Healthcheck"]["Test"]
        expect(kind == "CMD", f"the health check needs a shell: {command}")
        return command

    def port(self) -> str:
        (port,) = self.settings["ExposedPorts"]
        return port.removesuffix("/tcp")

    def volumes(self) -> set[str]:
        return set(self.settings.get("Volumes") or ())

    def container(self, environment: dict[str, str], hosts: dict[str, str], volumes: dict[str, pathlib.Path],
                  arguments: list[str] | None = None) -> "Container":
        """Starts what the image starts. `volumes` has folders and files by their path in the container, all but those
        of its volumes read-only."""
        command = self.settings["Entrypoint"] + (self.settings["Cmd"] if arguments is None else arguments)
        return Container(self, command, {**self.environment, **environment}, hosts, volumes)


def build(dockerfiles: list[pathlib.Path], context: pathlib.Path, executables: list[pathlib.Path],
          store: pathlib.Path) -> list[Image]:
    """Has buildah make images of the Dockerfiles. No registry is asked: Debian's image is Debian's smallest set of
    packages, and Swift's is the same with a `swift` that gives out the executables that there are."""
    (store / "bin").mkdir(parents=True)
    (store / "prebuilt").mkdir()
    for name, text in {"swift": SWIFT, "strip": STRIP}.items():
        (store / "bin" / name).write_text(text)
        (store / "bin" / name).chmod(0o755)
    for executable in executables:
        shutil.copy(executable, store / "prebuilt")
    # As in Debian's own image, for which apt and dpkg do less that nobody needs there.
    for name, text in {"dpkg/dpkg.cfg.d/image": "force-unsafe-io\n",
                       "apt/apt.conf.d/image": 'Acquire::Languages "none";\n' + network_settings()}.items():
        (store / "etc" / name).parent.mkdir(parents=True)
        (store / "etc" / name).write_text(text)
    script = store / "build.sh"
    script.write_text(BUILD)
    variables = {**os.environ, "STORE": str(store), "DEBIAN": str(tarball()), "CONTEXT": str(context)}
    run("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
        "bash", "-eu", script, *dockerfiles, env=variables, timeout=300)
    shutil.rmtree(store / "root")
    images = []
    for dockerfile in dockerfiles:
        name = dockerfile.name.lower().replace(".", "-")
        settings = json.loads((store / f"{name}.json").read_text())["Docker"]["config"]
        images.append(Image(stages(dockerfile)[-1], store / name, settings))
    return images


class Container(Process):
    """The first process of namespaces of its own (mounts, processes, host name, IPC), in the network of the caller."""

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
            if inside not in image.volumes():
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
