"""The notes of a core file: threads with their registers, the signal, the mapped files, the command."""

import struct
from collections.abc import Mapping
from itertools import pairwise

from mmexplorer.model.capture.core import CoreMapping, CoreProgram, CoreSignal, CoreThread
from mmexplorer.model.process.auxv import Auxv
from mmexplorer.model.process.signals import SI_QUEUE, SI_TKILL, SI_USER, has_address
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import NamedTuple

NT_PRSTATUS, NT_PRPSINFO, NT_AUXV = 1, 3, 6
NT_SIGINFO, NT_FILE = 0x53494749, 0x46494C45
WANTED = frozenset({NT_PRSTATUS, NT_PRPSINFO, NT_AUXV, NT_SIGINFO, NT_FILE})

_WIDE = 64
_MAPPINGS_AT_MOST = 1 << 18
_KEYS_AT_MOST = 1 << 10
_NO_CODE = Unavailable(Cause.UNSUPPORTED, "this core has no NT_SIGINFO")
_NO_ADDRESS = Unavailable(Cause.UNSUPPORTED, "the signal was sent, no address caused it")
_UNKNOWN_MACHINE = Unavailable(Cause.UNSUPPORTED, "the registers of this machine are not known here")


class Words(NamedTuple):
    """The word size and byte order of the file."""

    bits: int
    """32 or 64."""
    order: str
    """As in `struct`: "<" or ">"."""

    @property
    def size(self) -> int:
        """Bytes per word."""
        return self.bits // 8

    @property
    def wide(self) -> bool:
        """Whether words have 64 bits."""
        return self.bits == _WIDE

    def unpack(self, layout: str, data: bytes, offset: int = 0) -> tuple[int, ...]:
        """Unpack integers; W in the layout is a word. Raises struct.error if the data is too short."""
        return struct.unpack_from(self.order + layout.replace("W", "Q" if self.wide else "I"), data, offset)


class _Registers(NamedTuple):
    names: str
    ip: str
    sp: str


def _numbered(letter: str, count: int) -> str:
    return " ".join(f"{letter}{number}" for number in range(count))


_REGISTERS: Mapping[tuple[str, int], _Registers] = {
    ("X86_64", 64): _Registers(
        "r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss fs_base gs_base ds es"
        " fs gs",
        "rip",
        "rsp",
    ),
    ("386", 32): _Registers(
        "ebx ecx edx esi edi ebp eax xds xes xfs xgs orig_eax eip xcs eflags esp xss", "eip", "esp"
    ),
    ("AARCH64", 64): _Registers(f"{_numbered('x', 31)} sp pc pstate", "pc", "sp"),
    ("ARM", 32): _Registers(f"{_numbered('r', 13)} sp lr pc cpsr", "pc", "sp"),
    ("RISCV", 64): _Registers("pc ra sp gp tp", "pc", "sp"),
    ("PPC64", 64): _Registers(f"{_numbered('r', 32)} nip msr", "nip", "r1"),
    ("S390", 64): _Registers(f"pswm pswa {_numbered('r', 16)}", "pswa", "r15"),
}
"""`struct user_regs_struct` of each machine, as stored in NT_PRSTATUS."""


def parse_thread(data: bytes, words: Words, machine: str) -> tuple[CoreThread, int] | None:
    """Read an NT_PRSTATUS: the thread and its signal; None if it is too short."""
    pid_at, registers_at = (32, 112) if words.wide else (24, 72)
    try:
        (signal,) = words.unpack("h", data, 12)
        (tid,) = words.unpack("i", data, pid_at)
    except struct.error:
        return None
    layout = _REGISTERS.get((machine, words.bits))
    if layout is None:
        return CoreThread(tid, _UNKNOWN_MACHINE, _UNKNOWN_MACHINE, {}), signal
    try:
        names = layout.names.split()
        registers = dict(zip(names, words.unpack(f"{len(names)}W", data, registers_at), strict=True))
    except struct.error:
        return None
    return CoreThread(tid, registers[layout.ip], registers[layout.sp], registers), signal


def parse_siginfo(data: bytes, words: Words) -> CoreSignal | None:
    """Read an NT_SIGINFO; None if it is too short."""
    fields_at = 16 if words.wide else 12
    try:
        number, _, code = words.unpack("3i", data)
        (address,) = words.unpack("W", data, fields_at)
        (sender,) = words.unpack("i", data, fields_at)
    except struct.error:
        return None
    if has_address(number, code):
        return CoreSignal(number, code, address, None)
    return CoreSignal(number, code, _NO_ADDRESS, sender if code in (SI_USER, SI_QUEUE, SI_TKILL) else None)


def without_siginfo(signal: int) -> CoreSignal:
    """Make a signal from what NT_PRSTATUS says about it."""
    return CoreSignal(signal, _NO_CODE, _NO_CODE, None)


def parse_program(data: bytes, words: Words) -> CoreProgram | None:
    """Read an NT_PRPSINFO, which has three layouts; None if it is too short."""
    if words.wide:
        uid, ids, text = "16xI", 24, 40
    elif len(data) < 128:  # noqa: PLR2004 - 16-bit uids: i386, m68k
        uid, ids, text = "8xH", 12, 28
    else:
        uid, ids, text = "8xI", 16, 32
    try:
        (owner,) = words.unpack(uid, data)
        pid, ppid = words.unpack("2i", data, ids)
    except struct.error:
        return None
    return CoreProgram(pid, ppid, owner, _string(data[text : text + 16]), _string(data[text + 16 : text + 96]))


def parse_mappings(data: bytes, words: Words) -> tuple[int, tuple[CoreMapping, ...]] | Unavailable:
    """Read an NT_FILE: the unit of its offsets in bytes, and its entries."""
    broken = Unavailable(Cause.MALFORMED, "its list of mapped files (NT_FILE) is damaged")
    try:
        count, unit = words.unpack("2W", data)
        if count > _MAPPINGS_AT_MOST:
            return broken
        numbers = words.unpack(f"{3 * count}W", data, 2 * words.size)
    except struct.error:
        return broken
    names = data[(2 + 3 * count) * words.size :].split(b"\0")
    if len(names) < count:
        return broken
    rows = zip(numbers[::3], numbers[1::3], numbers[2::3], names, strict=False)
    found = tuple(
        CoreMapping(start, end, offset * unit, name.decode("utf-8", "surrogateescape"))
        for start, end, offset, name in rows
    )
    sound = all(each.start < each.end for each in found) and all(a.end <= b.start for a, b in pairwise(found))
    return (unit, found) if sound else broken


def parse_core_auxv(data: bytes, words: Words) -> Auxv | Unavailable:
    """Read an NT_AUXV in the core's byte order."""
    entries: dict[int, int] = {}
    for at in range(0, min(len(data), 2 * words.size * _KEYS_AT_MOST) - 2 * words.size + 1, 2 * words.size):
        key, value = words.unpack("2W", data, at)
        if key == 0:
            return Auxv(entries, words.size)
        entries[key] = value
    return Unavailable(Cause.MALFORMED, "its auxiliary vector (NT_AUXV) is damaged")


def _string(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("utf-8", "surrogateescape")
