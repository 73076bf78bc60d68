"""The calls of the lab process, in C and as strace(1) prints them, and what they changed."""

import re
from collections.abc import Iterator, Sequence

from mmexplorer.model.value import frozen, replace
from mmexplorer.present.text.cells import DASH
from mmexplorer.present.text.column import Column
from mmexplorer.present.text.format import signed_size, time_of_day
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span


@frozen
class CallRow:
    """A call."""

    number: int
    at: float
    """Seconds since the epoch."""
    call: str
    ok: bool
    error: str
    start: int
    """The first address involved; 0 if none."""
    vsz: int | None
    """Change of VmSize in bytes; None where it couldn't be read."""
    rss: int | None
    """Change of VmRSS in bytes; None where it couldn't be read."""
    in_c: str = ""
    """The line of C, in the row above the system call that it makes; "" in all other rows."""

    @property
    def key(self) -> tuple[int, bool]:
        """The identity of the row."""
        return (self.number, bool(self.in_c))


_MMAP = re.compile(r"(mmap\(NULL, .*\)) = ")
_MUNMAP = re.compile(r"munmap\(0x[0-9a-f]+, ([0-9]+)\) = ")


def line_of_c(call: str) -> str:
    """Return the line of C that makes this call; "" for a touch, which isn't a system call and is already in C."""
    if found := _MMAP.match(call):
        return f"char *p = {found[1].replace('|', ' | ')};"
    if found := _MUNMAP.match(call):
        return f"munmap(p, {found[1]});"
    return ""


def call_rows(calls: Sequence[CallRow]) -> tuple[CallRow, ...]:
    """Return each call below the line of C that made it."""
    return tuple(_with_c(calls))


def _with_c(calls: Sequence[CallRow]) -> Iterator[CallRow]:
    for row in calls:
        if written := line_of_c(row.call):
            yield replace(row, in_c=written)
        yield row


def _call(row: CallRow) -> Line:
    if row.in_c:
        return line(span(row.in_c, Tone.ACCENT))
    return (span(row.call), *(EMPTY if row.ok else (span(f"  {row.error}", Tone.ERROR),)))


def _change(count: int | None) -> Line:
    return DASH if count is None else line(span(signed_size(count), Tone.BRIGHT if count else Tone.DIM))


CALL_COLUMNS: tuple[Column[CallRow], ...] = (
    Column(
        "time",
        "TIME",
        8,
        lambda row: EMPTY if row.in_c else (span(time_of_day(row.at), Tone.DIM),),
        help="When it was called.",
    ),
    Column(
        "vsz",
        "VSZ",
        6,
        lambda row: EMPTY if row.in_c else _change(row.vsz),
        align="right",
        help="Change of the address space.",
    ),
    Column(
        "rss",
        "RSS",
        6,
        lambda row: EMPTY if row.in_c else _change(row.rss),
        align="right",
        help="Change of the resident memory.",
    ),
    Column(
        "call",
        "CALL",
        40,
        _call,
        flexible=True,
        help="A line of C, and below it the system call and its result as strace(1) prints them.",
    ),
)

NO_CALLS: Line = line(
    span("The lab process hasn't done anything yet: "),
    span("m", Tone.ACCENT),
    span(" maps memory in it, "),
    span("t", Tone.ACCENT),
    span(" touches it, "),
    span("u", Tone.ACCENT),
    span(" unmaps it."),
)
