"""Amounts of the machine's memory as all panes of the screen show them, so that the same one reads the same in each."""

from collections.abc import Sequence

from mmexplorer.model.amount import scaled
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.text.format import size

_FROM = "GTPE"
_UNITS = ("B", "K", "M", "G", "T", "P", "E")


def fine_size(count: int) -> str:
    """Format bytes with two decimals from 1 G on, where a rounded figure would hide what changes: 13.68G, 276M."""
    unit = scaled(count)[1]
    return f"{count / 1024 ** _UNITS.index(unit):.2f}{unit}" if unit and unit in _FROM else size(count)


def fine_text(count: int | Unavailable) -> str:
    """Format the same inside a sentence, or return a dash."""
    return "—" if isinstance(count, Unavailable) else fine_size(count)


def in_one_unit(counts: Sequence[int]) -> list[str]:
    """Format the terms of a sum in the unit of the largest, so that they can be added by eye: 20.40G, 0.12G."""
    largest = max(map(abs, counts), default=0)
    power = min(max(0, (largest.bit_length() - 1) // 10), len(_UNITS) - 1)
    decimals = 2 if power else 0
    return [f"{count / 1024**power:.{decimals}f}{_UNITS[power]}" for count in counts]
