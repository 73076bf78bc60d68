"""What is said while measuring, and the table of all bounds at the end."""

import sys
from collections.abc import Mapping, Sequence
from statistics import median
from typing import NamedTuple

from tests.bench.figures import Measure, interleaved, ratios, table
from tests.bench.programs import missing

_LARGE = 100
"""From here on without decimals."""


class _Verdict(NamedTuple):
    what: str
    beside: str
    values: Sequence[float]
    bound: float
    unit: str

    def line(self) -> str:
        middle, low, high = map(_short, (median(self.values), min(self.values), max(self.values)))
        spread = f" ({low} to {high})" if low != high else ""
        verdict = "met" if median(self.values) <= self.bound else "**missed**"
        return f"| {self.what} | {self.beside} | {middle}{self.unit}{spread} | {self.bound:g}{self.unit} | {verdict} |"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= _LARGE else f"{value:.2g}" if value < 1 else f"{value:.3g}"


class Report:
    """Prints figures as they are taken, and keeps what was measured against each bound."""

    def __init__(self) -> None:
        self._verdicts: list[_Verdict] = []

    def say(self, line: str) -> None:
        """Print `line` at once."""
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    def show(self, title: str, measures: Mapping[str, Measure], rounds: int) -> dict[str, list[float]]:
        """Take all measures, which are in seconds, in turns and print them; return the figures."""
        interleaved(measures, 1)  # unmeasured: fills the page cache and writes missing byte code
        return self.take(title, measures, rounds)

    def take(
        self, title: str, measures: Mapping[str, Measure], rounds: int, unit: str = "ms", scale: float = 1000
    ) -> dict[str, list[float]]:
        """Do the same without a first round."""
        figures = interleaved(measures, rounds)
        self.print(title, figures, unit, scale)
        return figures

    def print(self, title: str, figures: Mapping[str, Sequence[float]], unit: str = "ms", scale: float = 1000) -> None:
        """Print figures, and the ratios of the first to the others."""
        rounds = len(next(iter(figures.values())))
        self.say(f"\n{title}, {rounds} rounds")
        self.say(table(figures, unit, scale))

    def without_missing(
        self, measures: Mapping[str, Measure], needs: Mapping[str, Sequence[str]]
    ) -> dict[str, Measure]:
        """Leave out the measures whose program isn't installed, and say so; `needs` has their command lines."""
        absent = [name for name, argv in needs.items() if missing(argv)]
        for name in absent:
            self.say(f"  {name}: not installed")
        return {name: measure for name, measure in measures.items() if name not in absent}

    def bound(self, what: str, values: Sequence[float], bound: float, unit: str = "", *, beside: str = "") -> None:
        """Compare the median of `values` with its upper bound; keep both for the table."""
        self._verdicts.append(_Verdict(what, beside, values, bound, unit))

    def bound_ratio(
        self, what: str, figures: Mapping[str, Sequence[float]], ours: str, beside: str, bound: float
    ) -> None:
        """Compare the ratio of two programs, round by round, with its bound; not if one of them wasn't measured."""
        if ours in figures and beside in figures:
            self.bound(what, ratios(figures[ours], figures[beside]), bound, beside=beside)

    def summary(self) -> None:
        """Print every bound that was measured, as a table in Markdown."""
        self.say("\n| what | beside | measured | bound | |\n|---|---|---|---|---|")
        for verdict in self._verdicts:
            self.say(verdict.line())
