"""Line charts in braille: two readings and four heights per cell. Pure text; the screen adds colours."""

from collections.abc import Sequence

_BLANK = 0x2800
_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""The bits of a cell: left and right column, from top to bottom (Unicode, Braille Patterns)."""
_ACROSS = len(_DOTS)
_DOWN = len(_DOTS[0])
_FLAT = 1 / 64
"""Of the largest value: a smaller variation is drawn as a flat line rather than as magnified noise."""


def braille(series: Sequence[float | None], width: int, height: int, lo: float, hi: float) -> tuple[str, ...]:
    """Draw the newest readings as a line: `height` rows of `width` cells, from top to bottom.

    The newest is at the right edge. None leaves a gap; values outside `lo`..`hi` are drawn at the edge. Neighbouring
    readings are joined by vertical dots, so that a jump is a line and not two specks.
    """
    if width <= 0:
        return ("",) * max(0, height)
    columns = width * _ACROSS
    newest = series[-columns:]
    known = {value: _level(value, height * _DOWN, lo, hi) for value in set(newest)}
    if len(known) == 1 and len(newest) == columns:
        (level,) = known.values()
        return tuple(row * width for row in _cell(None, level, level, height))
    levels = [*[None] * (columns - len(newest)), *map(known.__getitem__, newest)]
    # Most cells of a line look like others.
    cells: dict[tuple[int | None, ...], tuple[str, ...]] = {}
    drawn = []
    before: int | None = None
    for left, right in zip(levels[::2], levels[1::2], strict=True):
        at = before, left, right
        if at not in cells:
            cells[at] = _cell(*at, height)
        drawn.append(cells[at])
        before = right
    return tuple(map("".join, zip(*drawn, strict=True)))


def _cell(before: int | None, left: int | None, right: int | None, height: int) -> tuple[str, ...]:
    """Draw two readings, from top to bottom; `before` is the one to the left of them."""
    rows = [_BLANK] * height
    for dots, stroke in zip(_DOTS, (_stroke(before, left), _stroke(left, right)), strict=True):
        for dot in stroke:
            rows[dot // _DOWN] |= dots[dot % _DOWN]
    return tuple(map(chr, rows))


def fitted(series: Sequence[float | None], width: int, height: int, low: float, high: float) -> tuple[str, ...]:
    """Draw readings between their minimum and maximum."""
    return braille(series, width, height, low, max(high, low + high * _FLAT))


def _level(value: float | None, dots: int, lo: float, hi: float) -> int | None:
    if value is None or dots <= 0:
        return None
    part = (value - lo) / (hi - lo) if hi > lo else 0.0
    return round((1 - min(1.0, max(0.0, part))) * (dots - 1))


def _stroke(before: int | None, level: int | None) -> range:
    if level is None:
        return range(0)
    if before is None or before == level:
        return range(level, level + 1)
    # The dot beside the neighbour's belongs to the neighbour.
    return range(before + 1, level + 1) if before < level else range(level, before)


def bounds(series: Sequence[float | None], least: float = 1.0) -> tuple[float, float]:
    """Choose `lo` and `hi` for values that start at 0: hi is 1, 2 or 5 times `least` and a power of ten."""
    top = max((value for value in series if value is not None), default=0.0)
    step = least
    while step < top:
        for factor in (1, 2, 5, 10):
            if step * factor >= top:
                return 0.0, step * factor
        step *= 10
    return 0.0, step


def time_axis(width: int, interval: float, newest: str = "now") -> str:
    """Label the time axis of a chart of `width` cells, `interval` seconds per reading: `-2m ... -1m ... now`."""
    if width <= 0:
        return ""
    axis = [" "] * width
    _put(axis, width - len(newest), newest)
    for quarter in (1, 2, 3, 4):
        cell = width - width * quarter // 4
        _put(axis, cell - 2, _ago((width - cell) * _ACROSS * interval))
    return "".join(axis)


def _put(axis: list[str], start: int, text: str) -> None:
    start = max(0, start)
    end = start + len(text)
    if end <= len(axis) and all(cell == " " for cell in axis[max(0, start - 1) : end + 1]):
        axis[start:end] = text


def _ago(seconds: float) -> str:
    minute, hour = 60, 3600
    if seconds < 10 * minute:
        return f"-{seconds:.0f}s"
    return f"-{seconds / minute:.0f}m" if seconds < 10 * hour else f"-{seconds / hour:.1f}h"
