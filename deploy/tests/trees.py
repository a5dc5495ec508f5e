"""Bare Debian 12 trees to try packages and lists of packages in. debootstrap makes one, which is kept for a week."""

import contextlib
import fcntl
import os
import pathlib
import shutil
import subprocess
import time

from harness import run

CACHE = pathlib.Path("/var/cache/mltraining-gateway")
RELEASE = "bookworm"
WEEK = 7 * 24 * 3600


def base_tree(target: pathlib.Path, packages: list[str]) -> None:
    """Unpacks Debian's smallest set of packages (minbase) in `target` and installs `packages` there, without what is
    only recommended. Nothing is mounted in it when this returns."""
    target.mkdir(parents=True)
    run("tar", "-C", target, "--numeric-owner", "-xf", _tarball(), timeout=120)
    # Services are for the test to start.
    (target / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n")
    (target / "usr/sbin/policy-rc.d").chmod(0o755)
    shutil.copy("/etc/resolv.conf", target / "etc/resolv.conf")
    # Proxies and the like, without which this machine may not reach its mirror.
    for file in pathlib.Path("/etc/apt/apt.conf.d").iterdir():
        if "Acquire::" in file.read_text():
            shutil.copy(file, target / "etc/apt/apt.conf.d" / file.name)
    if packages:
        in_tree(target, "apt-get", "-q", "update")
        in_tree(target, "apt-get", "-q", "install", "-y", "--no-install-recommends", *packages)


def in_tree(target: pathlib.Path, *command: object, timeout: float = 180, **options) -> subprocess.CompletedProcess:
    """Runs a command as root in a tree, with /proc and /dev that are gone with it."""
    mounts = 'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$0" "$@"'
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    return run("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", mounts, target, *command,
               timeout=timeout, **{"env": environment, **options})


def _tarball() -> pathlib.Path:
    """The tree as debootstrap makes it, in a file. Parts that run at the same time make it once."""
    CACHE.mkdir(parents=True, exist_ok=True)
    architecture = run("dpkg", "--print-architecture").stdout.strip()
    tarball = CACHE / f"{RELEASE}-{architecture}.tar"
    with open(CACHE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with contextlib.suppress(FileNotFoundError):
            if time.time() - tarball.stat().st_mtime < WEEK:
                return tarball
        tree = CACHE / f"{RELEASE}.{os.getpid()}"
        try:
            run("debootstrap", "--variant=minbase", RELEASE, tree, timeout=400)
            shutil.rmtree(tree / "var/cache/apt/archives")
            (tree / "var/cache/apt/archives/partial").mkdir(parents=True)
            run("tar", "-C", tree, "--numeric-owner", "-cf", f"{tarball}.new", ".", timeout=120)
            os.rename(f"{tarball}.new", tarball)
        finally:
            shutil.rmtree(tree, ignore_errors=True)
            pathlib.Path(f"{tarball}.new").unlink(missing_ok=True)
    return tarball
