"""What the figures were made on and with."""

import os
import pathlib
import platform
import re
import resource
import subprocess
import time

from bench import settings, subjects


def told(*command: object) -> str:
    """What a command prints; nothing where it fails or is not there."""
    try:
        done = subprocess.run(
            [str(word) for word in command], capture_output=True, text=True, cwd=settings.ROOT, check=False
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def package(name: str) -> str:
    return told("dpkg-query", "-W", "-f", "${Version}", name) or "unknown"


def commit() -> str:
    """The commit, and whether what is measured may differ from it."""
    changed = told("git", "status", "--porcelain", "--untracked-files=no", "Sources", "Package.swift")
    return (told("git", "rev-parse", "--short=10", "HEAD") or "unknown") + (" with changes" if changed else "")


def source() -> str:
    """What the gateway was built from, where that is known."""
    if chosen := os.environ.get("GATEWAY"):
        return f"the gateway {chosen}"
    return f"commit {commit()}"


def libraries() -> dict[str, str]:
    """Versions of what instruction counts depend on beside the program."""
    names = ["libc6", "libmicrohttpd12", "libnghttp2-14", "libuv1", "libgnutls30", "zlib1g"]
    return {name: package(name) for name in names}


def description(with_envoy: bool = True) -> list[str]:
    """Lines of a list in markdown."""
    model = re.search(r"^model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    system = re.search(r'^PRETTY_NAME="?([^"\n]*)', pathlib.Path("/etc/os-release").read_text(), re.MULTILINE)
    memory = re.search(r"MemTotal: +(\d+)", pathlib.Path("/proc/meminfo").read_text())
    tools = [f"wrk {package('wrk')}", f"h2load {package('nghttp2-client')}"]
    if with_envoy:
        tools.append(f"Envoy {subjects.envoy_version()}")
    return [
        f"- {os.cpu_count()} cores, {model[1] if model else platform.machine()}, {int(memory[1]) / 2**20:.0f} GiB, "
        f"Linux {platform.release()}, {system[1] if system else 'Linux'}",
        f"- {source()}, {time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime())}",
        "- " + ", ".join(f"{name} {version}" for name, version in libraries().items()),
        "- " + ", ".join(tools),
    ]


class Others:
    """How much of the machine went to other processes than ours, from its making to `share`."""

    def __init__(self) -> None:
        self.start = self.read()

    @staticmethod
    def read() -> tuple[float, float, float]:
        """Seconds of all cores: busy, ours, and all there were."""
        ticks = [int(word) for word in pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
        hz = os.sysconf("SC_CLK_TCK")
        ours = 0.0
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
            usage = resource.getrusage(who)
            ours += usage.ru_utime + usage.ru_stime
        # Without idle and waiting for disks; with what the hypervisor took.
        return (sum(ticks) - ticks[3] - ticks[4]) / hz, ours, sum(ticks) / hz

    def share(self) -> float:
        """To be asked when all our processes have ended."""
        busy, ours, every = (now - then for now, then in zip(self.read(), self.start))
        return max(0.0, busy - ours) / every if every else 0.0
