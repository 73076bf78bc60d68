"""A small fictitious machine: processes with address spaces, built from lines of maps and matched to ELF files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mmexplorer.model.elf.image import ElfImage, Section
from mmexplorer.model.elf.layout import Layout
from mmexplorer.model.process.auxv import AuxKey, Auxv
from mmexplorer.model.process.process import Process, ProcessKey
from mmexplorer.model.region import FileId, Range, Region, Usage
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Cause, Unavailable
from tests.support.fakes.spaces import NOT_READ, image, process, read, region, regions, segment, usage
from tests.support.layouts import match_layout

PAGE = 4096
_NEVER_OLD = 1e9
"""When its counters were read, on the monotonic clock: their age is 0, however often a test lets the screen refresh."""

MAPS = """\
559499a7d000-559499a7f000 r--p 00000000 fe:00 260131                     /usr/bin/cat
559499a7f000-559499a85000 r-xp 00002000 fe:00 260131                     /usr/bin/cat
559499a85000-559499a88000 r--p 00008000 fe:00 260131                     /usr/bin/cat
559499a88000-559499a89000 r--p 0000a000 fe:00 260131                     /usr/bin/cat
559499a89000-559499a8a000 rw-p 0000b000 fe:00 260131                     /usr/bin/cat
5594b2c00000-5594b2c21000 rw-p 00000000 00:00 0                          [heap]
7f3a4bf00000-7f3a4bf10000 rw-p 00000000 00:00 0 
7f3a4c000000-7f3a4c026000 r--p 00000000 fe:00 339380                     /usr/lib/x86_64-linux-gnu/libc.so.6
7f3a4c026000-7f3a4c17b000 r-xp 00026000 fe:00 339380                     /usr/lib/x86_64-linux-gnu/libc.so.6
7f3a4c17b000-7f3a4c1d0000 r--p 0017b000 fe:00 339380                     /usr/lib/x86_64-linux-gnu/libc.so.6
7f3a4c1d0000-7f3a4c1d4000 r--p 001cf000 fe:00 339380                     /usr/lib/x86_64-linux-gnu/libc.so.6
7f3a4c1d4000-7f3a4c1d6000 rw-p 001d3000 fe:00 339380                     /usr/lib/x86_64-linux-gnu/libc.so.6
7f3a4c1d6000-7f3a4c1e3000 rw-p 00000000 00:00 0 
7ffd8a4c0000-7ffd8a4e1000 rw-p 00000000 00:00 0                          [stack]
7ffd8a5f0000-7ffd8a5f4000 r--p 00000000 00:00 0                          [vvar]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
"""  # noqa: W291 - the blank after the inode of an anonymous region is the kernel's

CAT = FileId("fe:00", 260131)
LIBC = FileId("fe:00", 339380)

CAT_IMAGE = image(
    "/usr/bin/cat",
    segment(0, "R", type="PHDR", vaddr=0x40, memsz=0x2D8, align=8),
    segment(1, "R", type="INTERP", vaddr=0x318, memsz=0x1C, align=1),
    segment(2, "R", vaddr=0, memsz=0x1688),
    segment(3, "R E", vaddr=0x2000, memsz=0x5791),
    segment(4, "R", vaddr=0x8000, memsz=0x25B8),
    segment(5, "RW", vaddr=0xBAA0, offset=0xAAA0, memsz=0x800, filesz=0x660),
    segment(6, "R", type="GNU_RELRO", vaddr=0xBAA0, offset=0xAAA0, memsz=0x560, align=1),
    entry=0x3670,
    interp="/lib64/ld-linux-x86-64.so.2",
    build_id="00" * 20,
)

LIBC_IMAGE = image(
    "/usr/lib/x86_64-linux-gnu/libc.so.6",
    segment(0, "R", vaddr=0, memsz=0x25D48),
    segment(1, "R E", vaddr=0x26000, memsz=0x154B9D),
    segment(2, "R", vaddr=0x17B000, memsz=0x54B0C),
    segment(3, "RW", vaddr=0x1D0BC8, offset=0x1CFBC8, memsz=0x12350, filesz=0x4BC8),
    segment(4, "R", type="GNU_RELRO", vaddr=0x1D0BC8, offset=0x1CFBC8, memsz=0x3438, align=1),
    entry=0x27370,
)

IMAGES = {CAT: CAT_IMAGE, LIBC: LIBC_IMAGE}


def _section(index: int, name: str, address: int, size: int, flags: str) -> Section:
    return Section(index, name, "PROGBITS", address, address, size, 0, flags, 0, 0, 16)


SECTIONS = (
    _section(1, ".interp", 0x318, 0x1C, "A"),
    _section(2, ".text", 0x2700, 0x4FE2, "AX"),
    _section(3, ".rodata", 0x8000, 0x1D50, "A"),
)


def with_sections(of: ElfImage) -> ElfImage:
    """Return the file with its sections."""
    return replace(of, sections=SECTIONS)


_AUXV = Auxv({AuxKey.ENTRY: 0x559499A7D000 + CAT_IMAGE.entry}, word_size=8)


@dataclass(frozen=True, slots=True)
class Scene:
    """The state of the machine at one moment."""

    processes: tuple[Process, ...]
    spaces: Mapping[ProcessKey, AddressSpace]

    def with_space(self, space: AddressSpace) -> "Scene":
        """Return the same machine with another state of one process, which may be new."""
        others = [each for each in self.processes if each.key != space.process.key]
        processes = tuple(sorted((*others, space.process), key=lambda each: each.pid))
        return Scene(processes, {**self.spaces, space.process.key: space})

    def without(self, key: ProcessKey, ended_at: float) -> "Scene":
        """Return the same machine after a process ended: it is no longer listed, but its last map is kept."""
        gone = Unavailable(Cause.GONE, "the process has ended")
        ended = replace(self.spaces[key], unavailable=gone, ended_at=ended_at)
        return Scene(tuple(each for each in self.processes if each.key != key), {**self.spaces, key: ended})


def laid_out(of: Process, rows: Sequence[Region], touched: Mapping[int, int] | None = None) -> AddressSpace:
    """Return a process with these regions, matched to `IMAGES`; `touched`: resident bytes by start, else half."""
    layout = match_layout(rows, {file: [found] for file, found in IMAGES.items()}, PAGE, _AUXV)
    files = {file: IMAGES[file] for row in rows if (file := row.file) in IMAGES}
    counters = {row.range: _usage(row, (touched or {}).get(row.start)) for row in rows}
    smaps = replace(read(counters), taken_at=_NEVER_OLD)
    return AddressSpace(of, tuple(rows), smaps, layout, files, exe="/usr/bin/cat")


def _usage(row: Region, touched: int | None) -> Usage:
    rss = row.size // 2 // PAGE * PAGE if touched is None else touched
    flags = tuple(flag for flag, letter in zip(("rd", "wr", "ex"), row.perms, strict=False) if letter != "-")
    written = rss if "w" in row.perms else 0
    return usage(
        (*flags, "mr", "mw", "me"),
        Size=row.size,
        Rss=rss,
        Pss=rss // 2 if row.inode else rss,
        Shared_Clean=0,
        Shared_Dirty=0,
        Private_Clean=rss - written,
        Private_Dirty=written,
        Swap=0,
    )


def without_regions(of: Process, why: Unavailable, exe: str | Unavailable) -> AddressSpace:
    """Return a process whose map can't be read."""
    return AddressSpace(of, (), NOT_READ, Layout(), {}, exe, unavailable=why)


DENIED = Unavailable(
    Cause.DENIED,
    "permission denied: another user's process, or one that shields its memory",
    "run with sudo, or grant CAP_SYS_PTRACE",
)
KERNEL_THREAD = Unavailable(Cause.UNSUPPORTED, "a kernel thread: it works in the kernel's memory")
ZOMBIE = Unavailable(Cause.GONE, "a zombie: it has exited and its memory is freed")

cat = process(rss=9 << 20)
other_cat = process(pid=8402, start_time=120, rss=8 << 20, command=("/usr/bin/cat", "other.txt"))
shielded = process(pid=731, start_time=40, name="sshd", user="root", rss=3 << 20, command=("/usr/sbin/sshd", "-D"))
database = process(
    pid=1022, start_time=50, name="postgres", user="postgres", rss=5 << 20, command=("postgres", "-c", "fsync=on")
)
kthreadd = process(
    pid=2, ppid=0, start_time=1, name="kthreadd", rss=0, vsz=0, command=(), kernel_thread=True, min_flt=0, maj_flt=0
)
zombie = process(pid=900, start_time=60, name="defunct", rss=0, vsz=0, command=(), state="Z")
leaderless = process(pid=950, start_time=61, name="threads", rss=1 << 20, command=("/usr/bin/threads",))


def machine() -> Scene:
    """Return the initial machine; `cat` is the largest readable process."""
    rows = regions(MAPS)
    spaces = {
        cat.key: laid_out(cat, rows),
        other_cat.key: laid_out(other_cat, rows[:6]),
        shielded.key: without_regions(shielded, DENIED, DENIED),
        database.key: laid_out(database, rows[5:]),
        kthreadd.key: without_regions(kthreadd, KERNEL_THREAD, KERNEL_THREAD),
        zombie.key: without_regions(zombie, ZOMBIE, ZOMBIE),
        leaderless.key: replace(laid_out(leaderless, rows[:6]), through_thread=951),
    }
    processes = tuple(sorted((space.process for space in spaces.values()), key=lambda each: each.pid))
    return Scene(processes, spaces)


def changed(space: AddressSpace, *rows: Region, touched: Mapping[int, int] | None = None) -> AddressSpace:
    """Return the process with other regions; equal ones stay the same objects, as in a real source."""
    kept = {row: row for row in space.regions}
    return laid_out(space.process, tuple(kept.get(row, row) for row in sorted(rows)), touched)


def with_region(space: AddressSpace, text: str) -> AddressSpace:
    """Return the process with one more region, a line of maps."""
    return changed(space, *space.regions, region(text))


def grown(space: AddressSpace, at: Range, by: int) -> AddressSpace:
    """Return the process with the region `at` extended by `by` bytes."""
    return changed(space, *(row._replace(end=row.end + by) if row.range == at else row for row in space.regions))
