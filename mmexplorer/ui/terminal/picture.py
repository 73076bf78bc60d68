"""What stands on the terminal, cell by cell, so that only cells that differ are written.

Textual writes whole lines, and the colours again for each piece of one: a scrolled table of similar rows differs in
some digits only.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import compress, repeat
from operator import ne
from typing import NamedTuple

from rich.cells import get_character_cell_size
from rich.color import ColorSystem
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip

Ink = str
"""How a cell is drawn: the parameters of SGR (`console_codes(4)`), "" for the terminal's own way."""

Cell = tuple[str, Ink]
"""What stands in a cell: the character, "" in the second cell of a wide one; and how it is drawn."""

_NEAR = 4
"""Cells that read as before and are still written, since going past them would take as many bytes."""
_STRIPS = 2_048
"""Strips whose cells are remembered: a table that is scrolled shows the same ones on other lines."""

_PLAIN = Style()
_SEEN_ON_BLANKS = ("underline", "reverse", "strike", "underline2", "frame", "encircle", "overline")


class _Piece(NamedTuple):
    """Characters that are drawn alike, from one cell of a line on."""

    ink: Ink
    y: int
    x: int
    text: str


class Picture:
    """Told of everything that is written; what it doesn't know of is written again."""

    def __init__(self) -> None:
        self._lines: dict[int, list[Cell | None]] = {}
        self._palette: _Palette | None = None
        self._cells: dict[int, tuple[Strip, Sequence[Cell]]] = {}
        """By the identity of the strip."""

    def forget(self) -> None:
        """Something was written past it."""
        self._lines.clear()

    def write(
        self, painted: Iterable[tuple[Region, Sequence[Strip]]], colors: ColorSystem, *, in_order: bool = False
    ) -> str:
        """Give what has to be written for these strips to stand in their regions.

        Piece by piece where it stands, if `in_order`; else what is drawn alike at once, which takes fewer bytes.
        """
        if self._palette is None or self._palette.colors is not colors:
            self._palette = _Palette(colors)
            self._cells.clear()
        palette = self._palette
        pieces = [
            piece
            for region, strips in painted
            for y, strip in zip(region.line_range, strips, strict=True)
            for piece in self._take(region.x, y, self._cells_of(strip, palette), palette)
        ]
        if not in_order:
            order = {ink: place for place, ink in enumerate(dict.fromkeys(piece.ink for piece in pieces))}
            pieces.sort(key=lambda piece: order[piece.ink])
        return _written(pieces, palette)

    def _cells_of(self, strip: Strip, palette: "_Palette") -> Sequence[Cell]:
        known = self._cells.get(id(strip))
        if known is not None:
            return known[1]
        if len(self._cells) >= _STRIPS:
            self._cells.clear()
        filled = cells(strip, palette)
        self._cells[id(strip)] = strip, filled  # with the strip, so that no other gets its identity
        return filled

    def _take(self, x: int, y: int, line: Sequence[Cell], palette: "_Palette") -> Iterator[_Piece]:
        """Note the cells from `x` on in line `y`, and give what changes them."""
        known = self._lines.setdefault(y, [])
        end = x + len(line)
        known += repeat(None, end - len(known))
        before = known[x:end]
        if before != line:
            known[x:end] = line
            for start, stop in _runs(before, line):
                yield from _pieces(line[start:stop], x + start, y, palette)


class _Palette:
    """Knows the inks of styles, in the colours that a terminal has."""

    def __init__(self, colors: ColorSystem) -> None:
        self.colors = colors
        self._inks: dict[Style, tuple[Ink, Ink]] = {}
        self.of_blanks: dict[Ink, Ink] = {}
        """How blanks look that are drawn with an ink: nothing but the background is seen of them, as a rule."""

    def inks(self, style: Style) -> tuple[Ink, Ink]:
        """Give the ink of a style, and that of its blanks. No style here is a link (OSC 8)."""
        known = self._inks.get(style)
        if known is None:
            ink = self._ink(style)
            plain = not any(getattr(style, name) for name in _SEEN_ON_BLANKS)
            known = self._inks[style] = ink, self._ink(Style(bgcolor=style.bgcolor)) if plain else ink
            self.of_blanks[ink] = known[1]
        return known

    def _ink(self, style: Style) -> Ink:
        return Strip.render_ansi(style, self.colors)


def cells(strip: Strip, palette: _Palette) -> list[Cell]:
    """Give the cells that a strip fills."""
    filled: list[Cell] = []
    for text, style, _ in strip:
        ink, blank = palette.inks(style or _PLAIN)
        if not text.isascii():
            filled += _wide(text, ink, blank)
        elif ink == blank or " " not in text:
            filled += zip(text, repeat(ink))
        else:
            filled += [(character, blank if character == " " else ink) for character in text]
    return filled


def _wide(text: str, ink: Ink, blank: Ink) -> list[Cell]:
    """Give the cells of characters that may fill two, or none."""
    filled: list[Cell] = []
    for character in text:
        width = get_character_cell_size(character)
        if width == 0 and filled:
            last = next(index for index in range(len(filled) - 1, -1, -1) if filled[index][0])
            filled[last] = (filled[last][0] + character, ink)
        elif width:
            filled += [(character, blank if character == " " else ink), *[("", ink)] * (width - 1)]
    return filled


def _runs(before: Sequence[Cell | None], after: Sequence[Cell]) -> list[tuple[int, int]]:
    """Give the parts to be written, from and to; never half of a wide character."""
    runs: list[tuple[int, int]] = []
    for at in compress(range(len(after)), map(ne, before, after)):
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


def _pieces(run: Sequence[Cell], x: int, y: int, palette: _Palette) -> Iterator[_Piece]:
    """Divide neighbouring cells by how they are drawn; a blank goes with the piece before where it looks alike."""
    start = 0
    ink = run[0][1]
    for at, (character, own) in enumerate(run):
        if own != ink and not (character == " " and palette.of_blanks.get(ink) == own):
            yield _Piece(ink, y, x + start, "".join(character for character, _ in run[start:at]))
            start, ink = at, own
    yield _Piece(ink, y, x + start, "".join(character for character, _ in run[start:]))


def _written(pieces: Iterable[_Piece], palette: _Palette) -> str:
    """Give the control sequences: going to a place and choosing an ink only where the piece before left another."""
    written: list[str] = []
    ink, place = "", (-1, -1)
    for piece in pieces:
        if (piece.y, piece.x) != place:
            written.append(f"\x1b[{piece.y + 1};{piece.x + 1}H")
        if piece.ink != ink and not (palette.of_blanks.get(ink) == piece.ink and piece.text.isspace()):
            ink = piece.ink
            written.append(f"\x1b[0;{ink}m" if ink else "\x1b[0m")
        written.append(piece.text)
        # Where the cursor stands after a character that fills two cells is not for us to say: go there again.
        place = (piece.y, piece.x + len(piece.text)) if piece.text.isascii() else (-1, -1)
    if ink:
        written.append("\x1b[0m")
    return "".join(written)
