"""What the lab process was told to do, as strace(1) prints it, and what it changed."""

from mmexplorer.model.value import frozen
from mmexplorer.present.text.cells import DASH
from mmexplorer.present.text.column import Column
from mmexplorer.present.text.format import signed_size, time_of_day
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span


@frozen
class CallRow:
    """One call."""

    number: int
    at: float
    """Seconds since the epoch."""
    call: str
    ok: bool
    error: str
    start: int
    """The first address it was about; 0 where it has none."""
    vsz: int | None
    """Change of VmSize in bytes; None where it couldn't be read."""
    rss: int | None
    """Change of VmRSS in bytes; None where it couldn't be read."""


def _change(count: int | None) -> Line:
    return DASH if count is None else line(span(signed_size(count), Tone.BRIGHT if count else Tone.DIM))


CALL_COLUMNS: tuple[Column[CallRow], ...] = (
    Column(
        "time",
        "TIME",
        8,
        lambda row: (span(time_of_day(row.at), Tone.DIM),),
        help="When it was called.",
    ),
    Column("vsz", "VSZ", 6, lambda row: _change(row.vsz), align="right", help="Change of the address space."),
    Column("rss", "RSS", 6, lambda row: _change(row.rss), align="right", help="Change of the resident memory."),
    Column(
        "call",
        "CALL",
        40,
        lambda row: (span(row.call), *(EMPTY if row.ok else (span(f"  {row.error}", Tone.ERROR),))),
        flexible=True,
        help="The system call and its result, as strace(1) prints them.",
    ),
)

NO_CALLS: Line = line(
    span("The lab process hasn't been told anything yet: "),
    span("m", Tone.ACCENT),
    span(" maps memory in it, "),
    span("t", Tone.ACCENT),
    span(" touches it, "),
    span("u", Tone.ACCENT),
    span(" unmaps it."),
)
