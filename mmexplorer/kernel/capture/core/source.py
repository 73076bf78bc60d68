"""A core file as a source: the files of /proc that can be derived from it, and the memory it contains."""

import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from mmexplorer.kernel.capture.container.zip_format import Random
from mmexplorer.kernel.capture.written import WrittenProcess, WrittenProcfs, stat_text, status_text
from mmexplorer.kernel.errors import unavailable
from mmexplorer.model.capture.core import Core, CoreMapping, CoreSegment, CoreThread
from mmexplorer.model.process.process import UNKNOWN_STATE
from mmexplorer.model.region import Range
from mmexplorer.model.typed import TypeVar
from mmexplorer.model.unavailable import Cause, Unavailable

Piece = TypeVar("Piece", CoreMapping, CoreSegment)

_AT_ENTRY, _AT_EXECFN, _AT_SYSINFO_EHDR = 9, 31, 33
_VSYSCALL = 0xFFFFFFFFFF600000
_BRK_WITHIN = 1 << 30
"""The heap starts at a random place within this many bytes of the program's end (`arch_randomize_brk`)."""
_NO_COUNTERS = Unavailable(Cause.UNSUPPORTED, "a core file has no counters")
_NOT_IN_CORE = Unavailable(Cause.UNSUPPORTED, "not in a core file")


class CoreMemory:
    """Implements `MemoryBytes` with the LOADs of a core. What wasn't dumped is missing, not zero."""

    def __init__(self, core: Core, file: Random) -> None:
        self._core = core
        self._file = file

    def read(self, _pid: int, wanted: Range) -> bytes | Unavailable:
        """Return the bytes of `wanted` up to the first that isn't in the core."""
        segment = next((each for each in self._core.segments if each.start <= wanted.start < each.end), None)
        if segment is None:
            return Unavailable(Cause.UNSUPPORTED, "no region of the core is there")
        end = min(wanted.end, segment.present.end)
        if end <= wanted.start:
            lost = wanted.start < segment.start + segment.dumped
            why = "the core was cut off before it" if lost else "it was not dumped into the core"
            return Unavailable(Cause.UNSUPPORTED, why)
        try:
            return self._file.read(segment.offset + wanted.start - segment.start, end - wanted.start)
        except OSError as error:
            return unavailable(error)


def core_pid(core: Core) -> int:
    """Return the pid; 1 if the core doesn't record it."""
    if not isinstance(core.program, Unavailable) and core.program.pid > 0:
        return core.program.pid
    return next((thread.tid for thread in core.threads if thread.tid > 0), 1)


def core_procfs(core: Core) -> WrittenProcfs:
    """Convert the core's contents into files of /proc."""
    pid = core_pid(core)
    rows = list(core_rows(core))
    files: dict[str, bytes | Unavailable] = {
        "stat": _stat(core, pid),
        "status": status_text(pid, None if isinstance(core.program, Unavailable) else core.program.uid),
        "statm": _NO_COUNTERS,
        "smaps": _NO_COUNTERS,
        "cmdline": _command(core),
        "maps": b"".join(rows),
        "auxv": _auxv(core),
        **{f"task/{thread.tid}/syscall": _pointers(thread) for thread in core.threads},
        **{f"task/{thread.tid}/stat": _thread_stat(core, thread.tid, pid) for thread in core.threads},
    }
    tids = tuple(sorted({thread.tid for thread in core.threads}))
    process = WrittenProcess(files, _exe(core), tids, _user(core))
    return WrittenProcfs({pid: process}, core.page_size, _NOT_IN_CORE, "core: ")


def core_rows(core: Core) -> Iterator[bytes]:
    """Write maps: a line for each LOAD, and for each file of NT_FILE that no LOAD covers.

    A core records neither whether a mapped file was private or shared nor its device; the
    inode numbers the files, from 1.
    """
    mappings = () if isinstance(core.mappings, Unavailable) else core.mappings
    inodes = {path: number for number, path in enumerate(dict.fromkeys(each.path for each in mappings), 1)}
    named = _names(core)
    rows: list[tuple[int, bytes]] = []
    for segment in core.segments:
        mapping = _covering(mappings, segment.start)
        name = mapping.path if mapping is not None else named.get(segment.start, "")
        offset = mapping.offset + segment.start - mapping.start if mapping is not None else 0
        place = Range(segment.start, segment.end)
        # NT_FILE lists all mapped files, shared memory too: what it does not name is private.
        perms = f"{segment.perms}{'?' if name or isinstance(core.mappings, Unavailable) else 'p'}"
        rows.append((segment.start, _row(place, perms, offset, inodes.get(name, 0), name)))
    for mapping in _without_segment(core):
        place = Range(mapping.start, mapping.end)
        rows.append((mapping.start, _row(place, "????", mapping.offset, inodes[mapping.path], mapping.path)))
    return (row for _, row in sorted(rows))


def _row(place: Range, perms: str, offset: int, inode: int, name: str) -> bytes:
    # A corrupt file may declare an offset of more than 64 bits.
    head = f"{place.start:08x}-{place.end:08x} {perms} {offset % (1 << 64):08x} 00:00 {inode} "
    return head.encode() + name.encode("utf-8", "surrogateescape").replace(b"\n", b"\\012") + b"\n"


def _covering(rows: Sequence[Piece], address: int) -> Piece | None:
    """Find the one of the ascending `rows` that contains `address`."""
    index = bisect_right(rows, address, key=lambda row: row.start) - 1
    return rows[index] if index >= 0 and address < rows[index].end else None


def _without_segment(core: Core) -> Iterator[CoreMapping]:
    mappings = () if isinstance(core.mappings, Unavailable) else core.mappings
    return (mapping for mapping in mappings if not _touched(core.segments, mapping))


def _touched(segments: Sequence[CoreSegment], mapping: CoreMapping) -> bool:
    index = bisect_right(segments, mapping.end - 1, key=lambda segment: segment.start) - 1
    return index >= 0 and segments[index].end > mapping.start


def _names(core: Core) -> dict[int, str]:
    """Name the regions that aren't files from the auxiliary vector, and the heap by its position."""
    auxv = {} if isinstance(core.auxv, Unavailable) else core.auxv.entries
    known = {"[stack]": auxv.get(_AT_EXECFN), "[vdso]": auxv.get(_AT_SYSINFO_EHDR), "[vsyscall]": _VSYSCALL}
    found = {name: _covering(core.segments, address) for name, address in known.items() if address}
    names = {segment.start: name for name, segment in found.items() if segment is not None}
    heap = _heap(core, auxv.get(_AT_ENTRY, 0))
    return ({heap: "[heap]"} if heap is not None else {}) | names


def _heap(core: Core, entry: int) -> int | None:
    """Find the first writable unnamed region above the program that isn't adjacent to it, as bss is."""
    if isinstance(core.mappings, Unavailable):
        return None
    program = _covering(core.mappings, entry)
    if program is None:
        return None
    end = max(each.end for each in core.mappings if each.path == program.path)
    for segment in core.segments[bisect_right(core.segments, end - 1, key=lambda each: each.start) :]:
        if segment.start - end > _BRK_WITHIN or _covering(core.mappings, segment.start) is not None:
            return None
        if segment.start > end and segment.perms == "rw-":
            return segment.start
        end = max(end, segment.end)
    return None


def _stat(core: Core, pid: int) -> bytes:
    """Write a process's stat without a state: a core has only that of the dump, running or stopped by the debugger."""
    segments = (segment for segment in core.segments if segment.start != _VSYSCALL)
    vsize = sum(segment.end - segment.start for segment in segments)
    vsize += sum(mapping.end - mapping.start for mapping in _without_segment(core))
    program = core.program
    name, ppid = ("", 0) if isinstance(program, Unavailable) else (program.name, program.ppid)
    return stat_text(pid, name, UNKNOWN_STATE, ppid, threads=len(core.threads), vsize=vsize)


def _thread_stat(core: Core, tid: int, pid: int) -> bytes:
    """Write a thread's stat: a core only has the name of the first."""
    name = "" if tid != pid or isinstance(core.program, Unavailable) else core.program.name
    return stat_text(tid, name, UNKNOWN_STATE, 0, threads=1, vsize=0)


def _pointers(thread: CoreThread) -> bytes | Unavailable:
    """Write a `proc_pid_syscall(5)` for a thread that waits outside any system call."""
    if isinstance(thread.sp, Unavailable) or isinstance(thread.ip, Unavailable):
        return _NOT_IN_CORE
    return b"-1 %#x %#x\n" % (thread.sp, thread.ip)


def _command(core: Core) -> bytes | Unavailable:
    if isinstance(core.program, Unavailable):
        return core.program
    return core.program.arguments.strip(" ").encode("utf-8", "surrogateescape") + b"\0"


def _auxv(core: Core) -> bytes | Unavailable:
    """Write the auxiliary vector in our own byte order, with the process's word size."""
    if isinstance(core.auxv, Unavailable):
        return core.auxv
    pair = "=QQ" if core.auxv.word_size == 8 else "=II"  # noqa: PLR2004 - bytes
    return b"".join(struct.pack(pair, *entry) for entry in (*core.auxv.entries.items(), (0, 0)))


def _exe(core: Core) -> str | Unavailable:
    """Return the file that contains the program's entry point: ld.so, if that was executed."""
    if isinstance(core.auxv, Unavailable) or isinstance(core.mappings, Unavailable):
        return _NOT_IN_CORE
    program = _covering(core.mappings, core.auxv.entries.get(_AT_ENTRY, 0))
    return _NOT_IN_CORE if program is None else program.path


def _user(core: Core) -> str | Unavailable:
    if isinstance(core.program, Unavailable):
        return core.program
    # Some programs that write cores fill in only the names: then the 0 is nobody's.
    return str(core.program.uid) if core.program.pid > 0 else _NOT_IN_CORE
