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
# As in Debian's slim images; a third of it all.
LEFT_OUT = ("usr/share/doc", "usr/share/locale", "var/lib/apt/lists", "var/cache/apt")
WEEK = 7 * 24 * 3600


def base_tree(target: pathlib.Path, packages: list[str]) -> None:
    """Unpacks Debian's smallest set of packages (minbase) in `target` and installs `packages` there, without what is
    only recommended. Nothing is mounted in it when this returns."""
    target.mkdir(parents=True)
    run("tar", "-C", target, "--numeric-owner", "-xf", tarball(), timeout=120)
    (target / "var/cache/apt/archives/partial").mkdir(parents=True)
    # Services are for the test to start.
    (target / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n")
    (target / "usr/sbin/policy-rc.d").chmod(0o755)
    shutil.copy("/etc/resolv.conf", target / "etc/resolv.conf")
    (target / "etc/apt/apt.conf.d/99network").write_text(network_settings())
    if packages:
        in_tree(target, "apt-get", "-q", "update")
        in_tree(target, "apt-get", "-q", "install", "-y", "--no-install-recommends", *packages)


def network_settings() -> str:
    """Proxies and the like of this machine's apt, without which a tree's may not reach its mirror."""
    lines = run("apt-config", "dump").stdout.splitlines()
    return "".join(f"{line}\n" for line in lines if line.startswith(("Acquire::http", "Acquire::Check")))


def in_tree(target: pathlib.Path, *command: object, timeout: float = 180, **options) -> subprocess.CompletedProcess:
    """Runs a command as root in a tree, with /proc and /dev that are gone with it."""
    mounts = 'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$0" "$@"'
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C",
                   "DEBIAN_FRONTEND": "noninteractive"}
    return run("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", mounts, target, *command,
               timeout=timeout, **{"env": environment, **options})


def tarball() -> pathlib.Path:
    """The tree as debootstrap makes it, in a file. Parts that run at the same time make it once."""
    CACHE.mkdir(parents=True, exist_ok=True)
    architecture = run("dpkg", "--print-architecture").stdout.strip()
    tarball = CACHE / f"{RELEASE}-{architecture}-slim.tar"
    with open(CACHE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with contextlib.suppress(FileNotFoundError):
            if time.time() - tarball.stat().st_mtime < WEEK:
                return tarball
        tree = CACHE / f"{RELEASE}.{os.getpid()}"
        try:
            run("debootstrap", "--variant=minbase", RELEASE, tree, timeout=400)
            run("tar", "-C", tree, "--numeric-owner", *(f"--exclude=./{folder}/*" for folder in LEFT_OUT),
                "-cf", f"{tarball}.new", ".", timeout=120)
            os.rename(f"{tarball}.new", tarball)
        finally:
            shutil.rmtree(tree, ignore_errors=True)
            pathlib.Path(f"{tarball}.new").unlink(missing_ok=True)
    return tarball
