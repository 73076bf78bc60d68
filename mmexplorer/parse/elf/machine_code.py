"""Disassembles machine code with capstone, the library of the extra `disasm`."""

import importlib
from collections.abc import Iterator

from mmexplorer.model.typed import Any
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import NamedTuple

MISSING = Unavailable(
    Cause.UNSUPPORTED, "no disassembler is installed", "pip install 'mmexplorer[disasm]' adds capstone"
)

_MODES = {
    ("X86_64", "2LSB"): ("CS_ARCH_X86", "CS_MODE_64"),
    ("386", "2LSB"): ("CS_ARCH_X86", "CS_MODE_32"),
    ("AARCH64", "2LSB"): ("CS_ARCH_ARM64", "CS_MODE_ARM"),
    ("ARM", "2LSB"): ("CS_ARCH_ARM", "CS_MODE_ARM"),
}
"""The names of capstone's constants, by machine and byte order as in `model.elf.ElfImage`."""

OF_PYTHON = {"x86_64": "X86_64", "i686": "386", "aarch64": "AARCH64", "armv7l": "ARM"}
"""ELF's name for the machine that uname(2) reports."""


_LONGEST = 15
"""The longest x86 instruction in bytes."""


class Instruction(NamedTuple):
    """One instruction; `(bad)` if invalid, as in objdump(1), `(cut)` if it is truncated."""

    address: int
    content: bytes
    mnemonic: str
    operands: str


def disassemble(content: bytes, address: int, machine: str, data: str = "2LSB") -> Iterator[Instruction] | Unavailable:
    """Decode `content`, located at `address`, from its first byte on; in Intel notation on x86."""
    try:
        capstone: Any = importlib.import_module("capstone")
    except ImportError:
        return MISSING
    mode = _MODES.get((machine, data))
    if mode is None:
        return Unavailable(Cause.UNSUPPORTED, f"code of {machine} is not decoded")
    decoder = capstone.Cs(*(getattr(capstone, name) for name in mode))
    return _decoded(decoder, content, address)


def _decoded(decoder: Any, content: bytes, address: int) -> Iterator[Instruction]:
    at = 0
    while at < len(content):
        for where, size, mnemonic, operands in decoder.disasm_lite(content[at:], address + at):
            at = where - address + size
            yield Instruction(where, content[at - size : at], mnemonic, operands)
        if len(content) - _LONGEST < at < len(content):
            yield Instruction(address + at, content[at:], "(cut)", "")
            return
        if at < len(content):
            yield Instruction(address + at, content[at : at + 1], "(bad)", "")
            at += 1
