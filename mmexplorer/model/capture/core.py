"""The contents of a core file: `core(5)`, `elf(5)`, the kernel's `fs/binfmt_elf.c`. Addresses and sizes are bytes."""

from collections.abc import Mapping

from mmexplorer.model.process.auxv import Auxv
from mmexplorer.model.region import Range
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import NamedTuple, frozen


class CoreSegment(NamedTuple):
    """A LOAD of a core: one region of the process."""

    start: int
    end: int
    perms: str
    """Three characters, `rw-`: a core doesn't record whether the region was private or shared."""
    offset: int
    """Where its bytes start in the core file."""
    dumped: int
    """How many of its bytes the kernel wrote. Fewer than its size, or 0, doesn't mean that the rest was zeros."""
    missing: int
    """How many of those are lost because the core was truncated (`ulimit -c`, a full disk)."""

    @property
    def present(self) -> Range:
        """The addresses whose bytes are in the file."""
        return Range(self.start, self.start + self.dumped - self.missing)


class CoreMapping(NamedTuple):
    """An entry of NT_FILE: the file mapped at some addresses."""

    start: int
    end: int
    offset: int
    """In that file."""
    path: str
    """Undecodable bytes as surrogates; not cleaned."""


class CoreThread(NamedTuple):
    """An NT_PRSTATUS note."""

    tid: int
    ip: int | Unavailable
    sp: int | Unavailable
    registers: Mapping[str, int]
    """Named as in `user_regs_struct`; empty if the machine's layout isn't supported."""


class CoreSignal(NamedTuple):
    """An NT_SIGINFO note, or the same from NT_PRSTATUS if there is none."""

    number: int
    code: int | Unavailable
    address: int | Unavailable
    """si_addr; Unavailable for a signal that no instruction caused."""
    sender: int | None
    """si_pid, if a process sent the signal."""


class CoreProgram(NamedTuple):
    """An NT_PRPSINFO note."""

    pid: int
    ppid: int
    uid: int
    name: str
    """comm, at most 15 bytes."""
    arguments: str
    """At most 79 bytes of the command line, NULs replaced by spaces."""


@frozen
class Core:
    """A core file."""

    elf_class: int
    """32 or 64."""
    byte_order: str
    """"little" or "big"."""
    machine: str
    page_size: int
    segments: tuple[CoreSegment, ...]
    """Ascending."""
    mappings: tuple[CoreMapping, ...] | Unavailable
    threads: tuple[CoreThread, ...]
    """The first is the one that received the signal."""
    signal: CoreSignal | Unavailable
    auxv: Auxv | Unavailable
    program: CoreProgram | Unavailable

    @property
    def missing(self) -> int:
        """Bytes that the core should contain but that were cut off."""
        return sum(segment.missing for segment in self.segments)
