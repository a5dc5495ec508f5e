"""What a PromQL expression names, and whether the gateway exports it.

Not a parser of PromQL, whose syntax Prometheus itself checks: this finds the metrics of an expression with their
matchers, and the labels that it groups by. Aggregations are written `sum by (label) (...)`.
"""

import dataclasses
import re

TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|[A-Za-z_:][\w:]*|\d[\w.]*|\[[^]]*\]|[=!<>]=|[=!]~|\S')
NAME = re.compile(r"[A-Za-z_:][\w:]*")
# After these comes a list of labels.
LISTS = {"by", "without", "on", "ignoring", "group_left", "group_right"}
OPERATORS = {"or", "and", "unless", "bool", "offset"}
SAMPLE = re.compile(r"([A-Za-z_:][\w:]*)(?:\{(.*)\})? \S+")
LABEL = re.compile(r'(\w+)="((?:\\.|[^"\\])*)"')

# The labels of each metric, with their values; None where it may have any.
Exported = dict[str, dict[str, set[str] | None]]


@dataclasses.dataclass
class Names:
    """A metric, its matchers as label, operator and value, and the labels that what stands around it asks for."""

    metric: str
    matchers: list[tuple[str, str, str]]
    groupings: set[str]


def names(expression: str) -> list[Names]:
    """The metrics of an expression."""
    tokens = TOKEN.findall(expression)
    found: list[Names] = []
    # The labels of the aggregations that are open, one set for each parenthesis.
    open_groups: list[set[str]] = []
    group: set[str] = set()
    joined: set[str] = set()
    place = 0

    def until(close: str) -> list[str]:
        nonlocal place
        end = tokens.index(close, place)
        inside = tokens[place:end]
        place = end + 1
        return inside

    while place < len(tokens):
        token = tokens[place]
        place += 1
        following = tokens[place] if place < len(tokens) else ""
        if token in LISTS:
            place += 1
            labels = {label for label in until(")") if label != ","}
            if token == "by":
                group = labels
            elif token == "on":
                joined |= labels
        elif token == "(":
            open_groups.append(group)
            group = set()
        elif token == ")":
            open_groups.pop()
        elif NAME.fullmatch(token) and token not in OPERATORS and following not in ("(", "by"):
            matchers = []
            if following == "{":
                place += 1
                inside = until("}")
                matchers = [(label, operator, value[1:-1]) for label, operator, value in
                            zip(inside[0::4], inside[1::4], inside[2::4])]
            # Of nested aggregations only the innermost sees the metric's own labels.
            inner = next((labels for labels in reversed(open_groups) if labels), set())
            found.append(Names(token, matchers, inner))
    for each in found:
        each.groupings |= joined
    return found


def parse_metrics(text: str) -> Exported:
    """What a page in Prometheus' text format has."""
    exported: Exported = {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            name, kind = line.split()[2:]
            if kind != "histogram":
                exported.setdefault(name, {})
        elif sample := SAMPLE.fullmatch(line):
            labels = exported.setdefault(sample[1], {})
            for label, value in LABEL.findall(sample[2] or ""):
                labels.setdefault(label, set()).add(value)
    return exported


def merge(into: Exported, more: Exported) -> None:
    for name, labels in more.items():
        known = into.setdefault(name, {})
        for label, values in labels.items():
            known[label] = None if values is None else (known.get(label) or set()) | values


def result_labels(expression: str) -> set[str]:
    """The labels of a recording rule's series: those of its first aggregation, of which `le` goes into the quantile."""
    first = re.search(r"\bby \(([^)]*)\)", expression)
    return {label.strip() for label in first[1].split(",")} - {"le"} if first else set()


def faults(expression: str, exported: Exported, job: str) -> list[str]:
    """What the expression names and nothing exports; `job` is the one value of that label that is known."""
    wrong = []
    for each in names(expression):
        if each.metric not in exported:
            wrong.append(f"there is no metric {each.metric}")
            continue
        labels = {**exported[each.metric], "job": {job}, "instance": None}
        for label in sorted(each.groupings - labels.keys()):
            wrong.append(f"{each.metric} has no label {label}")
        for label, operator, value in each.matchers:
            if label not in labels:
                wrong.append(f"{each.metric} has no label {label}")
                continue
            values = labels[label]
            if values is None:
                continue
            for part in value.split("|") if operator.endswith("~") else [re.escape(value)]:
                if not any(re.fullmatch(part, known) for known in values):
                    wrong.append(f'{each.metric} has no {label}="{part}", only {", ".join(sorted(values))}')
    return wrong
