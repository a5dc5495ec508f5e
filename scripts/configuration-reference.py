#!/usr/bin/env python3
"""Writes the reference in docs/configuration.md from what the gateway itself says of its options.

    configuration-reference.py GATEWAY [--check]

Names, meanings, values and defaults come from `serve --experimental-dump-help`; which options are numbers, and from where
to where, from what `check` has against a file of wrong values; what a reload cannot change from the two lists in
ServeOptions.swift that `serve` itself goes by. With --check nothing is written, and a difference is an error.
"""

import difflib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/configuration.md"
SOURCE = ROOT / "Sources/MLTrainingGateway/ServeOptions.swift"
BEGIN = "<!-- What follows is made by `make configuration-reference`. -->\n"
END = "<!-- End of what is made. -->\n"
# The options that belong to no group of their own.
GENERAL = "General"


def run(*command):
    """The command's outcome, whatever settings the environment has."""
    ours = ("MLTRAINING_GATEWAY_", "VIAM_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(command, capture_output=True, text=True, env=environment)


def help_of(gateway):
    """The arguments of `serve`: dictionaries as swift-argument-parser makes them."""
    return json.loads(run(gateway, "serve", "--experimental-dump-help").stdout)["command"]["arguments"]


def complaints(gateway, settings):
    """What `check` says of a file with these settings, as pairs of an option's name and a message."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write("".join(f"{name}: {value}\n" for name, value in settings.items()))
        file.flush()
        text = run(gateway, "check", "--config", file.name).stderr
    return re.findall(r"--([a-z0-9-]+) (must be .*)", text)


def effective_defaults(gateway):
    """The defaults as `check` prints them: numbers without a needless fraction."""
    return dict(re.findall(r"^([a-z0-9-]+): +(.*?) +# default$", run(gateway, "check").stdout, re.MULTILINE))


def swift_list(name):
    """The strings of an array literal in ServeOptions.swift."""
    literal = re.search(rf"static let {name} = \[(.*?)\]", SOURCE.read_text(), re.DOTALL)
    if not literal:
        sys.exit(f"{SOURCE}: there is no list {name}")
    return re.findall(r'"([a-z0-9-]+)"', literal[1])


class Option:
    """One option, from its entry in the help."""

    def __init__(self, entry):
        self.entry = entry
        self.name = entry["preferredName"]["name"]
        self.group = entry.get("sectionTitle", GENERAL)
        self.is_flag = entry["kind"] == "flag"
        self.is_list = entry["isRepeating"]
        self.meaning = " ".join(filter(None, [entry.get("abstract"), entry.get("discussion")]))
        # A default that is no value of the option is in its help text.
        self.told_default = None
        if told := re.search(r" \(default: (.*)\)", self.meaning):
            self.told_default = told[1]
            self.meaning = self.meaning.replace(told[0], "")

    @property
    def variable(self):
        return "MLTRAINING_GATEWAY_" + self.name.upper().replace("-", "_")

    def value(self, numbers, ranges):
        if self.is_flag:
            return "true or false"
        if choices := self.entry.get("allValues"):
            return ", ".join(f"`{choice}`" for choice in choices)
        text = self.entry["valueName"]
        if self.name in numbers:
            text += ", " + ranges[self.name]
            if numbers[self.name]:
                text += ", whole"
        if self.is_list:
            text += "; several"
        return text

    def default(self, defaults):
        if self.told_default:
            return self.told_default
        value = defaults.get(self.name, "")
        if value in ("", "[]", '""'):
            return "none"
        return f"`{value.removeprefix('[').removesuffix(']')}`"


def cell(text):
    """Text for a cell of a table; options, paths and addresses in it become code."""
    text = text.replace("|", "\\|").replace("<", "&lt;")
    text = re.sub(r"(?<!\S)(--[a-z][a-z-]+\w|https?://[^\s,;]+[\w\]]|/[\w./-]+\w|\*)", r"`\1`", text)
    return text.replace("-*", "-\\*")


def reference(gateway):
    options = [Option(entry) for entry in help_of(gateway) if entry["shouldDisplay"]]
    options = [option for option in options if not option.name.startswith("no-")]
    options = [option for option in options if option.name not in ("version", "help")]
    defaults = effective_defaults(gateway)
    names = [option.name for option in options if not option.is_flag and not option.is_list]
    # True for whole numbers.
    numbers = {
        name: "whole" in message
        for name, message in complaints(gateway, {name: "x" for name in names if name != "config"})
        if "number" in message
    }
    ranges = {
        name: found[1].replace("from ", "")
        for name, message in complaints(gateway, {name: -1 for name in numbers})
        if (found := re.fullmatch(r"must be (from \S+ to \S+)", message))
    }
    if missing := numbers.keys() - ranges.keys():
        sys.exit(f"`check` tells no range of {', '.join(sorted(missing))}")
    fixed, presence = swift_list("fixedSettings"), swift_list("fixedPresence")
    if unknown := set(fixed + presence) - {option.name for option in options}:
        sys.exit(f"{SOURCE} names {', '.join(sorted(unknown))}, which are no options")

    def reload(option):
        if option.name in fixed or option.name == "config":
            return "no"
        return "to another" if option.name in presence else "yes"

    lines = []
    for group in dict.fromkeys(option.group for option in options):
        lines += [f"### {group}", "", "| Option, variable | Value | Default | Reload | |", "|---|---|---|---|---|"]
        for option in options:
            if option.group == group:
                columns = [
                    f"`--{option.name}`<br>`{option.variable}`",
                    cell(option.value(numbers, ranges)),
                    cell(option.default(defaults)),
                    reload(option),
                    cell(option.meaning),
                ]
                lines.append("| " + " | ".join(columns) + " |")
        lines.append("")
    return "\n".join(lines)


def main():
    gateway = sys.argv[1]
    page = PAGE.read_text()
    before, rest = page.split(BEGIN)
    made = before + BEGIN + "\n" + reference(gateway) + "\n" + END + rest.split(END)[1]
    if "--check" not in sys.argv[2:]:
        PAGE.write_text(made)
    elif made != page:
        sys.stderr.writelines(difflib.unified_diff(page.splitlines(True), made.splitlines(True), str(PAGE), "the options"))
        sys.exit(f"{PAGE} is not what the options are; run `make configuration-reference`")
    else:
        print(f"{PAGE.relative_to(ROOT)} has every option as it is")


main()
