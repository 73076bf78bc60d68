"""Measurements of the lab process, the processes it made, and the program it ran. Sizes are in bytes."""

from collections.abc import Mapping

from mmexplorer.model.elf.image import ElfImage
from mmexplorer.model.elf.layout import Layout
from mmexplorer.model.memory.pages import PageStates
from mmexplorer.model.region import Region, Usage
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import field, frozen


@frozen
class Program:
    """A program file and, while a process runs it, that process's map."""

    image: ElfImage
    layout: Layout = field(default_factory=Layout)
    """Empty if no process runs it."""
    entry: int | None = None
    """AT_ENTRY of the auxiliary vector: the entry point according to the kernel."""
    regions: tuple[Region, ...] = ()
    """The map of that process."""


@frozen
class Measurement:
    """A process at one moment, as seen from outside."""

    regions: tuple[Region, ...]
    counters: Mapping[str, int]
    """Bytes: `VmSize`, `VmPTE` of `proc_pid_status(5)`, `Rss`, `Pss`, `Anonymous` ... of smaps_rollup.
    Counts: `min_flt` and `maj_flt` of stat. What this kernel doesn't provide is missing."""
    pages: PageStates | Unavailable | None = None
    """The pages that the step watches; None if it watches none."""
    usage: Usage | None = None
    """The smaps counters of that range; None unless it is exactly one region."""
    frames: tuple[int, ...] | None = None
    """The page frame number of each page, 0 if it isn't present; None if the kernel hides them."""
    others: Mapping[str, "Measurement | Unavailable"] = field(default_factory=dict)
    """The processes made by the lab process that still exist, by the names the lab gave them."""
    program: Program | Unavailable | None = None
    """The program file that the step is about; None if there is none."""
