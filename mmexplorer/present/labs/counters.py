"""The counters before and after a step, and how they changed. Bytes are shown in kB of 1,024, as the kernel does."""

from collections.abc import Iterator, Sequence

from mmexplorer.labs.figures import Figures
from mmexplorer.labs.measurement import Measurement
from mmexplorer.model.region import Usage
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.text.cells import DASH, change_in_kb
from mmexplorer.present.text.column import Column, table_lines
from mmexplorer.present.text.format import kilobytes, signed_size, size
from mmexplorer.present.text.line import EMPTY, Line, Tone, cell_count, line, plain, span
from mmexplorer.present.text.wrap import flowed

Seen = Measurement | Unavailable | None
"""A process at one moment, why it couldn't be read, or None if it wasn't."""

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
    "cgroup_usage": "lab's cgroup",
    "cgroup_peak": "its most",
}
_MACHINE_HEADING: Line = (span("the whole machine", Tone.DIM),)
_AMOUNT_CELLS, _CHANGE_CELLS = 13, 12
"""An amount that needs more is written in a larger unit than kB: an address space can be reserved by the TiB."""


class Counter(NamedTuple):
    """A number of bytes, or of faults, before and after a step; None if unknown."""

    name: str
    before: int | None
    after: int | None
    faults: bool = False

    @property
    def delta(self) -> int | None:
        """By how much it grew; negative if it shrank, None if unknown."""
        return None if self.before is None or self.after is None else self.after - self.before


def counter_lines(before: Seen, after: Seen, machine: Sequence[Counter] = ()) -> tuple[Line, ...]:
    """Return a header and a line per counter: before, after, change; only the current value if `before` is None.

    `machine`: the counters of the whole machine, shown in a separate block.
    """
    own = (*_of_process(before, after), *_of_range(before, after))
    if before is None:
        return tuple(table_lines((_NAME, _AFTER), own, as_declared=True))[1:]
    own = (*own, *_faults(before, after))
    table = tuple(table_lines((_NAME, _BEFORE, _AFTER, _CHANGE), (*own, *machine), as_declared=True))
    above = len(own) + 1
    heading = (_MACHINE_HEADING,) if machine else ()
    return (*table[:above], *heading, *table[above:]) if table[1:] else ()


def machine_counters(figures: Figures) -> Iterator[Counter]:
    """Yield the counters of the machine's memory; none if the lab doesn't measure it."""
    for key, name in _MACHINE.items():
        after, by = figures.numbers.get(key), figures.numbers.get(f"{key}_change")
        if after is not None and by is not None:
            yield Counter(name, after - by, after)


def brief_counters(before: Seen, after: Seen, width: int) -> Line:
    """Return one line with as many counters as fit `width` cells: `VSZ 119,168 kB (+102,400 kB)`."""
    counters = (_brief(counter, counter.after) for counter in _of_process(before, after) if counter.after is not None)
    row = next(flowed(counters, width, "   "), EMPTY)
    return row if cell_count(row) <= width else EMPTY


def _brief(counter: Counter, after: int) -> Line:
    by = "" if counter.delta is None else f" ({plain(_change(counter))})"
    return (span(f"{counter.name} ", Tone.DIM), span(_in_kb(after), Tone.BRIGHT), span(by))


def _of_process(before: Seen, after: Seen) -> Iterator[Counter]:
    for kernel_name, name in _NAMES.items():
        counter = Counter(name, _counter(before, kernel_name), _counter(after, kernel_name))
        if counter.before is not None or counter.after is not None:
            yield counter
    heap = Counter("heap", _heap(before), _heap(after))
    if heap.delta:
        yield heap


def _of_range(before: Seen, after: Seen) -> Iterator[Counter]:
    """Yield the smaps counters of the range that the step watches."""
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


def _faults(before: Seen, after: Seen) -> Iterator[Counter]:
    minor, major = (
        Counter(f"{kind} faults", _counter(before, name), _counter(after, name), faults=True)
        for kind, name in (("minor", "min_flt"), ("major", "maj_flt"))
    )
    if minor.delta is not None:
        yield minor
    if major.delta:
        yield major


def _heap(seen: Seen) -> int | None:
    if not isinstance(seen, Measurement):
        return None
    return sum(region.size for region in seen.regions if region.path == "[heap]")


def _counter(seen: Seen, name: str) -> int | None:
    return seen.counters.get(name) if isinstance(seen, Measurement) else None


def _kb(counter: Counter, count: int | None) -> Line:
    if counter.faults:
        return EMPTY
    if count is None:
        return DASH
    return line(_in_kb(count))


def _in_kb(count: int) -> str:
    text = kilobytes(count)
    return text if len(text) <= _AMOUNT_CELLS else size(count)


def _change(counter: Counter) -> Line:
    count = counter.delta
    if counter.faults and count is not None:
        return line(span(f"+{count:,}", Tone.BRIGHT if count else Tone.DIM))
    row = change_in_kb(count)
    return row if count is None or cell_count(row) <= _CHANGE_CELLS else line(span(signed_size(count), Tone.BRIGHT))


_NAME: Column[Counter] = Column("name", "", 13, lambda counter: line(span(counter.name, Tone.DIM)))
_BEFORE: Column[Counter] = Column(
    "before", "before", _AMOUNT_CELLS, lambda counter: _kb(counter, counter.before), align="right"
)
_AFTER: Column[Counter] = Column(
    "after", "after", _AMOUNT_CELLS, lambda counter: _kb(counter, counter.after), align="right"
)
_CHANGE: Column[Counter] = Column("change", "change", _CHANGE_CELLS, _change, align="right")
