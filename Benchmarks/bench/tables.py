"""Medians, spreads and tables in markdown."""

import statistics
from collections.abc import Sequence


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def short(value: float) -> str:
    """Three digits of a figure, or all before the point."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def spread(values: Sequence[float]) -> str:
    """The median, and the least and the most."""
    return f"{short(median(values))} ({short(min(values))} to {short(max(values))})"


def ratio(over: Sequence[float], under: Sequence[float]) -> float:
    """The median of the rounds' own ratios, which what disturbs whole rounds does not change."""
    return median([one / other for one, other in zip(over, under)])


def mebibytes(count: float) -> str:
    return f"{count / 2**20:.1f}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> list[str]:
    """A table in markdown, the first `left` columns of words, the others of figures."""
    marks = ["---"] * left + ["--:"] * (len(head) - left)
    return ["| " + " | ".join(cells) + " |" for cells in [head, marks, *rows]]
