#!/usr/bin/env python3
"""usage: check-docs.py GATEWAY

Fails if the README or a guide says what is not so: a link or anchor that leads nowhere, an option, a `make` target or a metric
that there is none of. The other way round, every reason for errors and every metric that the gateway has must be in the
guides. The commands of the pages in SESSIONS are run, and must print what the page says.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "Benchmarks/README.md", *sorted(ROOT.glob("docs/**/*.md"))]
# Options of other programs that the pages show, by what uses them.
FOREIGN_OPTIONS = {
    "curl": "json cacert compressed unix-socket",
    "grpc_tools.protoc": "descriptor_set_in descriptor_set_out experimental_allow_proto3_optional include_imports "
    "include_source_info",
    "Envoy": "concurrency",
    "mltraining-local": "api-keys",
    "the benchmarks": "answer tls-cert tls-key upstream-ca",
    "docker": "build wait",
    "h2load": "h1 rps",
    "kubectl": "from-file",
    "swift test": "filter",
    "valgrind": "tool",
}
# What is written like a reason in Sources/Gateway and is none: states and variables.
NO_REASONS = {"TRANSIENT_FAILURE", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}
# Pages whose `console` blocks are one session of a shell. What needs a server, or more than the checkout, is left out.
SESSIONS = ["docs/own-protos.md", "docs/configuration.md"]
NOT_RUN = re.compile(r"curl|python3 -m venv|\S*pip |mltraining-gateway serve")

problems = []


def report(page, line, what):
    problems.append(f"{page.relative_to(ROOT)}:{line}: {what}")


def is_code(text):
    """For each line, whether it is within a fenced block."""
    inside = False
    for line in text.splitlines():
        is_fence = line.lstrip().startswith("```")
        yield inside or is_fence
        inside ^= is_fence


def anchors(page):
    """The anchors of a page's headings, as GitHub makes them."""
    found, text = set(), page.read_text()
    for line, code in zip(text.splitlines(), is_code(text)):
        if not code and (heading := re.match(r"#+ (.*)", line)):
            plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading[1]).lower()
            anchor = re.sub(r"[^\w -]", "", plain).replace(" ", "-")
            while anchor in found:
                anchor += "-1"
            found.add(anchor)
    return found


def check_links(page):
    text = page.read_text()
    for number, (line, code) in enumerate(zip(text.splitlines(), is_code(text)), 1):
        if code:
            continue
        plain = re.sub(r"`[^`]*`", "", line)
        for target in re.findall(r"\]\(([^) ]+)\)", plain) + re.findall(r'(?:src|href|srcset)="([^"]+)"', plain):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            file = (page.parent / path).resolve() if path else page
            if not file.exists():
                report(page, number, f"there is no {target}")
            elif anchor and file.suffix == ".md" and anchor not in anchors(file):
                report(page, number, f"{file.name} has no heading for #{anchor}")


def options(command):
    """All options of a command and its subcommands, without their hyphens."""
    for argument in command.get("arguments", []):
        yield from (name["name"] for name in argument.get("names", []) if name["kind"] == "long")
    for subcommand in command.get("subcommands", []):
        yield from options(subcommand)


def check_options(page, known):
    for number, line in enumerate(page.read_text().splitlines(), 1):
        for option in re.findall(r"(?<![\w<-])--([a-z][a-z0-9_-]*[a-z0-9])", line):
            if option not in known:
                report(page, number, f"there is no option --{option}")


def check_targets(page, known):
    for number, line in enumerate(page.read_text().splitlines(), 1):
        for target in re.findall(r"(?:`|^\$? ?)make ([a-z][a-z-]*)", line):
            if target not in known:
                report(page, number, f"there is no target {target} for make")


def check_reasons():
    """Reasons in Sources/Gateway against those of the tables in docs/errors.md."""
    said = set()
    for file in ROOT.glob("Sources/Gateway/**/*.swift"):
        said |= set(re.findall(r'"([A-Z]+(?:_[A-Z]+)+)"', file.read_text()))
    page = ROOT / "docs/errors.md"
    text = page.read_text()
    for reason in sorted(said - NO_REASONS):
        if f"`{reason}`" not in text:
            report(page, 1, f"the reason {reason} is missing; if it is none, add it to NO_REASONS in {pathlib.Path(__file__).name}")
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(r"\| [\d, ]+ \|", line):
            for reason in re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", line.split("|")[2]):
                if reason not in said:
                    report(page, number, f"the gateway has no reason {reason}")


def check_metrics(gateway):
    """The metrics of a gateway that runs against the table in docs/operations.md and all that pages name in full."""
    command = [gateway, "serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--upstream", "http://127.0.0.1:9"]
    # With an access log there is a metric more.
    command += ["--access-log", "json", "--access-log-file", "/dev/null"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        address = None
        for line in process.stdout:
            if found := re.search(r"admin.* (127\.0\.0\.1:\d+)", line):
                address = found[1]
                break
        if not address:
            sys.exit(f"the gateway did not tell its admin listener's address: {process.stderr.read()}")
        with urllib.request.urlopen(f"http://{address}/metrics") as answer:
            served = set(re.findall(r"^# TYPE (\S+)", answer.read().decode(), re.MULTILINE))
    finally:
        process.terminate()
        process.wait()

    prefix = "mltraining_gateway_"
    operations = ROOT / "docs/operations.md"
    told = set()
    in_table = False
    for number, line in enumerate(operations.read_text().splitlines(), 1):
        in_table = line.startswith("| Metric |") or in_table and line.startswith("|")
        if in_table:
            for name in re.findall(r"`([a-z_]+)`", line.split("|")[1]):
                told.add(prefix + name)
                if prefix + name not in served:
                    report(operations, number, f"there is no metric {prefix}{name}")
    for name in sorted(served - told):
        if name.startswith(prefix):
            report(operations, 1, f"the metric {name} is missing")
    for page in PAGES:
        for number, line in enumerate(page.read_text().splitlines(), 1):
            for name in re.findall(rf"\b(?:{prefix}[a-z_]+[a-z]|process_[a-z_]+_(?:total|bytes|fds|seconds))\b", line):
                if name not in served and re.sub("_(bucket|sum|count)$", "", name) not in served:
                    report(page, number, f"there is no metric {name}")


def console_commands(text):
    """The commands of a page's `console` blocks: line, command, what it prints."""
    commands = []
    is_console = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            is_console = line == "```console"
            continue
        if not is_console:
            continue
        if line.startswith("$ "):
            commands.append([number, line[2:], ""])
        elif commands[-1][1].endswith(("|", "\\")) and not commands[-1][2]:
            commands[-1][1] += "\n" + line
        else:
            commands[-1][2] += line + "\n"
    return commands


def check_session(page, gateway):
    """Runs a page's commands; `cat FILE` is taken to make the file."""
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        (place / "bin").mkdir()
        (place / "bin/mltraining-gateway").symlink_to(pathlib.Path(gateway).resolve())
        # What a reader has as `protoc` and as the checkout.
        (place / "protoc").symlink_to(ROOT / ".venv-protos")
        (place / "mltraining-gateway").symlink_to(ROOT)
        script, ran = ["PATH=$PWD/bin:$PATH"], []
        for number, command, printed in console_commands(page.read_text()):
            if file := re.fullmatch(r"cat (\S+)", command):
                script.append(f"cat >{file[1]} <<'END OF FILE'\n{printed}END OF FILE")
            elif not NOT_RUN.match(command):
                script.append(f"{{ {command}\n}} >out.{number} 2>err.{number}")
                ran.append((number, command, printed))
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MLTRAINING_GATEWAY_")}
        subprocess.run(["bash", "-c", "\n".join(script)], cwd=place, env=environment, check=False)
        for number, command, printed in ran:
            found = "".join((place / f"{stream}.{number}").read_text() for stream in ("out", "err"))
            if found != printed:
                report(page, number, f"{command}\n  prints\n{found}  and not\n{printed}")
    return len(ran)


def main():
    gateway = sys.argv[1]
    help_text = subprocess.run([gateway, "--experimental-dump-help"], check=True, capture_output=True, text=True).stdout
    known = set(options(json.loads(help_text)["command"])) | set(" ".join(FOREIGN_OPTIONS.values()).split())
    known |= {"help", "version", "generate-completion-script", "experimental-dump-help"}
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in PAGES:
        check_links(page)
        check_options(page, known)
        check_targets(page, targets)
    check_reasons()
    check_metrics(gateway)
    commands = sum(check_session(ROOT / page, gateway) for page in SESSIONS)
    if problems:
        sys.exit("\n".join(problems))
    print(f"{len(PAGES)} pages say what is so: links, options, targets, reasons, metrics, and {commands} commands")


main()
