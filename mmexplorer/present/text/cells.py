"""The cells that every table shares: a number or a dash, never a blank that could be taken for 0."""

from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.text.format import address, kilobytes, size, size_line
from mmexplorer.present.text.line import Line, Tone, line, span

ADDRESS_CELLS = 12
"""The digits of a 48-bit address. Every 64-bit process has one region with more, `[vsyscall]`."""
WHOLE_ADDRESS_CELLS = 16
"""The digits of any 64-bit address."""

DASH: Line = (span("—", Tone.DIM),)
"""Stands for what isn't known; the details say why."""


def size_cell(count: int | Unavailable | None, tone: Tone = Tone.NORMAL) -> Line:
    """Show bytes, or a dash."""
    return size_line(count, tone) if isinstance(count, int) else DASH


def size_text(count: int | Unavailable) -> str:
    """Write bytes inside a sentence, or a dash."""
    return "—" if isinstance(count, Unavailable) else size(count)


def number_cell(count: int | None) -> Line:
    """Show a plain number with separators, a 0 dimmed, or a dash."""
    return DASH if count is None else line(span(f"{count:,}", Tone.NORMAL if count else Tone.DIM))


def address_cell(value: int | None) -> Line:
    """Show an address in full, or a dash. Where a column is too narrow for it, the last digits remain."""
    return DASH if value is None else line(address(value))


def change_in_kb(count: int | None) -> Line:
    """Show a change in bytes with its sign in kB; a dash for one that couldn't be read."""
    if count is None:
        return DASH
    sign = "+" if count >= 0 else "-"
    return (span(f"{sign}{kilobytes(abs(count))}", Tone.BRIGHT if count else Tone.DIM),)


def known(count: int | Unavailable | None) -> int | None:
    """Give a number to sort by, None where there is none."""
    return count if isinstance(count, int) else None
