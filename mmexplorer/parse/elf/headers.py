"""The headers of an ELF file as defined in `elf(5)`, for both classes and byte orders; the names of common types."""

import struct
from collections.abc import Mapping
from functools import lru_cache

from mmexplorer.model.typed import Literal
from mmexplorer.model.value import NamedTuple

Order = Literal["<", ">"]
IDENT_SIZE = 16
"""Bytes of e_ident."""

FILE_TYPES: Mapping[int, str] = dict(enumerate(("NONE", "REL", "EXEC", "DYN", "CORE")))
MACHINES: Mapping[int, str] = {
    2: "SPARC", 3: "386", 8: "MIPS", 20: "PPC", 21: "PPC64", 22: "S390", 40: "ARM", 42: "SH", 43: "SPARCV9",
    50: "IA_64", 62: "X86_64", 183: "AARCH64", 243: "RISCV", 258: "LOONGARCH",
}  # fmt: skip
SEGMENT_TYPES: Mapping[int, str] = {
    **dict(enumerate(("NULL", "LOAD", "DYNAMIC", "INTERP", "NOTE", "SHLIB", "PHDR", "TLS"))),
    0x6474E550: "GNU_EH_FRAME", 0x6474E551: "GNU_STACK", 0x6474E552: "GNU_RELRO", 0x6474E553: "GNU_PROPERTY",
    0x6474E554: "GNU_SFRAME",
}  # fmt: skip
SECTION_TYPES: Mapping[int, str] = {
    0: "NULL", 1: "PROGBITS", 2: "SYMTAB", 3: "STRTAB", 4: "RELA", 5: "HASH", 6: "DYNAMIC", 7: "NOTE", 8: "NOBITS",
    9: "REL", 10: "SHLIB", 11: "DYNSYM", 14: "INIT_ARRAY", 15: "FINI_ARRAY", 16: "PREINIT_ARRAY", 17: "GROUP",
    18: "SYMTAB_SHNDX", 19: "RELR", 0x6FFFFFF4: "GNU_SFRAME", 0x6FFFFFF5: "GNU_ATTRIBUTES", 0x6FFFFFF6: "GNU_HASH",
    0x6FFFFFF7: "GNU_LIBLIST", 0x6FFFFFFD: "VERDEF", 0x6FFFFFFE: "VERNEED", 0x6FFFFFFF: "VERSYM",
}  # fmt: skip
"""As readelf(1) writes them, where the number means the same on every machine and every system but Solaris."""


class FileHeader(NamedTuple):
    """The fields of `Elf64_Ehdr` and `Elf32_Ehdr` after e_ident."""

    e_type: int
    e_machine: int
    e_version: int
    e_entry: int
    e_phoff: int
    e_shoff: int
    e_flags: int
    e_ehsize: int
    e_phentsize: int
    e_phnum: int
    e_shentsize: int
    e_shnum: int
    e_shstrndx: int


class ProgramHeader(NamedTuple):
    """The fields of `Elf64_Phdr`; `Elf32_Phdr` has them in another order."""

    p_type: int
    p_flags: int
    p_offset: int
    p_vaddr: int
    p_paddr: int
    p_filesz: int
    p_memsz: int
    p_align: int


class SectionHeader(NamedTuple):
    """The fields of `Elf64_Shdr` and `Elf32_Shdr`."""

    sh_name: int
    sh_type: int
    sh_flags: int
    sh_addr: int
    sh_offset: int
    sh_size: int
    sh_link: int
    sh_info: int
    sh_addralign: int
    sh_entsize: int


class Layouts:
    """The header layouts for files of one class and byte order."""

    def __init__(self, bits: int, order: Order) -> None:
        """`bits`: 32 or 64."""
        self.bits = bits
        self.order: Order = order
        wide = bits == 64  # noqa: PLR2004
        self._file = struct.Struct(f"{order}HHI{'QQQ' if wide else 'III'}IHHHHHH")
        self._program = struct.Struct(f"{order}{'IIQQQQQQ' if wide else 'IIIIIIII'}")
        self._section = struct.Struct(f"{order}{'IIQQQQIIQQ' if wide else 'IIIIIIIIII'}")
        self.file_size = IDENT_SIZE + self._file.size
        self.program_size = self._program.size
        self.section_size = self._section.size

    def file(self, raw: bytes) -> FileHeader:
        """Decode the ELF header, including e_ident: `file_size` bytes."""
        return FileHeader._make(self._file.unpack_from(raw, IDENT_SIZE))

    def program(self, raw: bytes) -> ProgramHeader:
        """Decode a program header of `program_size` bytes."""
        words = self._program.unpack(raw)
        if self.bits == 32:  # noqa: PLR2004
            kind, *places, flags, align = words
            words = (kind, flags, *places, align)
        return ProgramHeader._make(words)

    def section(self, raw: bytes) -> SectionHeader:
        """Decode a section header of `section_size` bytes."""
        return SectionHeader._make(self._section.unpack(raw))


@lru_cache(maxsize=4)
def layouts(bits: int, order: Order) -> Layouts:
    """Return the layouts, which all files of a kind share."""
    return Layouts(bits, order)
