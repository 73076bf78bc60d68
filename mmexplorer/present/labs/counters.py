"""The counters of a step, before and after it, with what changed. Bytes are shown in the kernel's kB."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mmexplorer.labs.figures import Figures
from mmexplorer.labs.measurement import Measurement
from mmexplorer.model.region import Usage
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.text.cells import DASH, change_in_kb
from mmexplorer.present.text.format import kilobytes, signed_size, size
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, plain, span

Seen = Measurement | Unavailable | None
"""A process at one moment; why it could not be seen; None where nobody has looked."""

_NAMES = {"VmSize": "VSZ", "Rss": "RSS", "VmPTE": "page tables"}
_RANGE = {
    "range Pss": ("Pss",),
    "range shared": ("Shared_Clean", "Shared_Dirty"),
    "range private": ("Private_Clean", "Private_Dirty"),
}
_MACHINE = {
    "mem_free": "free",
    "buff_cache": "buff/cache",
    "mem_available": "available",
    "committed_as": "Committed_AS",
}
_FAULTS = "minor faults"
_NAME_CELLS, _CELLS, _CHANGE_CELLS = 13, 14, 13
_MOST_KB = 100 << 30
"""Bytes from which on kB have no room: an address space can be reserved by the TiB."""


class Counter(NamedTuple):
    """A number of bytes; None where it isn't known."""

    name: str
    before: int | None
    after: int | None

    @property
    def delta(self) -> int | None:
        """What was gained; negative for what was lost."""
        return None if self.before is None or self.after is None else self.after - self.before


def counter_lines(before: Seen, after: Seen, machine: Sequence[Counter] = ()) -> tuple[Line, ...]:
    """Give a line a counter, under a header: before the step, after it, the change; where there was no step, only now.

    `machine`: those of the whole machine, in a block of their own.
    """
    own = (*_of_process(before, after), *_of_range(before, after))
    if before is None:
        return tuple(_now(counter) for counter in own)
    titles = f"{'before':>{_CELLS}}{'after':>{_CELLS}}{'change':>{_CHANGE_CELLS}}"
    rows = [*map(_compared, own), *_faults(before, after)]
    if machine:
        rows += [line(span("the whole machine", Tone.DIM)), *map(_compared, machine)]
    return (line(span(" " * _NAME_CELLS), span(titles, Tone.DIM)), *rows) if rows else ()


def machine_counters(figures: Figures) -> Iterator[Counter]:
    """The machine's memory, where the lab measures it."""
    for key, name in _MACHINE.items():
        after, by = figures.numbers.get(key), figures.numbers.get(f"{key}_change")
        if after is not None and by is not None:
            yield Counter(name, after - by, after)


def brief_counters(before: Seen, after: Seen, width: int) -> Line:
    """Give as many of the counters as fit, in one line: `VSZ 113M (+100M)  RSS 9.3M (+0)`."""
    row: Line = EMPTY
    for counter in _of_process(before, after):
        if counter.after is None:
            continue
        by = "" if counter.delta is None else f" ({signed_size(counter.delta)})"
        item = (span(f"{counter.name} ", Tone.DIM), span(size(counter.after), Tone.BRIGHT), span(by))
        joined = (*row, span("   "), *item) if row else item
        if len(plain(joined)) > width:
            return row
        row = joined
    return row


def _of_process(before: Seen, after: Seen) -> Iterator[Counter]:
    for kernel_name, name in _NAMES.items():
        counter = Counter(name, _counter(before, kernel_name), _counter(after, kernel_name))
        if counter.before is not None or counter.after is not None:
            yield counter
    heap = Counter("heap", _heap(before), _heap(after))
    if heap.delta:
        yield heap


def _of_range(before: Seen, after: Seen) -> Iterator[Counter]:
    """The counters of smaps for the range that the step watches."""
    then, now = _usage(before), _usage(after)
    if now is None:
        return
    for name, kernel_names in _RANGE.items():
        yield Counter(name, _sum(then, kernel_names), _sum(now, kernel_names))


def _usage(seen: Seen) -> Usage | None:
    return seen.usage if isinstance(seen, Measurement) else None


def _sum(usage: Usage | None, names: Sequence[str]) -> int | None:
    parts = [usage.get(name) if usage is not None else None for name in names]
    return None if None in parts else sum(part for part in parts if part is not None)


def _faults(before: Seen, after: Seen) -> Iterator[Line]:
    faults = Counter(_FAULTS, _counter(before, "min_flt"), _counter(after, "min_flt"))
    if faults.delta is not None:
        yield (
            span(f"{_FAULTS:<{_NAME_CELLS}}{'':{2 * _CELLS}}", Tone.DIM),
            *_right(line(span(f"+{faults.delta:,}", Tone.BRIGHT if faults.delta else Tone.DIM)), _CHANGE_CELLS),
        )


def _heap(seen: Seen) -> int | None:
    if not isinstance(seen, Measurement):
        return None
    return sum(region.size for region in seen.regions if region.path == "[heap]")


def _counter(seen: Seen, name: str) -> int | None:
    return seen.counters.get(name) if isinstance(seen, Measurement) else None


def _compared(counter: Counter) -> Line:
    return (
        span(f"{counter.name:<{_NAME_CELLS}}", Tone.DIM),
        *_right(_kb(counter.before)),
        *_right(_kb(counter.after)),
        *_right(_change(counter.delta), _CHANGE_CELLS),
    )


def _now(counter: Counter) -> Line:
    return (span(f"{counter.name:<{_NAME_CELLS}}", Tone.DIM), *_right(_kb(counter.after)))


def _kb(count: int | None) -> Line:
    if count is None:
        return DASH
    return line(kilobytes(count) if count < _MOST_KB else size(count))


def _change(count: int | None) -> Line:
    return (
        change_in_kb(count) if count is None or abs(count) < _MOST_KB else line(span(signed_size(count), Tone.BRIGHT))
    )


def _right(text: Line, cells: int = _CELLS) -> Line:
    return (span(" " * max(1, cells - len(plain(text)))), *text)
