"""The charts of the System screen: small multiples over one time axis, each with its own labelled scale."""

from collections.abc import Sequence

from mmexplorer.model.system.history import SarHistory
from mmexplorer.model.system.snapshot import SystemSnapshot
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.system.amounts import fine_size
from mmexplorer.present.system.sar import curve
from mmexplorer.present.text.braille import bounds, time_axis
from mmexplorer.present.text.chart import GUTTER, READINGS_A_CELL, SCALE, Curve, chart
from mmexplorer.present.text.format import time_of_day
from mmexplorer.present.text.line import Line, Tone, line, span

_BELOW = 2
"""Rows below the charts: time axis and read-out."""
_KIB = 1024
_PART_OF_TOTAL = 256
"""Minimum span of half a memory chart, as a part of the total: an idle machine is a flat line, 100 MiB a step."""
_MANY = 100_000
_FROM_SECOND = "counted from the second look on"
_LEAST_STEP = 1 << 10
"""The same in kB if the total isn't known."""


def curves(history: SarHistory, snapshot: SystemSnapshot, count: int) -> tuple[Curve, ...]:
    """Return the newest `count` readings of each plotted figure."""
    total = 0 if isinstance(snapshot.meminfo, Unavailable) else snapshot.meminfo.get("MemTotal", 0)
    step = _power_of_two(max(_LEAST_STEP, total // _KIB // _PART_OF_TOTAL))
    empty = _reason(snapshot.meminfo, "no reading yet")
    memory = (
        _memory(("kbmemused", "used", "as sar -r"), Tone.HEAP, curve(history, "kbmemused", count), step, empty),
        _memory(("available", "avail", "estimate"), Tone.DATA, curve(history, "kbavail", count), step, empty),
        _memory(("cached", "cached", "with shmem"), Tone.FILE, curve(history, "kbcached", count), step, empty),
    )
    faults, stalled = curve(history, "fault", count), curve(history, "stalled", count)
    return (
        *memory,
        Curve(
            "faults",
            "faults",
            "a second",
            Tone.CODE,
            faults,
            *bounds(faults, 100),
            _count,
            _reason(snapshot.vmstat, _FROM_SECOND),
        ),
        Curve(
            "pressure",
            "PSI",
            "PSI some",
            Tone.SHARED,
            stalled,
            *bounds(stalled),
            _per_cent,
            _reason(snapshot.pressure, _FROM_SECOND),
        ),
    )


def _memory(names: tuple[str, str, str], tone: Tone, values: tuple[float | None, ...], step: int, empty: str) -> Curve:
    return Curve(*names, tone, values, *window(values, step), _bytes, empty)


def window(values: Sequence[float | None], step: int) -> tuple[float, float]:
    """Return a scale that shows small changes of large values: two steps high, each `step` times a power of two."""
    known = [value for value in values if value is not None]
    lo, hi = min(known, default=0.0), max(known, default=0.0)
    while lo // step * step + 2 * step < hi:
        step *= 2
    return lo // step * step, lo // step * step + 2 * step


def _power_of_two(count: int) -> int:
    return 1 << (count.bit_length() - 1)


def _bytes(kilobytes: float) -> str:
    return fine_size(round(kilobytes * _KIB))


def _count(rate: float) -> str:
    return f"{rate:,.0f}" if rate < _MANY else f"{rate / 1000:,.0f}k"


def _per_cent(share: float) -> str:
    return f"{share:.3g} %"


def _reason(read: object, otherwise: str) -> str:
    """Say why a chart is empty."""
    return str(read) if isinstance(read, Unavailable) else otherwise


def readings_in(width: int) -> int:
    """Return how many readings fit into `width` cells."""
    return max(0, width - GUTTER - SCALE) * READINGS_A_CELL


def reading_at(x: int, width: int) -> int | None:
    """Return how many intervals back the cell `x` is, for a click; None outside the charts."""
    place = x - GUTTER
    across = width - GUTTER - SCALE
    return (across - 1 - place) * READINGS_A_CELL if 0 <= place < across else None


def chart_lines(drawn: Sequence[Curve], width: int, height: int, back: int | None) -> tuple[Line, ...]:
    """Draw the charts in `height` rows, with the values of `back` intervals ago at the left.

    If there are too few rows, the last charts are left out, and a row says so.
    """
    rows = height - _BELOW
    shown = drawn if rows >= len(drawn) else drawn[: max(0, rows - 1)]
    lines: list[Line] = []
    for each in shown:
        lines += chart(each, width, rows // len(shown) if shown is drawn else 1, back)
    if shown is not drawn:
        lines.append(line(span(f"{len(drawn) - len(shown)} more charts need a taller window", Tone.DIM)))
    return tuple(lines)


THEN = "then"
"""The name of the last reading while an earlier moment is shown."""
_BEFORE = {"now": "ago", THEN: "before"}


def axis_line(width: int, interval: float, newest: str = "now") -> Line:
    """Label the time axis; `newest` is the name of the last reading."""
    return line(span(" " * GUTTER), span(time_axis(max(0, width - GUTTER - SCALE), interval, newest), Tone.DIM))


def read_out(history: SarHistory, back: int | None, name: str = "now") -> Line:
    """Return the time of the values at the left."""
    if not history.points:
        return line(span("No reading yet.", Tone.DIM))
    newest = history.points[-1].sample.taken_at
    if back is None:
        return line(span(f"{name} ", Tone.DIM), span(time_of_day(newest), Tone.BRIGHT))
    seconds = back * history.interval
    moment = time_of_day(newest - seconds)
    parts = [span("│ ", Tone.ACCENT), span(moment, Tone.BRIGHT), span(f"  {seconds:.0f} s {_BEFORE[name]}", Tone.DIM)]
    if history.columns(back + 1)[0] is None:
        parts.append(span("  ┄ no reading then", Tone.WARN))
    return line(*parts)
