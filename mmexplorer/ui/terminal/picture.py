"""The contents of the terminal, cell by cell, so that only cells that differ are written.

Textual writes whole lines and repeats the colours for each segment, but in a table of similar rows, scrolling changes
only a few digits.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, compress, repeat
from operator import is_not, itemgetter

from rich.cells import get_character_cell_size
from rich.color import ColorSystem
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip

from mmexplorer.model.value import NamedTuple

Ink = str
"""How a cell is drawn: SGR parameters (`console_codes(4)`); "" for the terminal's default."""

Cell = tuple[str, Ink]
"""A cell's character, "" in the second cell of a wide one, and its ink."""

_NEAR = 4
"""Unchanged cells that are written anyway, since skipping them would take as many bytes."""
_STRIPS = 256
"""Strips whose cells are cached, those used last: a table that scrolls shows the same ones on other lines."""
_STYLES = 1 << 10
"""Styles whose inks are cached."""
_SHARED = 1 << 14
"""Different cells that are shared between strips."""

_CHARACTER = itemgetter(0)
_PLAIN = Style()
_SEEN_ON_BLANKS = ("underline", "reverse", "strike", "underline2", "frame", "encircle", "overline")


class _Piece(NamedTuple):
    """Characters with the same ink, starting at one cell of a line."""

    ink: Ink
    y: int
    x: int
    text: str


class Picture:
    """Records everything written; cells it doesn't know are written again."""

    def __init__(self) -> None:
        self._lines: dict[int, list[Cell | None]] = {}
        self._palette: _Palette | None = None
        self._cells: dict[int, tuple[Strip, Sequence[Cell]]] = {}
        """By the identity of the strip, the last used at the end."""

    def forget(self) -> None:
        """Forget the contents, because something else wrote to the terminal."""
        self._lines.clear()

    def write(
        self, painted: Iterable[tuple[Region, Sequence[Strip]]], colors: ColorSystem, *, in_order: bool = False
    ) -> str:
        """Return the text that draws these strips in their regions.

        If `in_order`, from top to bottom; else sorted by ink, which takes fewer bytes.
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
        return _written(pieces if in_order else _by_ink(pieces), palette)

    def _cells_of(self, strip: Strip, palette: "_Palette") -> Sequence[Cell]:
        known = self._cells.pop(id(strip), None)
        if known is None:
            if len(self._cells) >= _STRIPS:
                del self._cells[next(iter(self._cells))]
            palette.bound()
            known = strip, cells(strip, palette)  # keeps the strip alive, so that its id isn't reused
        self._cells[id(strip)] = known
        return known[1]

    def _take(self, x: int, y: int, line: Sequence[Cell], palette: "_Palette") -> Iterator[_Piece]:
        """Record the cells of line `y` from `x` on, and yield the pieces that change."""
        known = self._lines.setdefault(y, [])
        end = x + len(line)
        known += repeat(None, end - len(known))
        before = known[x:end]
        if before != line:
            known[x:end] = line
            for start, stop in _runs(before, line):
                yield from _pieces(line[start:stop], x + start, y, palette)


class _Inked(dict[str, Cell]):
    """The cells of one ink by their characters. They are shared: a screen has thousands, but few that differ."""

    def __init__(self, ink: Ink) -> None:
        super().__init__()
        self._ink = ink

    def __missing__(self, character: str) -> Cell:
        cell = self[character] = character, self._ink
        return cell


class _Palette:
    """Maps styles to inks in the terminal's colour system."""

    def __init__(self, colors: ColorSystem) -> None:
        self.colors = colors
        self._inks: dict[Style, tuple[Ink, Ink]] = {}
        self.of_blanks: dict[Ink, Ink] = {}
        """The ink of blanks by the ink of other characters: usually only the background of a blank is visible."""
        self._shared: dict[Ink, _Inked] = {}

    def inked(self, ink: Ink) -> _Inked:
        """Return the cells of an ink."""
        known = self._shared.get(ink)
        if known is None:
            known = self._shared[ink] = _Inked(ink)
            blank = self.of_blanks.get(ink, ink)
            if blank != ink:
                known[" "] = self.inked(blank)[" "]
        return known

    def bound(self) -> None:
        """Forget the cells to share if there are too many, as with many rare characters."""
        if sum(map(len, self._shared.values())) > _SHARED:
            self._shared.clear()

    def inks(self, style: Style) -> tuple[Ink, Ink]:
        """Return the ink of a style and that of its blanks. No style here has a link (OSC 8)."""
        known = self._inks.get(style)
        if known is None:
            if len(self._inks) >= _STYLES:  # text that can be selected has one for each place
                self._inks.clear()
            ink = self._ink(style)
            plain = not any(getattr(style, name) for name in _SEEN_ON_BLANKS)
            known = self._inks[style] = ink, self._ink(Style(bgcolor=style.bgcolor)) if plain else ink
            self.of_blanks[ink] = known[1]
        return known

    def _ink(self, style: Style) -> Ink:
        return Strip.render_ansi(style, self.colors)


def cells(strip: Strip, palette: _Palette) -> list[Cell]:
    """Return the cells that a strip fills."""
    filled: list[Cell] = []
    for text, style, _ in strip:
        inked = palette.inked(palette.inks(style or _PLAIN)[0])
        filled += map(inked.__getitem__, text) if text.isascii() else _wide(text, inked)
    return filled


def _wide(text: str, inked: _Inked) -> list[Cell]:
    """Return the cells of characters that may take two cells, or none."""
    filled: list[Cell] = []
    for character in text:
        width = get_character_cell_size(character)
        if width == 0 and filled:
            last = next(index for index in range(len(filled) - 1, -1, -1) if filled[index][0])
            filled[last] = inked[filled[last][0] + character]
        elif width:
            filled += [inked[character], *[inked[""]] * (width - 1)]
    return filled


def _runs(before: Sequence[Cell | None], after: Sequence[Cell]) -> list[tuple[int, int]]:
    """Return the runs to write as (start, stop), never splitting a wide character.

    Cells are compared by identity, since equal ones are shared: that takes half as long.
    """
    runs: list[tuple[int, int]] = []
    for at in compress(range(len(after)), map(is_not, before, after)):
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
    """Split adjacent cells by ink; a blank joins the previous piece if it looks the same."""
    start = 0
    ink = run[0][1]
    for at, (character, own) in enumerate(run):
        if own != ink and not (character == " " and palette.of_blanks.get(ink) == own):
            yield _Piece(ink, y, x + start, _text(run[start:at]))
            start, ink = at, own
    yield _Piece(ink, y, x + start, _text(run[start:] if start else run))


def _text(run: Sequence[Cell]) -> str:
    return "".join(map(_CHARACTER, run))


def _by_ink(pieces: Iterable[_Piece]) -> Iterator[_Piece]:
    """Return the pieces of the first ink, then those of the next, and so on."""
    found: dict[Ink, list[_Piece]] = {}
    for piece in pieces:
        found.setdefault(piece.ink, []).append(piece)
    return chain.from_iterable(found.values())


def _written(pieces: Iterable[_Piece], palette: _Palette) -> str:
    """Return the control sequences, moving the cursor and setting the ink only where needed."""
    written: list[str] = []
    ink, place = "", (-1, -1)
    for piece in pieces:
        if (piece.y, piece.x) != place:
            written.append(f"\x1b[{piece.y + 1};{piece.x + 1}H")
        if piece.ink != ink and not (palette.of_blanks.get(ink) == piece.ink and piece.text.isspace()):
            ink = piece.ink
            written.append(f"\x1b[0;{ink}m" if ink else "\x1b[0m")
        written.append(piece.text)
        # The cursor's place after a wide character depends on the terminal: set it again.
        place = (piece.y, piece.x + len(piece.text)) if piece.text.isascii() else (-1, -1)
    if ink:
        written.append("\x1b[0m")
    return "".join(written)
