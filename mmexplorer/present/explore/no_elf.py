"""What stands in the ELF pane when there is no ELF file behind the region under the cursor."""

from mmexplorer.model.region import RegionKind
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.region.address import phrase
from mmexplorer.present.region.table import RegionRow
from mmexplorer.present.text.line import Line, Tone, line, span

NO_REGION: Line = line(span("Move to a region to see the file behind it.", Tone.DIM))

_KERNEL_MADE = frozenset({RegionKind.VVAR, RegionKind.VSYSCALL})


def no_elf(row: RegionRow, space: AddressSpace) -> Line:
    """Say why there is no ELF file for `row`."""
    if row.region is None or row.kind is None:
        return line(span("A hole: no region, and so no file.", Tone.DIM))
    if row.kind in _KERNEL_MADE:
        return line(span("The kernel's own memory, lent to every process: no file.", Tone.DIM))
    file = row.region.file
    if file is None:
        return line(span(f"No file behind it: {phrase(row.kind, row.name)}.", Tone.DIM))
    known = space.files.get(file)
    if isinstance(known, Unavailable):
        return line(span(f"— {row.name}: {known}", Tone.WARN))
    return line(span(f"{row.name} has not been opened yet.", Tone.DIM))
