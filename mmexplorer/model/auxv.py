"""The auxiliary vector: what the kernel told the program's first instruction about how it was loaded."""

from collections.abc import Mapping
from enum import IntEnum

from mmexplorer.model.value import frozen


class AuxKey(IntEnum):
    """The keys that say where things were loaded (`getauxval(3)`, the kernel's `uapi/linux/auxvec.h`)."""

    BASE = 7
    ENTRY = 9


@frozen
class Auxv:
    """`proc_pid_auxv(5)`. Every key is kept, whether we know it or not."""

    entries: Mapping[int, int]
    word_size: int
    """Bytes in a word of the process: 8, or 4 for a 32-bit one."""

    @property
    def base(self) -> int | None:
        """The load bias of the interpreter; None for a static program, and for one started through `ld.so PROGRAM`."""
        return self.entries.get(AuxKey.BASE) or None

    @property
    def entry(self) -> int | None:
        """The run-time entry point of the file that was executed: that of ld.so when ld.so was named."""
        return self.entries.get(AuxKey.ENTRY) or None
