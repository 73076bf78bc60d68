"""One labelled chart in rows of cells: its name and value at the left, the curve, its scale at the right."""

from collections.abc import Callable

from mmexplorer.model.value import NamedTuple
from mmexplorer.present.text.braille import braille
from mmexplorer.present.text.line import Line, Span, Tone, line, plain, span
from mmexplorer.present.text.wrap import wrapped

GUTTER = 13
"""Cells at the left: name, value, note."""
SCALE = 8
"""Cells at the right: upper and lower end of the scale."""
READINGS_A_CELL = 2
_BLANK = "\u2800"


class Curve(NamedTuple):
    """One chart."""

    name: str
    short: str
    """The name in a chart of only one row."""
    note: str
    """What is counted, in a word or two."""
    tone: Tone
    values: tuple[float | None, ...]
    """One per interval, newest last; None is a gap."""
    lo: float
    hi: float
    write: Callable[[float], str]
    reason: str = ""
    """Why there is nothing to plot."""


def chart(drawn: Curve, width: int, height: int, back: int | None = None) -> list[Line]:
    """Draw a curve in `height` rows, with the value as it was `back` intervals ago and a cursor there."""
    gutter, scale = _gutter(drawn, height, back), _scale(drawn, height)
    plot = _plot(drawn, max(0, width - GUTTER - SCALE), height, back)
    return [(left, *row, right) for left, row, right in zip(gutter, plot, scale, strict=True)]


def _gutter(drawn: Curve, height: int, back: int | None) -> list[Span]:
    at = -1 - (back or 0)
    value = drawn.values[at] if len(drawn.values) >= -at else None
    written = "—" if value is None else drawn.write(value)
    texts = [(drawn.name, drawn.tone), (written, Tone.BRIGHT), (drawn.note, Tone.DIM)]
    if height == 1:
        texts = [(f"{drawn.short} {written}", Tone.BRIGHT)]
    texts += [("", Tone.DIM)] * height
    return [span(f"{text:<{GUTTER}}"[:GUTTER], tone) for text, tone in texts[:height]]


def _scale(drawn: Curve, height: int) -> list[Span]:
    if height == 1:
        return [span(f"┤{drawn.write(drawn.hi)}".ljust(SCALE), Tone.DIM)]
    texts = [f"┐{drawn.write(drawn.hi)}", *["│"] * (height - 2), f"┘{drawn.write(drawn.lo)}"]
    return [span(text.ljust(SCALE)[:SCALE], Tone.DIM) for text in texts]


def _plot(drawn: Curve, across: int, height: int, back: int | None) -> list[Line]:
    if all(value is None for value in drawn.values):
        reason = [plain(row) for row in wrapped(line(drawn.reason), max(1, across))][:height]
        texts = [*reason, *[""] * (height - len(reason))]
        return [(span(text.ljust(across)[:across], Tone.DIM),) for text in texts]
    rows = braille(drawn.values, across, height, drawn.lo, drawn.hi)
    return [_with_cursor(row, drawn.tone, None if back is None else _cell(back, across)) for row in rows]


def _cell(back: int, across: int) -> int:
    return across - 1 - back // READINGS_A_CELL


def _with_cursor(row: str, tone: Tone, cell: int | None) -> Line:
    if cell is None or not 0 <= cell < len(row):
        return (span(row, tone),)
    under = row[cell] if row[cell] != _BLANK else "│"
    return (span(row[:cell], tone), span(under, Tone.ACCENT), span(row[cell + 1 :], tone))
