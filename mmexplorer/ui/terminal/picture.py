"""What stands on the terminal, cell by cell, so that only cells that differ are written.

Textual writes whole lines: a scrolled table of similar rows differs in some digits only.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter

from rich.cells import get_character_cell_size
from rich.color import ColorSystem
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip

Cell = tuple[str, Style]
"""What stands in a cell: the character, "" in the second cell of a wide one; and how it is drawn."""

_NEAR = 12
"""Cells that read as before and are still written, since going past them would take as many bytes."""

_PLAIN = Style()


class Picture:
    """Told of everything that is written; what it doesn't know of is written again."""

    def __init__(self) -> None:
        self._lines: dict[int, dict[int, Cell]] = {}

    def forget(self) -> None:
        """Something was written past it."""
        self._lines.clear()

    def write(self, painted: Iterable[tuple[Region, Sequence[Strip]]], colors: ColorSystem) -> str:
        """Give what has to be written for these strips to stand in their regions."""
        written: list[str] = []
        for region, strips in painted:
            for y, strip in zip(region.line_range, strips, strict=True):
                self._write(region.x, y, cells(strip), colors, written)
        return "".join(written)

    def _write(self, x: int, y: int, line: Sequence[Cell], colors: ColorSystem, written: list[str]) -> None:
        """Note the cells from `x` on in line `y`, and add what changes them."""
        known = self._lines.setdefault(y, {})
        before = [known.get(at) for at in range(x, x + len(line))]
        for start, end in _runs(before, line):
            written.append(f"\x1b[{y + 1};{x + start + 1}H")
            for style, run in groupby(line[start:end], key=itemgetter(1)):
                written.append(Strip.render_style(style, "".join(character for character, _ in run), colors))
        known.update(enumerate(line, x))


def cells(strip: Strip) -> list[Cell]:
    """Give the cells that a strip fills."""
    filled: list[Cell] = []
    for text, style, _ in strip:
        drawn = style or _PLAIN
        if text.isascii():
            filled += [(character, drawn) for character in text]
        else:
            filled += _wide(text, drawn)
    return filled


def _wide(text: str, style: Style) -> list[Cell]:
    """Give the cells of characters that may fill two, or none."""
    filled: list[Cell] = []
    for character in text:
        width = get_character_cell_size(character)
        if width == 0 and filled:
            last = next(index for index in range(len(filled) - 1, -1, -1) if filled[index][0])
            filled[last] = (filled[last][0] + character, style)
        elif width:
            filled += [(character, style), *[("", style)] * (width - 1)]
    return filled


def _runs(before: Sequence[Cell | None], after: Sequence[Cell]) -> list[tuple[int, int]]:
    """Give the parts to be written, from and to; never half of a wide character."""
    runs: list[tuple[int, int]] = []
    for at, (old, new) in enumerate(zip(before, after, strict=True)):
        if old == new:
            continue
        start = at
        while start and not after[start][0]:
            start -= 1
        end = at + 1
        while end < len(after) and not after[end][0]:
            end += 1
        if runs and start - runs[-1][1] < _NEAR:
            runs[-1] = (runs[-1][0], max(end, runs[-1][1]))
        else:
            runs.append((start, end))
    return runs
