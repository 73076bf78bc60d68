"""Reads a core file's headers and notes, however large it is: memory contents aren't loaded."""

import struct
from collections.abc import Iterator

from mmexplorer.kernel.capture.container.zip_format import Random
from mmexplorer.kernel.errors import unavailable
from mmexplorer.model.capture.core import Core, CoreMapping, CoreProgram, CoreSegment, CoreSignal, CoreThread
from mmexplorer.model.process.auxv import Auxv
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import NamedTuple
from mmexplorer.parse.elf import core as notes
from mmexplorer.parse.elf.core import Words

_MAGIC = b"\x7fELF"
_ET_CORE = 4
_PT_LOAD, _PT_NOTE = 1, 4
_PN_XNUM = 0xFFFF
_HEADERS_AT_MOST = 1 << 18
_NOTES_AT_MOST = 1 << 18
_NOTE_AT_MOST = 1 << 26
_NOTE_HEADER = 12
_SH_INFO_AT = {True: 44, False: 28}
_AT_PAGESZ = 6
_PAGE = 4096
_MACHINES = {
    3: "386", 8: "MIPS", 20: "PPC", 21: "PPC64", 22: "S390", 40: "ARM", 62: "X86_64", 183: "AARCH64", 243: "RISCV",
    258: "LOONGARCH",
}  # fmt: skip
"""e_machine, without the prefix EM_."""


class _Header(NamedTuple):
    words: Words
    machine: str
    table: int
    """Where the program headers start."""
    entries: int

    @property
    def entry_size(self) -> int:
        return 56 if self.words.wide else 32


class _ProgramHeader(NamedTuple):
    type: int
    flags: int
    offset: int
    vaddr: int
    filesz: int
    memsz: int


def is_core(head: bytes) -> bool:
    """Return whether a file that starts like this is a core file; 18 bytes are enough."""
    if not head.startswith(_MAGIC) or len(head) < 18:  # noqa: PLR2004 - e_ident and e_type
        return False
    return int.from_bytes(head[16:18], "big" if head[5] == 2 else "little") == _ET_CORE  # noqa: PLR2004


def read_core(file: Random) -> Core | Unavailable:
    """Read a core. Whatever the bytes, return a core or a sentence."""
    try:
        header = _header(file)
        return header if isinstance(header, Unavailable) else _core(file, header)
    except OSError as error:
        return unavailable(error)


def _header(file: Random) -> _Header | Unavailable:
    head = file.read(0, 64)
    if not is_core(head):
        return _broken("not a core file")
    if head[4] not in (1, 2) or head[5] not in (1, 2):
        return _broken("not a valid core file: its first 16 bytes name no known class and byte order")
    words = Words(32 * head[4], "<" if head[5] == 1 else ">")
    try:
        machine, _, _, table, sections, _, _, size, count, section_size, _, _ = words.unpack("HIWWWIHHHHHH", head, 18)
        if count == _PN_XNUM:
            section = file.read(sections, section_size)
            (count,) = words.unpack("I", section, _SH_INFO_AT[words.wide])
    except struct.error:
        return _broken("a truncated core file: it ends inside its headers")
    return _sound(_Header(words, _MACHINES.get(machine, f"machine {machine}"), table, count), size, file.size)


def _sound(header: _Header, entry_size: int, file_size: int) -> _Header | Unavailable:
    if entry_size != header.entry_size:
        return _broken(f"a corrupt core file: its program headers are {entry_size} bytes each")
    if header.entries > _HEADERS_AT_MOST:
        return _broken(f"its {header.entries:,} program headers are more than the {_HEADERS_AT_MOST:,} that are read")
    if header.table + header.entries * entry_size > file_size:
        return _broken("a truncated core file: it ends inside its program headers")
    return header


def _core(file: Random, header: _Header) -> Core | Unavailable:
    table = list(_program_headers(file, header))
    read = _Notes(header)
    for each in table:
        if each.type == _PT_NOTE:
            read.take_all(file, each)
    page_size = _page_size(read)
    segments = sorted(_segment(each, file.size) for each in table if each.type == _PT_LOAD and each.memsz)
    if not segments:
        return _broken("a core file without any memory (no LOAD)")
    return Core(
        elf_class=header.words.bits,
        byte_order="little" if header.words.order == "<" else "big",
        machine=header.machine,
        page_size=page_size,
        segments=tuple(_not_overlapping(segments)),
        mappings=read.mappings,
        threads=tuple(thread for thread, _ in read.threads),
        signal=read.the_signal(),
        auxv=read.auxv,
        program=read.program,
    )


def _program_headers(file: Random, header: _Header) -> Iterator[_ProgramHeader]:
    words, size = header.words, header.entry_size
    raw = file.read(header.table, header.entries * size)
    for at in range(0, len(raw) - size + 1, size):
        if words.wide:
            kind, flags, offset, vaddr, _, filesz, memsz, _ = words.unpack("IIWWWWWW", raw, at)
        else:
            kind, offset, vaddr, _, filesz, memsz, flags, _ = words.unpack("IWWWWWII", raw, at)
        yield _ProgramHeader(kind, flags, offset, vaddr, filesz, memsz)


def _segment(header: _ProgramHeader, file_size: int) -> CoreSegment:
    perms = "".join(letter if header.flags & bit else "-" for letter, bit in (("r", 4), ("w", 2), ("x", 1)))
    dumped = min(header.filesz, header.memsz)
    missing = dumped - max(0, min(dumped, file_size - header.offset))
    return CoreSegment(header.vaddr, header.vaddr + header.memsz, perms, header.offset, dumped, missing)


def _not_overlapping(segments: list[CoreSegment]) -> Iterator[CoreSegment]:
    end = 0
    for segment in segments:
        if segment.start >= end and segment.end <= 1 << 64:
            yield segment
            end = segment.end


class _Notes:
    """The notes found so far. The first of each kind counts."""

    def __init__(self, header: _Header) -> None:
        self._words = header.words
        self._machine = header.machine
        self._left = _NOTES_AT_MOST
        self.threads: list[tuple[CoreThread, int]] = []
        self.signal: CoreSignal | None = None
        self.unit: int | None = None
        self.mappings: tuple[CoreMapping, ...] | Unavailable = _lacks("list of mapped files (NT_FILE)")
        self.auxv: Auxv | Unavailable = _lacks("auxiliary vector (NT_AUXV)")
        self.program: CoreProgram | Unavailable = _lacks("command (NT_PRPSINFO)")

    def take_all(self, file: Random, header: _ProgramHeader) -> None:
        """Read the notes in a NOTE segment."""
        at, end = header.offset, min(header.offset + header.filesz, file.size)
        while at + _NOTE_HEADER <= end and self._left:
            self._left -= 1
            name_size, size, kind = self._words.unpack("3I", file.read(at, _NOTE_HEADER))
            data = at + _NOTE_HEADER + _aligned(name_size)
            if kind in notes.WANTED and size <= _NOTE_AT_MOST and data + size <= end:
                name = file.read(at + _NOTE_HEADER, min(name_size, 8))
                if name.rstrip(b"\0") == b"CORE":
                    self._take(kind, file.read(data, size))
            at = data + _aligned(size)

    def the_signal(self) -> CoreSignal | Unavailable:
        """Return the signal; a core made of a live process has none."""
        signal = self.signal
        if signal is None and self.threads:
            signal = notes.without_siginfo(self.threads[0][1])
        if signal is None or signal.number == 0:
            return Unavailable(Cause.UNSUPPORTED, "no signal: the process was alive when this core was made")
        return signal

    def _take(self, kind: int, data: bytes) -> None:
        words = self._words
        if kind == notes.NT_PRSTATUS:
            thread = notes.parse_thread(data, words, self._machine)
            self.threads += [thread] if thread else []
        elif kind == notes.NT_SIGINFO:
            self.signal = self.signal or notes.parse_siginfo(data, words)
        elif kind == notes.NT_PRPSINFO and isinstance(self.program, Unavailable):
            self.program = notes.parse_program(data, words) or self.program
        elif kind == notes.NT_AUXV and isinstance(self.auxv, Unavailable):
            self.auxv = notes.parse_core_auxv(data, words)
        elif kind == notes.NT_FILE and isinstance(self.mappings, Unavailable):
            found = notes.parse_mappings(data, words)
            self.mappings = found if isinstance(found, Unavailable) else found[1]


def _page_size(read: _Notes) -> int:
    given = 0 if isinstance(read.auxv, Unavailable) else read.auxv.entries.get(_AT_PAGESZ, 0)
    return given if _PAGE <= given <= _PAGE << 4 and not given & (given - 1) else _PAGE


def _aligned(size: int) -> int:
    return size + (-size & 3)


def _lacks(what: str) -> Unavailable:
    return Unavailable(Cause.UNSUPPORTED, f"this core has no {what}")


def _broken(reason: str) -> Unavailable:
    return Unavailable(Cause.MALFORMED, reason)
