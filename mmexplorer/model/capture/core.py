"""What a core file tells: `core(5)`, `elf(5)`, the kernel's `fs/binfmt_elf.c`. Addresses and sizes are bytes."""

from collections.abc import Mapping
from typing import NamedTuple

from mmexplorer.model.auxv import Auxv
from mmexplorer.model.region import Range
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import frozen


class CoreSegment(NamedTuple):
    """A LOAD of a core: one region of the process."""

    start: int
    end: int
    perms: str
    """Three characters, `rw-`: whether it was private or shared a core doesn't tell."""
    offset: int
    """In the core."""
    dumped: int
    """Bytes of it that were written into the core: less than its size, or 0, is not a region of zeros."""
    missing: int
    """Of these, how many are lost because the core was cut off (`ulimit -c`, a full disk)."""

    @property
    def present(self) -> Range:
        """The addresses whose bytes are in the file."""
        return Range(self.start, self.start + self.dumped - self.missing)


class CoreMapping(NamedTuple):
    """An entry of NT_FILE: which file stood behind addresses."""

    start: int
    end: int
    offset: int
    """In that file."""
    path: str
    """Undecodable bytes as surrogates; not cleaned."""


class CoreThread(NamedTuple):
    """An NT_PRSTATUS."""

    tid: int
    ip: int | Unavailable
    sp: int | Unavailable
    registers: Mapping[str, int]
    """By the names of `user_regs_struct`; empty for a machine whose layout isn't known here."""


class CoreSignal(NamedTuple):
    """An NT_SIGINFO, or what NT_PRSTATUS says where there is none."""

    number: int
    code: int | Unavailable
    address: int | Unavailable
    """si_addr; Unavailable for a signal that no instruction caused."""
    sender: int | None
    """si_pid of a signal that a process sent."""


class CoreProgram(NamedTuple):
    """An NT_PRPSINFO."""

    pid: int
    ppid: int
    uid: int
    name: str
    """comm, at most 15 bytes."""
    arguments: str
    """At most 79 bytes of the command line, with a blank for each NUL."""
    state: str


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
        """Bytes that the core was to have and that were cut off."""
        return sum(segment.missing for segment in self.segments)
