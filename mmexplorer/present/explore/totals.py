"""What the regions of a process add up to."""

from typing import NamedTuple

from mmexplorer.model.snapshot import AddressSpace, Counters
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.text.cells import size_cell
from mmexplorer.present.text.line import Line, Tone, line, span


class Totals(NamedTuple):
    """Bytes, but for the count."""

    regions: int
    vsz: int
    """The address space of the regions. `[vsyscall]` isn't counted: it belongs to the kernel, not to VmSize."""
    rss: int | Unavailable
    """From statm: as fresh as the regions; or why there is none, once the process is gone."""
    pss: int | Unavailable
    """The sum of the last reading of smaps, or why there is none."""


def totals(space: AddressSpace) -> Totals:
    """Add up the regions of `space`."""
    return Totals(
        regions=len(space.regions),
        vsz=sum(region.size for region in space.regions if not region.kernels_own),
        rss=resident(space),
        pss=_pss(space.counters),
    )


def resident(space: AddressSpace) -> int | Unavailable:
    """Give the resident bytes; none of a process that is gone: a zombie's statm says 0, unlike its last map."""
    return space.unavailable or space.process.rss


def _pss(counters: Counters | Unavailable) -> int | Unavailable:
    if isinstance(counters, Unavailable):
        return counters
    shares = [share for usage in counters.by_range.values() if (share := usage.get("Pss")) is not None]
    return sum(shares) if shares else Unavailable(Cause.UNSUPPORTED, "this kernel doesn't give Pss")


def totals_line(sums: Totals) -> Line:
    """Sum up for the title of the pane: `61 · VSZ 113M · RSS 9.1M · PSS 7.0M`."""
    parts: Line = line(span(f"{sums.regions:,}"))
    for name, count in (("VSZ", sums.vsz), ("RSS", sums.rss), ("PSS", sums.pss)):
        parts += (span(f" · {name} ", Tone.DIM), *size_cell(count, Tone.BRIGHT))
    return parts
