"""Medians, spreads and ratios, and how they are printed."""

from collections.abc import Callable, Mapping, Sequence
from statistics import median

Measure = Callable[[], float]


def interleaved(measures: Mapping[str, Measure], rounds: int) -> dict[str, list[float]]:
    """Return `rounds` figures of each, taken in turns (A B C A B C ...), so that a slow moment affects all alike."""
    figures: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            figures[name].append(measure())
    return figures


def ratios(ours: Sequence[float], its: Sequence[float]) -> list[float]:
    """Return the ratio of each round."""
    return [mine / other for mine, other in zip(ours, its, strict=True)]


def table(figures: Mapping[str, Sequence[float]], unit: str, scale: float) -> str:
    """Return a line for each: median, minimum, maximum, and the median ratio of the first to it, round by round."""
    ours = next(iter(figures.values()))
    lines = [f"  {'':34}{'median':>9}{'min':>9}{'max':>9}   first/this"]
    for name, taken in figures.items():
        shown = "".join(f"{scale * value:9.1f}" for value in (median(taken), min(taken), max(taken)))
        ratio = median(ratios(ours, taken)) if all(taken) else float("nan")
        lines.append(f"  {name:34}{shown}{ratio:10.2f}   {unit}")
    return "\n".join(lines)
