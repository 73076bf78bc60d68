"""The cells that all tables share: a number or a dash, never a blank that could be mistaken for 0."""

from mmexplorer.model.amount import scaled
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.text.format import address, kilobytes
from mmexplorer.present.text.line import Line, Tone, line, span

ADDRESS_CELLS = 12
"""The digits of a 48-bit address. Only `[vsyscall]`, which every 64-bit process has, needs more."""
WHOLE_ADDRESS_CELLS = 16
"""The digits of any 64-bit address."""

DASH: Line = (span("—", Tone.DIM),)
"""Shown for an unknown value; the details give the reason."""


def size_line(count: int, tone: Tone = Tone.NORMAL) -> Line:
    """Return bytes as `format.size` does, with the unit dimmed, so that the number stands out."""
    number, unit = scaled(count)
    dim = tone if tone is Tone.OLDER else Tone.DIM
    return (span(number, tone), span(unit, dim)) if unit else (span(number, dim if count == 0 else tone),)


def size_cell(count: int | Unavailable | None, tone: Tone = Tone.NORMAL) -> Line:
    """Return bytes, or a dash."""
    return size_line(count, tone) if isinstance(count, int) else DASH


def number_cell(count: int | None) -> Line:
    """Return a number with separators, a dimmed 0, or a dash."""
    return DASH if count is None else line(span(f"{count:,}", Tone.NORMAL if count else Tone.DIM))


def address_cell(value: int | None) -> Line:
    """Return an address in full, or a dash. If a column is too narrow, the last digits remain."""
    return DASH if value is None else line(address(value))


def change_in_kb(count: int | None) -> Line:
    """Return a change in bytes as signed kB; a dash if it couldn't be read."""
    if count is None:
        return DASH
    sign = "+" if count >= 0 else "-"
    return (span(f"{sign}{kilobytes(abs(count))}", Tone.BRIGHT if count else Tone.DIM),)


def known(count: int | Unavailable | None) -> int | None:
    """Return a number to sort by, or None."""
    return count if isinstance(count, int) else None
