"""The packages that `deploy/debian/build.sh` has made."""

import functools
import pathlib
import re

from harness import expect, path, run

PACKAGES = ["mltraining-gateway", "mltraining-local"]
CONFIGURATION = "etc/mltraining-gateway/gateway.yaml"


@functools.cache
def deb(package: str) -> pathlib.Path:
    """The file of a package, of the gateway's own version and this machine's architecture."""
    version = run(path("GATEWAY"), "--version").stdout.split()[1]
    architecture = run("dpkg", "--print-architecture").stdout.strip()
    file = path("DEB_DIR") / f"{package}_{version}_{architecture}.deb"
    expect(file.is_file(), f"there is no {file}")
    return file


def depends(package: str) -> dict[str, str]:
    """Packages that it depends on, the first of alternatives, and the least version of each."""
    told = run("dpkg-deb", "--field", deb(package), "Depends").stdout
    entries = [entry.split("|")[0].split() for entry in told.split(",")]
    return {words[0]: " ".join(words[1:]) for words in entries}


def next_version(package: str, scratch: pathlib.Path, target: pathlib.Path, added: str = "") -> None:
    """The package again in a later version, in the file `target`; `added` is at the end of its configuration."""
    run("dpkg-deb", "--raw-extract", deb(package), scratch)
    control = scratch / "DEBIAN/control"
    control.write_text(re.sub(r"^(Version: .*)$", r"\1+next", control.read_text(), flags=re.MULTILINE))
    if added:
        configuration = scratch / CONFIGURATION
        configuration.write_text(configuration.read_text() + added)
    run("dpkg-deb", "--build", "-Znone", scratch, target)
