"""Machine code as instructions, by the library of the extra `disasm` (capstone)."""

import importlib
from collections.abc import Iterator
from typing import Any, NamedTuple

from mmexplorer.model.unavailable import Cause, Unavailable

MISSING = Unavailable(
    Cause.UNSUPPORTED, "no disassembler is installed", "pip install 'mmexplorer[disasm]' adds capstone"
)

_MODES = {
    ("X86_64", "2LSB"): ("CS_ARCH_X86", "CS_MODE_64"),
    ("386", "2LSB"): ("CS_ARCH_X86", "CS_MODE_32"),
    ("AARCH64", "2LSB"): ("CS_ARCH_ARM64", "CS_MODE_ARM"),
    ("ARM", "2LSB"): ("CS_ARCH_ARM", "CS_MODE_ARM"),
}
"""By machine and byte order as `model.elf.ElfImage` has them, the names of capstone's constants."""

OF_PYTHON = {"x86_64": "X86_64", "i686": "386", "aarch64": "AARCH64", "armv7l": "ARM"}
"""The machine in ELF's words for what uname(2) says."""


_LONGEST = 15
"""Bytes of an instruction on x86."""


class Instruction(NamedTuple):
    """One instruction; `(bad)` for bytes that are none, as objdump(1) writes them, `(cut)` for what ends too early."""

    address: int
    content: bytes
    mnemonic: str
    operands: str


def disassemble(content: bytes, address: int, machine: str, data: str = "2LSB") -> Iterator[Instruction] | Unavailable:
    """Decode `content`, which stands at `address`, from its first byte on; Intel's notation on x86."""
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
