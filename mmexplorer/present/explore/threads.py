"""The Threads tab: each thread with its state and the region of its stack."""

from collections.abc import Mapping, Sequence

from mmexplorer.model.process.process import UNKNOWN_STATE
from mmexplorer.model.process.thread import Thread, stacks
from mmexplorer.model.region import Region
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.region.kernel_words import STATES
from mmexplorer.present.text.cells import DASH, address_cell, size_cell
from mmexplorer.present.text.column import Column
from mmexplorer.present.text.format import number_of
from mmexplorer.present.text.line import Line, Tone, line, span

NO_THREADS: Line = line(span("This process has one thread, and its stack is [stack].", Tone.DIM))
NOT_LISTED: Line = line(span("The file doesn't list the threads.", Tone.DIM))


class ThreadRow(NamedTuple):
    """A thread."""

    thread: Thread
    stack: Region | None
    """None if the stack pointer is unknown, or points to memory that isn't a stack."""
    resident: int | None
    """Bytes of the stack in memory; None if not known."""
    others: int
    """How many other threads have their stacks in the same region."""
    at: str = ""
    """The name of its instruction's address; not cleaned."""


def thread_rows(space: AddressSpace) -> tuple[ThreadRow, ...]:
    """Return the threads, ascending by tid."""
    if not space.threads:
        return ()
    found = stacks(space.regions, space.threads)
    starts = {thread.tid: start for start, group in found.items() for thread in group}
    regions = {region.start: region for region in space.regions if region.start in found}
    return tuple(_row(thread, starts.get(thread.tid), regions, found, space) for thread in space.threads)


def _row(
    thread: Thread,
    start: int | None,
    regions: Mapping[int, Region],
    found: Mapping[int, Sequence[Thread]],
    space: AddressSpace,
) -> ThreadRow:
    if start is None:
        return ThreadRow(thread, None, None, 0)
    usage = space.usage_of(regions[start])
    return ThreadRow(thread, regions[start], usage.get("Rss") if usage is not None else None, len(found[start]) - 1)


def named(rows: Sequence[ThreadRow], names: Mapping[int, str]) -> tuple[ThreadRow, ...]:
    """Add the names, by address, of the threads' instructions; an address without a name is shown itself."""
    return tuple(
        row if row.thread.instruction is None else row._replace(at=names.get(row.thread.instruction, ""))
        for row in rows
    )


def _at(row: ThreadRow) -> Line:
    if row.thread.instruction is None:
        return DASH
    return line(row.at) if row.at else address_cell(row.thread.instruction)


def _note(row: ThreadRow) -> Line:
    if row.stack is None:
        unknown = row.thread.stack_pointer is None
        why = "stack pointer unknown: it is running, or access is denied" if unknown else "on memory that is no stack"
        return line(span(why, Tone.DIM))
    return line(span(f"with {number_of(row.others, 'other stack')}", Tone.DIM)) if row.others else ()


THREAD_COLUMNS: tuple[Column[ThreadRow], ...] = (
    Column("tid", "TID", 8, lambda row: line(str(row.thread.tid)), align="right", help="The number of the thread."),
    Column("name", "NAME", 16, lambda row: (span(row.thread.name or "—", Tone.BRIGHT),), help="Its name (comm)."),
    Column(
        "state",
        "S",
        1,
        lambda row: DASH if row.thread.state == UNKNOWN_STATE else line(row.thread.state),
        help="Its state, a letter of proc_pid_stat(5).",
    ),
    Column(
        "stack",
        "STACK",
        12,
        lambda row: address_cell(row.stack.start if row.stack is not None else None),
        align="right",
        help="The first address of the region that its stack pointer is in.",
    ),
    Column(
        "size",
        "SIZE",
        5,
        lambda row: size_cell(row.stack.size) if row.stack is not None else DASH,
        align="right",
        help="Address space of that region.",
    ),
    Column("rss", "RSS", 5, lambda row: size_cell(row.resident), align="right", help="How much of it is in memory."),
    Column("at", "AT", 20, _at, wide=48, priority=1, help="Where it waits: the function of its program counter."),
    Column(
        "doing",
        "",
        16,
        lambda row: (span(STATES.get(row.thread.state, ""), Tone.DIM), span("  "), *_note(row)),
        flexible=True,
        help="What the state means.",
    ),
)
