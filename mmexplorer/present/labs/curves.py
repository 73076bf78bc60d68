"""The curves of a lab that reads figures over time, stacked over one axis: the process, then the machine."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from mmexplorer.labs.lab import MIB, Lab
from mmexplorer.labs.outcome import Outcome
from mmexplorer.labs.readings import Reading, readings, takes_time
from mmexplorer.present.text.braille import bounds
from mmexplorer.present.text.chart import GUTTER, READINGS_A_CELL, SCALE, Curve, chart
from mmexplorer.present.text.format import size
from mmexplorer.present.text.line import Line, Tone, line, span

_ROWS = 2
_ROWS_OF = {"RSS": 3}
_MANY = 10_000
_SPAN = 0.02
"""The smallest span of a chart of free memory, as a fraction of the largest value, so that noise looks small."""
_LATER = "later"
"""Shown instead of a curve that begins in a later step."""


def curve_lines(lab: Lab, outcomes: Sequence[Outcome]) -> Iterator[Line]:
    """Yield the curves so far, one cell per reading; nothing if the lab takes no readings."""
    found = tuple(readings(outcomes)) if takes_time(lab) else ()
    if not found:
        return
    width = GUTTER + len(found) + SCALE
    yield line(span("one cell per reading: after a step, or a tenth of one", Tone.DIM))
    for drawn in _curves(found):
        if any(value is not None for value in drawn.values):
            yield from chart(drawn, width, _ROWS_OF.get(drawn.name, _ROWS))
        else:
            yield line(span(f"{drawn.name:<{GUTTER}}", drawn.tone), span(drawn.reason, Tone.DIM))
    yield from _axis(found)


def _curves(found: Sequence[Reading]) -> tuple[Curve, ...]:
    sizes, resident = _values(found, lambda each: each.vm_size), _values(found, lambda each: each.rss)
    faults = _values(found, lambda each: each.faults)
    rates = _values(found, lambda each: each.machine_faults)
    free = _values(found, lambda each: each.machine_free)
    top, most = _largest(sizes), _largest(free)
    least = min((value for value in free if value is not None), default=0.0)
    return (
        Curve("VSZ", "VSZ", "", Tone.DATA, sizes, 0, top, _bytes),
        Curve("RSS", "RSS", "", Tone.HEAP, resident, 0, top, _bytes),
        Curve("faults", "faults", "", Tone.CODE, faults, 0, _largest(faults), _count, _LATER),
        Curve("sar: fault/s", "fault/s", "", Tone.FILE, rates, *bounds(rates), _count, _LATER),
        Curve("sar: free", "free", "", Tone.SHARED, free, min(least, most * (1 - _SPAN)), most, _mebibytes, _LATER),
    )


def _largest(values: Sequence[float | None]) -> float:
    return max((value for value in values if value is not None), default=0.0)


def _values(found: Sequence[Reading], of: Callable[[Reading], float | None]) -> tuple[float | None, ...]:
    """Return one value per column of dots."""
    return tuple(of(each) for each in found for _ in range(READINGS_A_CELL))


def _bytes(count: float) -> str:
    return size(round(count))


def _mebibytes(count: float) -> str:
    whole = round(count) // MIB
    return f"{whole:,}M" if whole < _MANY * 10 else _bytes(count)


def _count(count: float) -> str:
    return f"{count:,.0f}" if count < _MANY else f"{count / 1000:,.0f}k"


def _axis(found: Sequence[Reading]) -> Iterator[Line]:
    """Yield the axis: below each step's first cell its number and, if it fits, its duration."""
    steps = [(number, tuple(each)) for number, each in groupby(found, lambda each: each.step)]
    numbers = "".join((str(number) if number else "·").ljust(len(each), "─") for number, each in steps)
    times = "".join((f"{each[-1].seconds:.1f} s" if each[-1].seconds else "").ljust(len(each)) for _, each in steps)
    yield line(span("step".ljust(GUTTER), Tone.DIM), span(numbers, Tone.DIM))
    yield line(span("took".ljust(GUTTER), Tone.DIM), span(times, Tone.DIM))
