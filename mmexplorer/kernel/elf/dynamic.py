"""Reads an ELF file's dynamic section, and the protections its headers declare."""

from mmexplorer.kernel.elf.reader import Content, malformed
from mmexplorer.kernel.elf.symbols import byte_order
from mmexplorer.kernel.errors import unavailable
from mmexplorer.model.elf.dynamic import Dynamic
from mmexplorer.model.elf.image import ElfImage, Segment
from mmexplorer.model.process.security import Hardening
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.parse.elf.dynamic import dynamic_value, named_dynamic, parse_dynamic
from mmexplorer.parse.elf.tables import branch_protection

_TABLE_AT_MOST = 1 << 16
_STRINGS_AT_MOST = 1 << 24
_NOTES_AT_MOST = 1 << 16
_CANARY = b"\0__stack_chk_fail\0"


def read_dynamic(content: Content, image: ElfImage) -> tuple[Dynamic, bytes] | Unavailable:
    """Read the dynamic section and its string table; both are empty if the file has none (a static program)."""
    segment = _first(image, "DYNAMIC")
    if segment is None:
        return Dynamic(()), b""
    try:
        table = content.read(image.header_offset + segment.offset, min(segment.filesz, _TABLE_AT_MOST))
        entries = parse_dynamic(table, byte_order(image), image.elf_class)
        strings = _strings(content, image, dynamic_value(entries, "STRTAB"), dynamic_value(entries, "STRSZ"))
    except OSError as error:
        return unavailable(error)
    if strings is None:
        return malformed("a corrupt ELF file: the names of its dynamic section lie in no segment")
    return named_dynamic(entries, strings), strings


def read_hardening(content: Content, image: ElfImage) -> Hardening | Unavailable:
    """Read the protections declared in the headers."""
    found = read_dynamic(content, image)
    if isinstance(found, Unavailable):
        return found
    dynamic, strings = found
    stack = _first(image, "GNU_STACK")
    try:
        branch = _branch(content, image)
    except OSError as error:
        return unavailable(error)
    return Hardening(
        type=image.type,
        executable=image.interp is not None or dynamic.pie,
        stack_flags=None if stack is None else stack.flags,
        relro=_first(image, "GNU_RELRO") is not None,
        bind_now=dynamic.bind_now,
        canary=_CANARY in strings if strings else None,
        branch=branch,
        textrel=dynamic.value("TEXTREL") is not None,
    )


def _first(image: ElfImage, kind: str) -> Segment | None:
    return next((segment for segment in image.segments if segment.type == kind), None)


def _strings(content: Content, image: ElfImage, address: int | None, size: int | None) -> bytes | None:
    """Read the string table by its address in the file's memory; None if no segment contains it."""
    if not address or not size:
        return b""
    for load in image.loads:
        if load.vaddr <= address < load.vaddr + load.filesz:
            room = min(size, load.vaddr + load.filesz - address, _STRINGS_AT_MOST)
            return content.read(image.header_offset + load.offset + address - load.vaddr, room)
    return None


def _branch(content: Content, image: ElfImage) -> tuple[str, ...]:
    for segment in image.segments:
        if segment.type in {"NOTE", "GNU_PROPERTY"}:
            notes = content.read(image.header_offset + segment.offset, min(segment.filesz, _NOTES_AT_MOST))
            found = branch_protection(notes, byte_order(image), segment.align, image.machine)
            if found:
                return found
    return ()
