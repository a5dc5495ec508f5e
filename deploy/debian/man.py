#!/usr/bin/env python3
"""Writes a manual page for a command and each of its subcommands, made from the command's own help.

usage: man.py EXECUTABLE DIRECTORY VERSION

The pages are gzipped as Debian wants them (policy, section 12.1), without a time, so that builds repeat.
"""

import gzip
import json
import pathlib
import re
import subprocess
import sys


# ASCII that roff prints as typographic relatives, which cannot be copied to a shell.
ASCII = str.maketrans({"\\": "\\e", "-": "\\-", "^": "\\(ha", "~": "\\(ti", "`": "\\(ga", "'": "\\(aq"})


def roff(text):
    """Text with what roff would take for its own."""
    text = text.translate(ASCII)
    return re.sub(r"^\.", r"\\&.", text, flags=re.MULTILINE)


def paragraphs(text):
    return "\n.PP\n".join(roff(" ".join(part.split())) for part in re.split(r"\n\s*\n", text) if part.strip())


def spelled(name):
    return ("-" if name["kind"] == "short" else "--") + name["name"]


def option(argument, inverses):
    """One entry of a list: the names, what follows them, what they mean."""
    names = argument.get("names") or []
    names = names + [inverses[name["name"]] for name in names if name["name"] in inverses]
    value = argument.get("valueName", "")
    head = ", ".join(f"\\fB{roff(spelled(name))}\\fR" for name in names) or f"\\fI{roff(value)}\\fR"
    if names and argument["kind"] == "option":
        head += f" \\fI{roff(value)}\\fR"
    text = paragraphs(argument.get("abstract", ""))
    if argument.get("discussion"):
        text += "\n.IP\n" + roff(" ".join(argument["discussion"].split()))
    if argument.get("defaultValue"):
        text += "\n.IP\nDefault: " + roff(argument["defaultValue"])
    return f".TP\n{head}\n{text}\n"


def page(names, command, version):
    """The page of the command that is called by `names`."""
    title = "-".join(names)
    shown = [argument for argument in command.get("arguments", []) if argument.get("shouldDisplay", True)]
    subcommands = [sub for sub in command.get("subcommands", []) if sub.get("shouldDisplay", True)]
    subcommands = [sub for sub in subcommands if sub["commandName"] != "help"]
    text = f'.TH {roff(title).upper()} 1 "" "{roff(names[0])} {version}" "User Commands"\n'
    text += f".SH NAME\n{roff(title)} \\- {roff(command.get('abstract', title).rstrip('.'))}\n"
    text += f".SH SYNOPSIS\n.B {roff(' '.join(names))}\n"
    text += "[\\fIcommand\\fR] [\\fIoption\\fR ...]\n" if subcommands else "[\\fIoption\\fR ...]\n"
    if command.get("discussion"):
        text += f".SH DESCRIPTION\n{paragraphs(command['discussion'])}\n"
    if subcommands:
        text += ".SH COMMANDS\n"
        for sub in subcommands:
            text += f".TP\n\\fB{roff(sub['commandName'])}\\fR\n{roff(sub.get('abstract', ''))}\n"
    if shown:
        text += ".SH OPTIONS\n" + sections(shown)
    if "serve" in names:
        text += ".SH EXIT STATUS\n0 after an orderly stop, 1 where it failed, 64 where it was called wrongly.\n"
    others = [f"\\fB{roff('-'.join(names + [sub['commandName']]))}\\fR(1)" for sub in subcommands]
    others += [f"\\fB{roff(names[0])}\\fR(1)"] if len(names) > 1 else []
    if others:
        text += ".SH SEE ALSO\n" + ",\n".join(others) + "\n"
    return text, subcommands


def sections(arguments):
    """The options under the titles that the help has, those without one first. A flag and its --no- are one."""
    given = {name["name"] for argument in arguments for name in argument.get("names") or []}
    inverses = {name["name"].removeprefix("no-"): name for argument in arguments for name in argument.get("names") or []
                if name["name"].startswith("no-") and name["name"].removeprefix("no-") in given}
    hidden = {name["name"] for name in inverses.values()}
    titles = {None: []}
    for argument in arguments:
        if not any(name["name"] in hidden for name in argument.get("names") or []):
            titles.setdefault(argument.get("sectionTitle"), []).append(argument)
    return "".join(
        (f".SS {roff(title)}\n" if title else "") + "".join(option(argument, inverses) for argument in entries)
        for title, entries in titles.items())


def write(names, command, directory, version):
    text, subcommands = page(names, command, version)
    path = directory / ("-".join(names) + ".1.gz")
    with open(path, "wb") as file, gzip.GzipFile(fileobj=file, filename="", mode="wb", mtime=0) as packed:
        packed.write(text.encode())
    for sub in subcommands:
        write(names + [sub["commandName"]], sub, directory, version)


def main():
    executable, directory, version = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
    help_text = subprocess.run([executable, "--experimental-dump-help"], check=True, capture_output=True).stdout
    directory.mkdir(parents=True, exist_ok=True)
    write([pathlib.Path(executable).name], json.loads(help_text)["command"], directory, version)


main()
