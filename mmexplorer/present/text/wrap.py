"""Breaks text into lines of a given width; tones stay with their words."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from mmexplorer.present.text.line import EMPTY, Line, Span, Tone, cell_count, line, plain, span

_BLANKS = re.compile("( +)")
"""Where a line may be broken."""
_BEFORE_UNIT = re.compile(r"(?<=[^\W_]) (?=%(?!\w))|(?<=\d) (?=(?:[kKMGT]i?B|B|[mµn]?s|min|h)(?!\w))")
"""The blank between a number and its %, or another unit that is only a sign."""
HELD = "\ue000"
"""Stands for such a blank while a line is broken: as wide, and no blank to what breaks lines. No line contains it."""


def wrapped(text: Line, width: int, first: Line = EMPTY) -> Iterator[Line]:
    """Break at blanks so that each line fits `width` cells; `first` precedes the first line, blanks the others.

    A word longer than a line gets a line of its own, for the widget to break.
    """
    indent = cell_count(first)
    whole = (*first, *text)
    if cell_count(whole) <= width:
        yield whole
        return
    row, used = first, indent
    for word in map(released, _words(held_together(text))):
        length = cell_count(word)
        if used > indent and used + 1 + length > width:
            yield row
            row, used = (span(" " * indent),) if indent else EMPTY, indent
        if used > indent:
            row, used = (*row, Span(" ")), used + 1
        row, used = (*row, *word), used + length
    yield row


def held_together(text: Line) -> Line:
    """Return a line whose numbers keep their units when it is broken; `released` undoes it."""
    whole = plain(text)
    held = _BEFORE_UNIT.sub(HELD, whole)
    if held == whole:
        return text
    ends = tuple(accumulate(len(piece.text) for piece in text))
    return tuple(piece._replace(text=held[end - len(piece.text) : end]) for piece, end in zip(text, ends, strict=True))


def released(text: Line) -> Line:
    """Return a line with blanks for what `held_together` put in their place."""
    return tuple(piece._replace(text=piece.text.replace(HELD, " ")) for piece in text)


def _words(text: Line) -> Iterator[Line]:
    """Split at blanks; a word may have several tones."""
    word: Line = EMPTY
    for piece in text:
        for part in _BLANKS.split(piece.text):
            if part and not part.isspace():
                word = (*word, Span(part, piece.tone))
            elif part and word:
                yield word
                word = EMPTY
    if word:
        yield word


def folded(rows: Iterable[Line], width: int) -> Iterator[Line]:
    """Break rows that are too long at blanks; what follows is indented as the text of the row is."""
    for row in rows:
        if cell_count(row) <= width:
            yield row
            continue
        *before, last = row
        text = last.text.lstrip()
        indent = last._replace(text=last.text.removesuffix(text))
        yield from wrapped((last._replace(text=text),), width, (*before, indent))


def indented(rows: Iterable[Line], width: int) -> Iterator[Line]:
    """Break rows that are too long at blanks; what follows is indented as the row is."""
    for row in rows:
        text = plain(row)
        blanks = text[: len(text) - len(text.lstrip(" "))]
        yield from (row,) if cell_count(row) <= width else wrapped(row, width, line(blanks) if blanks else EMPTY)


def flowed(items: Iterable[Line], width: int, between: str = " · ") -> Iterator[Line]:
    """Put items one after another, starting a new line where the next one doesn't fit."""
    row: Line = EMPTY
    for item in items:
        joined = (*row, span(between, Tone.DIM), *item) if row else item
        if row and cell_count(joined) > width:
            yield row
            joined = item
        row = joined
    if row:
        yield row


def spaced_out(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Add an empty row after each line, for readers far away; consecutive empty rows remain one."""
    rows: list[Line] = []
    for each in lines:
        if each or (rows and rows[-1]):
            rows += (each, EMPTY) if each else (EMPTY,)
    return tuple(rows)
