"""The auxiliary vector: what the kernel tells a new program about how it was loaded."""

from collections.abc import Mapping
from enum import IntEnum

from mmexplorer.model.value import frozen


class AuxKey(IntEnum):
    """The keys that say where things were loaded (`getauxval(3)`, the kernel's `uapi/linux/auxvec.h`)."""

    BASE = 7
    ENTRY = 9


@frozen
class Auxv:
    """`proc_pid_auxv(5)`. Unknown keys are kept too."""

    entries: Mapping[int, int]
    word_size: int
    """Bytes per word in the process: 8, or 4 for a 32-bit one."""

    @property
    def base(self) -> int | None:
        """The load bias of the interpreter; None for a static program or one started through `ld.so PROGRAM`."""
        return self.entries.get(AuxKey.BASE) or None

    @property
    def entry(self) -> int | None:
        """The run-time entry point of the executed file: ld.so's own if ld.so was executed."""
        return self.entries.get(AuxKey.ENTRY) or None
