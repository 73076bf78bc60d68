"""A region: one virtual memory area (VMA) of a process. Addresses and sizes are bytes."""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from itertools import pairwise

from mmexplorer.model.value import NamedTuple, frozen


class FileId(NamedTuple):
    """A file as identified in maps. On some file systems `dev` differs from stat's (kernel/README.md, "maps")."""

    dev: str
    inode: int


class Traits(NamedTuple):
    """What many regions of a process have in common: those that do share one object."""

    perms: str
    """Four characters as the kernel writes them: `rw-p`; `s` means VM_MAYSHARE. `?` for what a core doesn't record."""
    dev: str
    """`fe:00`, hexadecimal, as the kernel writes it."""
    inode: int
    path: str
    r"""The name exactly as the kernel gave it, less a ` (deleted)` that isn't part of it; "" for none.

    Decoded with surrogateescape, so that the kernel's bytes can be restored. `\012` is a newline.
    """
    deleted: bool = False


class Region(NamedTuple):
    """One row of `proc_pid_maps(5)`. A named tuple: a process may have 65,000, and each change makes new ones."""

    start: int
    end: int
    """The first address after the region (vm_end)."""
    offset: int
    traits: Traits

    @property
    def perms(self) -> str:
        """See `Traits`."""
        return self.traits.perms

    @property
    def dev(self) -> str:
        """See `Traits`."""
        return self.traits.dev

    @property
    def inode(self) -> int:
        """See `Traits`."""
        return self.traits.inode

    @property
    def path(self) -> str:
        """See `Traits`."""
        return self.traits.path

    @property
    def deleted(self) -> bool:
        """See `Traits`."""
        return self.traits.deleted

    @property
    def size(self) -> int:
        """Bytes of address space."""
        return self.end - self.start

    @property
    def range(self) -> "Range":
        """The addresses it covers."""
        return Range(self.start, self.end)

    @property
    def file(self) -> FileId | None:
        """The mapped file; None for anonymous memory and the kernel's own mappings."""
        traits = self.traits
        return FileId(traits.dev, traits.inode) if traits.inode else None

    @property
    def name(self) -> str:
        """The last part of the path, or the kernel's `[name]`, or "" for anonymous memory."""
        path = self.traits.path
        return path.rpartition("/")[2] if path.startswith("/") else path

    @property
    def kernels_own(self) -> bool:
        """Whether it is `[vsyscall]`: listed among the regions, but owned by the kernel and not part of VmSize."""
        return self.traits.path == "[vsyscall]"

    @property
    def is_inferred(self) -> bool:
        """Whether its name is a guess: a core records neither what the heap is nor what is private, hence the `?`."""
        return self.path == "[heap]" and self.perms.endswith("?")


class Range(NamedTuple):
    """A half-open range of addresses."""

    start: int
    end: int

    @property
    def size(self) -> int:
        """Bytes covered."""
        return self.end - self.start


@frozen
class Usage:
    """The counters of one region: a record of `proc_pid_smaps(5)`.

    Names are the kernel's (`Rss`, `Private_Dirty`). Values are bytes except `THPeligible` and `ProtectionKey`, which
    are plain numbers. A field this kernel doesn't have is absent, never 0; unknown fields are kept.
    """

    fields: Mapping[str, int]
    """The index of each counter in `values`; one mapping is shared by all records of a reading."""
    values: tuple[int, ...]
    vm_flags: tuple[str, ...] | None
    """The two-letter flags of VmFlags; () for an empty line, None if the kernel has no such line."""

    def get(self, name: str) -> int | None:
        """Return the counter of that name, or None if this kernel doesn't have it."""
        index = self.fields.get(name)
        return None if index is None else self.values[index]

    def __iter__(self) -> Iterator[tuple[str, int]]:
        """Iterate over the counters in the kernel's order."""
        return iter(zip(self.fields, self.values, strict=True))


class RegionKind(Enum):
    """What a region is for, as decided (and documented) in `model/region_kind.py`."""

    CODE = "code"
    RODATA = "rodata"
    DATA = "data"
    RELRO = "relro"
    BSS = "bss"
    HEAP = "heap"
    STACK = "stack"
    ARENA = "arena"
    JIT = "jit"
    ANON = "anon"
    FILE = "file"
    SHM = "shm"
    MEMFD = "memfd"
    GUARD = "guard"
    RESERVE = "reserve"
    ARENA_RESERVE = "arena reserve"
    DEVICE = "device"
    HUGETLB = "hugetlb"
    VDSO = "vdso"
    VVAR = "vvar"
    VSYSCALL = "vsyscall"
    OTHER = "other"


class Hole(NamedTuple):
    """A hole, where any access faults, and the regions on both sides."""

    range: Range
    below: Region
    above: Region


def holes(regions: Sequence[Region]) -> Iterator[Hole]:
    """Yield the holes between `regions`, which are ascending and don't overlap. Space outside them is not a hole."""
    for below, above in pairwise(regions):
        if below.end < above.start:
            yield Hole(Range(below.end, above.start), below, above)
