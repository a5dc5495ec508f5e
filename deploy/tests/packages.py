"""The Debian packages: what is in them, and how they install, run, upgrade and go away in a bare Debian 12."""

import contextlib
import filecmp
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import time

from debs import CONFIGURATION, PACKAGES, deb, depends, next_version
from harness import DEPLOY, Checks, Process, eventually, expect, free_port, path, run
from trees import base_tree, in_tree

UNITS = {
    "mltraining-gateway": ["mltraining-gateway.service", "mltraining-gateway.socket"],
    "mltraining-local": ["mltraining-local.service"],
}
# What the packages need but do not link: the upstream's authorities, and what makes the user.
NOT_LINKED = {"ca-certificates", "systemd"}
# Of which Debian keeps no record of symbols.
NO_VERSIONS = {"libyaml-0-2"}
# What dpkg and adduser's kin keep of any package that was ever there.
KEPT = re.compile(r"(etc/(passwd|group|shadow|gshadow)-|etc/\.pwd\.lock|var/lib/dpkg/.*|var/log/.*|"
                  r"var/lib/systemd/deb-systemd-helper[^/]*)$")

checks = Checks("packages")
work = path("WORK")


def main() -> None:
    if built():
        # The rest goes on meanwhile.
        with building_again() as again:
            contents()
            completions()
            lintian()
            same_as(again)
        installed()
    checks.finish()


@contextlib.contextmanager
def building_again():
    """The build of the same commit with other clocks, words and rights, in another folder: packages must not tell."""
    time_of_commit = int((work / "content/mltraining-gateway/usr/bin/mltraining-gateway").stat().st_mtime)
    odd = {**os.environ, "SOURCE_DATE_EPOCH": str(time_of_commit), "TMPDIR": str(work), "TZ": "Asia/Kathmandu",
           "LC_ALL": "C"}
    with Process("sh", "-c", 'umask 077; exec "$@"', "sh", DEPLOY / "debian/build.sh", path("GATEWAY"), path("LOCAL"),
                 work / "again", env=odd) as process:
        try:
            yield process
        finally:
            # What it started as well, where a check broke off.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.child.pid, signal.SIGKILL)


def same_as(again: Process) -> None:
    with checks("both are the same, byte for byte, when they are built again"):
        eventually("the second build ends", lambda: again.child.poll() is not None, 150)
        expect(again.child.returncode == 0, again.transcript())
        for file in map(deb, PACKAGES):
            expect(filecmp.cmp(file, work / "again" / file.name, shallow=False), f"{file.name} differs")


def built() -> bool:
    with checks("build.sh makes a package of each executable"):
        for kind in ("content", "control"):
            (work / kind).mkdir()
        for package in PACKAGES:
            run("dpkg-deb", "--extract", deb(package), work / "content" / package)
            run("dpkg-deb", "--control", deb(package), work / "control" / package)
        return True
    return False


def lintian() -> None:
    with checks("lintian finds no error, no warning, and nothing to remark"):
        options = ["--fail-on", "error,warning,info", "--display-info"]
        run("lintian", "--allow-root", *options, *map(deb, PACKAGES), timeout=120)


def contents() -> None:
    for package in PACKAGES:
        tree = work / "content" / package
        with checks(f"{package}: executable, manual pages, completions, units and configuration are where they belong"):
            commands = [package] + [f"{package}-{command}" for command in subcommands(package)]
            wanted = {f"usr/bin/{package}", f"usr/share/bash-completion/completions/{package}",
                      f"usr/share/zsh/vendor-completions/_{package}",
                      f"usr/share/fish/vendor_completions.d/{package}.fish", f"usr/share/lintian/overrides/{package}",
                      f"usr/share/doc/{package}/copyright", f"usr/share/doc/{package}/changelog.gz"}
            wanted |= {f"usr/share/man/man1/{command}.1.gz" for command in commands}
            wanted |= {f"lib/systemd/system/{unit}" for unit in UNITS[package]}
            if package == "mltraining-gateway":
                wanted |= {CONFIGURATION, f"usr/lib/sysusers.d/{package}.conf"}
            files = {str(file.relative_to(tree)) for file in tree.rglob("*") if not file.is_dir()}
            expect(files == wanted, f"too few: {sorted(wanted - files)}, too many: {sorted(files - wanted)}")
            conffiles = work / "control" / package / "conffiles"
            listed = conffiles.read_text().split() if conffiles.exists() else []
            expect(listed == [f"/{name}" for name in sorted(wanted) if name.startswith("etc/")], f"conffiles: {listed}")
        with checks(f"{package}: the executable is stripped, position-independent and runs"):
            executable = tree / "usr/bin" / package
            sections = run("readelf", "--sections", "--wide", executable).stdout
            expect(".symtab" not in sections and ".debug_" not in sections, "there are symbols in it")
            expect("DYN (Position-Independent" in run("readelf", "--file-header", executable).stdout, "it is not PIE")
            run(executable, "--help")
        with checks(f"{package}: the manual has a page for each command with all of its options, without a warning"):
            for command in commands:
                page = manual(tree / f"usr/share/man/man1/{command}.1.gz")
                words = command.replace(f"{package}-", f"{package} ").split()
                told = run(executable, *words[1:], "--help").stdout.split("OVERVIEW:", 1)[1]
                # The lists of the help, not what its prose says of others.
                for name in re.findall(r"^  (?:-h, )?(--[a-z-]+)", told, flags=re.MULTILINE):
                    expect(re.search(rf"^\s+(-h, )?{name}\b", page, flags=re.MULTILINE), f"{command}(1) has no {name}")


def subcommands(package: str) -> list[str]:
    told = run(path("GATEWAY") if package == "mltraining-gateway" else path("LOCAL"), "--help").stdout
    names = re.findall(r"^  ([a-z]+) +[A-Z]", told.split("SUBCOMMANDS:", 1)[1], flags=re.MULTILINE)
    expect("serve" in names, f"no subcommands in the help:\n{told}")
    return names


def manual(page: pathlib.Path) -> str:
    """A rendered page; what groff has to say of it fails the check."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "100", "MAN_KEEP_FORMATTING": ""}
    done = subprocess.run(["man", "--warnings", "--local-file", page], env=environment, text=True, timeout=30,
                          capture_output=True)
    expect(done.returncode == 0 and not done.stderr, f"{page.name}: {done.stderr}")
    # Bold and underlined as a typewriter does it.
    return re.sub(r".\x08", "", done.stdout)


def completions() -> None:
    cases = [("mltraining-gateway", "serve --admin-l", "--admin-listen"), ("mltraining-gateway", "conv", "convert"),
             ("mltraining-local", "serve --data-d", "--data-dir")]
    share = work / "content"
    with checks("completions complete commands and options in bash"):
        for package, typed, wanted in cases:
            script = share / package / "usr/share/bash-completion/completions" / package
            words = [package, *typed.split()]
            line = " ".join(words)
            program = (f"source {script}; COMP_WORDS=({line}) COMP_CWORD={len(words) - 1} COMP_LINE='{line}' "
                       f"COMP_POINT={len(line)}; set -- $(complete -p {package}); "
                       'while [[ $1 != -F ]]; do shift; done; '
                       f"$2 {package} {words[-1]} {words[-2]}; echo \"${{COMPREPLY[@]}}\"")
            run("bash", "-n", script)
            expect(run("bash", "-c", program).stdout.split() == [wanted], f"{line}: not {wanted}")
    with checks("completions complete commands and options in zsh"):
        for package, typed, wanted in cases:
            folder = share / package / "usr/share/zsh/vendor-completions"
            run("zsh", "-n", folder / f"_{package}")
            # What was typed is shown as well, and ends before the wanted word does.
            typed_at_zsh(folder, f"{package} {typed}", wanted)
    with checks("completions complete commands and options in fish"):
        for package, typed, wanted in cases:
            script = share / package / "usr/share/fish/vendor_completions.d" / f"{package}.fish"
            answer = run("fish", "--no-config", "-c", f"source {script}; complete -C '{package} {typed}'",
                         env={**os.environ, "HOME": str(work)}).stdout
            expect(answer.split("\t")[0] == wanted, f"{package} {typed}: {answer!r}")


def typed_at_zsh(folder: pathlib.Path, typed: str, wanted: str) -> None:
    """Types a line and the tab key at a zsh that has the completions of `folder`; `wanted` must come to stand there."""
    environment = {**os.environ, "TERM": "dumb", "HOME": str(work), "PS1": "", "ZDOTDIR": str(work)}
    child, terminal = pty.fork()
    if child == 0:
        os.execvpe("zsh", ["zsh", "-f", "-i"], environment)
    seen = ""

    def read_until(text: str) -> None:
        nonlocal seen
        end = time.monotonic() + 20
        while text not in seen:
            expect(time.monotonic() < end, f"zsh shows no “{text}”: {seen!r}")
            if select.select([terminal], [], [], 0.2)[0]:
                seen += os.read(terminal, 65536).decode(errors="replace")

    try:
        os.write(terminal, f"fpath=({folder} $fpath); autoload -Uz compinit; compinit -u -D; print REA''DY\n".encode())
        read_until("READY\r\n")
        seen = ""
        os.write(terminal, f"{typed}\t".encode())
        read_until(wanted)
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)
        os.close(terminal)


def installed() -> None:
    tree = work / "tree"
    with checks("apt-get installs all that they depend on in a bare Debian 12"):
        needed = sorted({name for package in PACKAGES for name in depends(package)})
        base_tree(tree, needed)
        expect(" bookworm " in (tree / "etc/apt/sources.list").read_text(), "the tree is no bookworm")
        before = paths(tree)
    for package in PACKAGES:
        with checks(f"{package} depends on the packages of the libraries that it links, with versions, on no others"):
            dynamic = run("readelf", "--dynamic", work / "content" / package / "usr/bin" / package).stdout
            linked = {owner(tree, name) for name in re.findall(r"\(NEEDED\).*\[(.+)\]", dynamic)}
            listed = {name: version for name, version in depends(package).items() if name not in NOT_LINKED}
            expect(listed.keys() == linked, f"Depends: {sorted(listed)}, linked: {sorted(linked)}")
            unversioned = {name for name, version in listed.items() if not version.startswith("(>= ")}
            expect(unversioned <= NO_VERSIONS, f"no version: {listed}")
            # Packed relocations, which no symbol tells of.
            expect(listed["libc6"] == "(>= 2.36)", f"an older libc6 cannot load it: {listed}")
    with checks("dpkg installs both there; its audit and its sums find nothing"):
        for package in PACKAGES:
            shutil.copy(deb(package), tree / "tmp")
        in_tree(tree, "dpkg", "--install", *(f"/tmp/{deb(package).name}" for package in PACKAGES))
        sound(tree)
        for package, units in UNITS.items():
            for unit in units:
                wants = "sockets" if unit.endswith(".socket") else "multi-user"
                link = tree / f"etc/systemd/system/{wants}.target.wants/{unit}"
                expect(link.is_symlink(), f"{unit} is not enabled")
        expect(re.search(r"^mltraining-gateway:.*:/usr/sbin/nologin$", (tree / "etc/passwd").read_text(), re.MULTILINE),
               "there is no user mltraining-gateway")
    with checks("the configuration that comes with it is one, and the folder of keys is root's alone"):
        as_user(tree, "mltraining-gateway", "check", "--config", f"/{CONFIGURATION}")
        keys = (tree / "etc/mltraining-gateway/keys").stat()
        expect((keys.st_uid, keys.st_mode & 0o777) == (0, 0o700), f"keys: {keys.st_uid}, {keys.st_mode:o}")
    with checks("as an unprivileged user there, the gateway submits a job to the local service and gets it back"):
        served(tree)
    upgraded(tree)
    with checks("once purged, they leave no file but the keys that were put there"):
        key = tree / "etc/mltraining-gateway/keys/server.key"
        key.write_text("not ours to delete")
        state = tree / "var/lib/private/mltraining-local/jobs.sqlite"
        state.parent.mkdir(parents=True, exist_ok=True)
        state.write_text("")
        (tree / "var/lib/mltraining-local").symlink_to("private/mltraining-local")
        in_tree(tree, "dpkg", "--purge", *PACKAGES)
        expect(key.exists(), "dpkg deleted a key of the administrator's")
        key.unlink()
        left = {name for name in paths(tree) - before if not KEPT.fullmatch(name)}
        left -= {"etc/mltraining-gateway", "etc/mltraining-gateway/keys", "var/lib/private"}
        expect(not left, f"left: {sorted(left)}")
        expect(not in_tree(tree, "dpkg", "--audit").stdout, "dpkg --audit has something to say")


def paths(tree: pathlib.Path) -> set[str]:
    """All that is in a tree but in /tmp, where the test has its own."""
    found = run("find", tree, "-xdev", "-path", f"{tree}/tmp", "-prune", "-o", "-mindepth", "1", "-printf", "%P\\n")
    return set(found.stdout.splitlines())


def owner(tree: pathlib.Path, library: str) -> str:
    """The package that has a library."""
    return run("chroot", tree, "dpkg-query", "--search", f"*/{library}").stdout.split(":")[0]


def sound(tree: pathlib.Path) -> None:
    for option in ("--audit", "--verify"):
        said = in_tree(tree, "dpkg", option, *PACKAGES).stdout
        expect(not said, f"dpkg {option}: {said}")


def as_user(tree: pathlib.Path, *command: object, **options) -> subprocess.CompletedProcess:
    """Runs a command there as nobody. It has /proc, where Swift finds a program's arguments."""
    return in_tree(tree, "setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *command, **options)


@contextlib.contextmanager
def serving(tree: pathlib.Path, *command: object):
    """A command in a tree that has /proc, as nobody; that is gone with its mount at the end."""
    mounted = 'mount -t proc proc "$0/proc" && exec chroot --userspec=nobody:nogroup "$0" "$@"'
    with Process("unshare", "--mount", "sh", "-c", mounted, tree, *command) as process:
        yield process
        expect(process.stop() == 0, f"{command[0]} did not end in order:\n{process.transcript()}")


def served(tree: pathlib.Path) -> None:
    data = tree / "tmp/jobs"
    data.mkdir()
    os.chown(data, 65534, 65534)
    with serving(tree, "mltraining-local", "serve", "--listen", "127.0.0.1:0", "--data-dir", "/tmp/jobs") as local:
        upstream = local.wait_for_line("mltraining-local listening on ").rsplit(" ", 1)[1]
        admin = f"127.0.0.1:{free_port()}"
        with serving(tree, "mltraining-gateway", "serve", "--listen", "127.0.0.1:0", "--admin-listen", admin,
                     "--upstream", f"http://{upstream}") as gateway:
            address = gateway.wait_for_line("mltraining-gateway listening on ").rsplit(" ", 1)[1]
            status = pathlib.Path(f"/proc/{gateway.child.pid}/status").read_text()
            expect(re.search(r"^Uid:(\s+65534){4}$", status, re.MULTILINE), "it does not run as nobody")
            eventually("check --ready finds the gateway ready", lambda: ready(tree, admin))
            job = '{"organizationId":"org","datasetId":"set","modelName":"packed","modelVersion":"1",' \
                  '"modelType":"MODEL_TYPE_OBJECT_DETECTION","tags":["a"]}'
            submitted = run("curl", "-sS", "--fail-with-body", "--json", job, f"http://{address}/v1/jobs").stdout
            match = re.search(r'"id":"([^"]+)"', submitted)
            expect(match, f"submit: {submitted}")
            got = run("curl", "-sS", "--fail-with-body", f"http://{address}/v1/jobs/{match[1]}").stdout
            expect('"packed"' in got, f"get: {got}")
    expect(not ready(tree, admin), "check --ready finds a gateway ready that has stopped")


def ready(tree: pathlib.Path, admin: str) -> bool:
    return as_user(tree, "mltraining-gateway", "check", "--ready", "--admin-listen", admin, check=False).returncode == 0


def upgraded(tree: pathlib.Path) -> None:
    with checks("an edited configuration survives an upgrade whose own has changed too"):
        next_version("mltraining-gateway", work / "next", tree / "tmp/next.deb", added="# next\n")
        own = (tree / CONFIGURATION).read_text().replace("https://app.viam.com:443", "http://127.0.0.1:50051")
        (tree / CONFIGURATION).write_text(own)
        # As for someone who is not there to be asked; dpkg's own answer is to keep what is there.
        in_tree(tree, "dpkg", "--force-confdef", "--install", "/tmp/next.deb")
        expect((tree / CONFIGURATION).read_text() == own, "the edited configuration was overwritten")
        expect((tree / f"{CONFIGURATION}.dpkg-dist").read_text().endswith("# next\n"), "the new one is not beside it")
        version = in_tree(tree, "dpkg-query", "--show", "--showformat", "${Version}", "mltraining-gateway").stdout
        expect(version.endswith("+next"), f"version {version} is installed")


if __name__ == "__main__":
    sys.exit(main())
