"""Address spaces built from lines of /proc/PID/maps, for tests that need no process."""

from collections.abc import Mapping, Sequence

from mmexplorer.model.elf.image import ElfImage, Segment
from mmexplorer.model.elf.layout import Label, Layout, LoadedImage, Match, run_time_range
from mmexplorer.model.process.process import Process
from mmexplorer.model.region import FileId, Range, Region, Usage
from mmexplorer.model.snapshot import AddressSpace, Counters
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.usages import Usages
from mmexplorer.parse.process.maps import parse_maps_line
from tests.support.regions import region_of

NOT_READ = Unavailable(Cause.NOT_READ, "not read yet", "r reads now")

SMALL = """\
559499a7d000-559499a7f000 r--p 00000000 fe:00 260131                     /usr/bin/cat
559499a7f000-559499a85000 r-xp 00002000 fe:00 260131                     /usr/bin/cat
559499a88000-559499a89000 rw-p 0000a000 fe:00 260131                     /usr/bin/cat
5594b2c00000-5594b2c21000 rw-p 00000000 00:00 0                          [heap]
7f3a4c000000-7f3a4c026000 r--p 00000000 fe:00 339380                     /usr/lib/x86_64-linux-gnu/libc.so.6
7f3a4c026000-7f3a4c17b000 r-xp 00026000 fe:00 339380                     /usr/lib/x86_64-linux-gnu/libc.so.6
7f3a4c1d4000-7f3a4c1e1000 rw-p 00000000 00:00 0 
7ffd8a4c0000-7ffd8a4e1000 rw-p 00000000 00:00 0                          [stack]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
"""  # noqa: W291 - the blank after the inode of an anonymous region is the kernel's


def region(text: str) -> Region:
    """Parse one line of maps."""
    found = parse_maps_line(text.encode("utf-8", "surrogateescape"))
    assert isinstance(found, Region), found
    return found


def regions(text: str = SMALL) -> tuple[Region, ...]:
    """Parse lines of maps."""
    return tuple(region(each) for each in text.split("\n") if each)


def anonymous(start: int, end: int, perms: str = "rw-p") -> Region:
    """Return private memory without a file."""
    return region_of(start, end, perms, 0, "00:00", 0, "")


def mapped(start: int, end: int, offset: int = 0, perms: str = "r--p", inode: int = 7) -> Region:
    """Return a mapping of a file."""
    return region_of(start, end, perms, offset, "fe:00", inode, f"/lib/{inode}.so")


def usage(flags: tuple[str, ...] | None = ("rd",), **counters: int) -> Usage:
    """Return counters, in bytes."""
    return Usage({name: index for index, name in enumerate(counters)}, tuple(counters.values()), flags)


def process(**changes: object) -> Process:
    """Return a process."""
    fields: dict[str, object] = {
        "pid": 8360,
        "ppid": 1,
        "start_time": 100,
        "user": "root",
        "name": "cat",
        "command": ("/usr/bin/cat", "-n", "x"),
        "state": "S",
        "rss": 9 << 20,
        "vsz": 113 << 20,
        "threads": 1,
        "min_flt": 10,
        "maj_flt": 2,
        "kernel_thread": False,
    }
    return Process(**(fields | changes))  # type: ignore[arg-type] # named by the caller, checked by the dataclass


def read(counters: Mapping[Range, Usage]) -> Counters:
    """Return a reading of smaps."""
    return Counters(1.0, 0.001, Usages((*covered, usage) for covered, usage in counters.items()))


def space(
    of: Sequence[Region],
    counters: Mapping[Range, Usage] | Unavailable = NOT_READ,
    layout: Layout | None = None,
) -> AddressSpace:
    """Return an address space."""
    return AddressSpace(
        process=process(),
        regions=tuple(of),
        counters=counters if isinstance(counters, Unavailable) else read(counters),
        layout=layout or Layout(),
        files={},
        exe="/usr/bin/cat",
    )


def segment(index: int, flags: str, *, vaddr: int = 0, memsz: int = 0x1000, **fields: object) -> Segment:
    """Return a program header, by default a LOAD."""
    shape: dict[str, object] = {"type": "LOAD", "offset": vaddr, "filesz": memsz, "align": 0x1000} | fields
    return Segment(index=index, vaddr=vaddr, paddr=vaddr, memsz=memsz, flags=flags, **shape)  # type: ignore[arg-type] # mixed fields


def image(path: str, *segments: Segment, **fields: object) -> ElfImage:
    """Return an ELF file."""
    shape: dict[str, object] = {
        "opened_via": "map_files",
        "header_offset": 0,
        "elf_class": "ELF64",
        "data": "2LSB",
        "type": "DYN",
        "machine": "X86_64",
        "entry": 0,
        "interp": None,
        "build_id": None,
        "sections": NOT_READ,
    }
    return ElfImage(path=path, segments=segments, **(shape | fields))  # type: ignore[arg-type] # mixed fields


def loaded(of: ElfImage, bias: int, role: str = "") -> LoadedImage:
    """Return a loaded ELF file."""
    return LoadedImage(of, FileId("fe:00", 7), bias, role)


def matched(by: LoadedImage, index: int, label: Label = Label.SEGMENT) -> Match:
    """Return the match of a region with a program header."""
    of = next(each for each in by.image.segments if each.index == index)
    return Match(by, of, label, run_time_range(by, of, 0x1000))
