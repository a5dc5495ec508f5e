"""Where things are, and what the environment may change: how long it takes, and which executables are measured."""

import os
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BENCHMARKS = ROOT / "Benchmarks"
DESCRIPTOR_SET = ROOT / "Sources/MLTraining/Resources/mltraining.binpb"
ENVOY_VENV = ROOT / ".venv-compare"

# The load generator and the upstream share a core; what is measured has the other.
LOAD_CORE = 0
CORE = 1
CONNECTIONS = 64


def executable(name: str, variable: str) -> pathlib.Path:
    """That of the last release build, or the one which an environment variable names."""
    chosen = os.environ.get(variable)
    path = pathlib.Path(chosen) if chosen else ROOT / os.environ.get("SCRATCH", ".build") / "release" / name
    if not path.is_file():
        sys.exit(f"{path} is not there; build it, or name another with {variable}")
    return path.resolve()


def gateway() -> pathlib.Path:
    return executable("mltraining-gateway", "GATEWAY")


def canned_upstream() -> pathlib.Path:
    return executable("canned-upstream", "CANNED_UPSTREAM")


def envoy() -> pathlib.Path:
    found = list(ENVOY_VENV.glob("lib/python*/site-packages/envoy/_bin/envoy"))
    if not found:
        sys.exit(f"there is no Envoy in {ENVOY_VENV}; scripts/venv.sh makes it")
    return found[0]


def number(variable: str, default: float) -> float:
    text = os.environ.get(variable) or str(default)
    try:
        value = float(text)
    except ValueError:
        value = 0
    if value <= 0:
        sys.exit(f"{variable} is to be a number above 0, not {text}")
    return value


def rounds(default: int) -> int:
    return max(1, int(number("ROUNDS", default)))


def seconds(default: float) -> float:
    """Of one run."""
    return number("SECONDS_PER_RUN", default)


def work_folder() -> tempfile.TemporaryDirectory:
    return tempfile.TemporaryDirectory(prefix="mltraining-bench-")
