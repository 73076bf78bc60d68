"""Core files of any class and byte order, built byte by byte."""

import struct
from collections.abc import Sequence
from typing import NamedTuple


class Load(NamedTuple):
    start: int
    size: int
    flags: int = 6
    data: bytes = b""


class Shape(NamedTuple):
    """How numbers are encoded in the core."""

    bits: int = 64
    order: str = "<"
    machine: int = 62

    @property
    def word(self) -> str:
        return "Q" if self.bits == 64 else "I"

    def pack(self, layout: str, *values: int | bytes) -> bytes:
        return struct.pack(self.order + layout.replace("W", self.word), *values)


def note(shape: Shape, kind: int, data: bytes, name: bytes = b"CORE\0") -> bytes:
    head = shape.pack("III", len(name), len(data), kind)
    return head + name + bytes(-len(name) % 4) + data + bytes(-len(data) % 4)


def prstatus(shape: Shape, tid: int, registers: Sequence[int], signal: int = 11) -> bytes:
    pid_at, registers_at = (32, 112) if shape.bits == 64 else (24, 72)
    head = bytes(12) + shape.pack("h", signal)
    head = head.ljust(pid_at, b"\0") + shape.pack("i", tid)
    return head.ljust(registers_at, b"\0") + shape.pack(f"{len(registers)}W", *registers) + bytes(8)


def siginfo(shape: Shape, number: int, code: int, address: int) -> bytes:
    head = shape.pack("3i", number, 0, code).ljust(16 if shape.bits == 64 else 12, b"\0")
    return (head + shape.pack("W", address)).ljust(128, b"\0")


def prpsinfo(shape: Shape, pid: int, name: bytes, arguments: bytes) -> bytes:
    if shape.bits == 64:
        head = b"\0R\0\0" + bytes(4) + shape.pack("QIIiiii", 0, 1000, 1000, pid, 1, pid, pid)
    else:
        head = b"\0R\0\0" + shape.pack("IIIiiii", 0, 1000, 1000, pid, 1, pid, pid)
    return head + name.ljust(16, b"\0") + arguments.ljust(80, b"\0")


def auxv(shape: Shape, *entries: tuple[int, int]) -> bytes:
    return b"".join(shape.pack("WW", *entry) for entry in (*entries, (0, 0)))


def mapped_files(shape: Shape, *entries: tuple[int, int, int, bytes]) -> bytes:
    numbers = b"".join(shape.pack("WWW", start, end, page) for start, end, page, _ in entries)
    names = b"".join(name + b"\0" for *_, name in entries)
    return shape.pack("WW", len(entries), 4096) + numbers + names


def core_bytes(shape: Shape, loads: Sequence[Load], notes: Sequence[bytes]) -> bytes:
    """Assemble header, program headers, notes and memory."""
    entry, head = (56, 64) if shape.bits == 64 else (32, 52)
    body = b"".join(notes)
    notes_at = head + entry * (len(loads) + 1)
    at = notes_at + len(body)
    table = _entry(shape, 4, 0, notes_at, 0, len(body), 0)
    for load in loads:
        table += _entry(shape, 1, load.flags, at, load.start, len(load.data), load.size)
        at += len(load.data)
    ident = b"\x7fELF" + bytes([shape.bits // 32, 1 if shape.order == "<" else 2, 1]).ljust(12, b"\0")
    fields = (4, shape.machine, 1, 0, head, 0, 0, head, entry, len(loads) + 1, 0, 0, 0)
    return ident + shape.pack("HHIWWWIHHHHHH", *fields) + table + body + b"".join(load.data for load in loads)


def _entry(shape: Shape, kind: int, flags: int, offset: int, vaddr: int, filesz: int, memsz: int) -> bytes:  # noqa: PLR0917
    if shape.bits == 64:
        return shape.pack("IIQQQQQQ", kind, flags, offset, vaddr, 0, filesz, memsz, 4096)
    return shape.pack("IIIIIIII", kind, offset, vaddr, 0, filesz, memsz, flags, 4096)
