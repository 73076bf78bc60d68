"""What is measured of the lab process, and of the processes and the program that it made. Sizes are bytes."""

from collections.abc import Mapping

from mmexplorer.model.elf.image import ElfImage
from mmexplorer.model.elf.layout import Layout
from mmexplorer.model.memory.pages import PageStates
from mmexplorer.model.region import Region, Usage
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import field, frozen


@frozen
class Program:
    """A program file and, while a process runs it, how that process's regions are tied to it."""

    image: ElfImage
    layout: Layout = field(default_factory=Layout)
    """Empty for a file that isn't run yet."""
    entry: int | None = None
    """AT_ENTRY of the auxiliary vector: where the kernel says that the program begins."""
    regions: tuple[Region, ...] = ()
    """The map of that process."""


@frozen
class Measurement:
    """The lab process at one moment, seen from outside."""

    regions: tuple[Region, ...]
    counters: Mapping[str, int]
    """Bytes: `VmSize`, `VmPTE` of `proc_pid_status(5)`, `Rss`, `Pss`, `Anonymous` ... of smaps_rollup.
    Counts: `min_flt` and `maj_flt` of stat. One that this kernel doesn't give is absent."""
    pages: PageStates | Unavailable | None = None
    """Those of the range that the step watches; None where it watches none."""
    usage: Usage | None = None
    """The counters of smaps for that range; None where it isn't exactly one region."""
    frames: tuple[int, ...] | None = None
    """The page frame number of each of its pages, 0 for one that is not there; None where the kernel hides them."""
    others: Mapping[str, "Measurement | Unavailable"] = field(default_factory=dict)
    """The processes that the lab process made and that are there, by the names the lab gave them."""
    program: Program | Unavailable | None = None
    """The program file that the step is about; None where it is about none."""
