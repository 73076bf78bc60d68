"""The translation of an address as text: a line per level, then the frame, then the size of the tables."""

from collections.abc import Iterator

from mmexplorer.model.memory.inspection import TableCount
from mmexplorer.model.memory.translation import Level, Translation, table_bytes
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.text.format import duration, hexadecimal, kilobytes, size

_OLD = 1.0
"""Seconds."""


def translation_lines(translation: Translation) -> Iterator[str]:
    """Yield the walk from the top-level table to the byte."""
    yield from (_level_line(level) for level in translation.levels)
    covered = translation.huge or translation.page_size
    offset = hexadecimal(translation.address % covered)
    yield f"offset {offset} in a page of {size(covered)}: {translation.state.value}"
    if isinstance(translation.frame, Unavailable) or isinstance(translation.physical, Unavailable):
        yield f"frame: {translation.frame}"
    else:
        yield f"frame {hexadecimal(translation.frame)}, physical address {hexadecimal(translation.physical)}"


def _level_line(level: Level) -> str:
    last = level.shift + level.bits - 1
    return (
        f"{level.name:<4} entry {level.index:>5}  bits {last:>2}-{level.shift:<2}  each covers {size(1 << level.shift)}"
    )


def table_line(count: TableCount, page_size: int) -> str:
    """Compare the tables needed for the present pages with the kernel's VmPTE, and say if that is no longer new."""
    needed, vm_pte = count.needed, count.vm_pte
    if isinstance(needed, Unavailable):
        return f"page tables: {needed}"
    listed = ", ".join(f"{number:,} {name}" for name, number in needed.items())
    computed = f"page tables for all that is present: {listed} = {kilobytes(table_bytes(needed, page_size))}"
    told = f"{computed}; VmPTE: {vm_pte if isinstance(vm_pte, Unavailable) else kilobytes(vm_pte)}"
    return f"{told}, {duration(count.age)} ago" if count.age >= _OLD else told
