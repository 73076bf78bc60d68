"""Names the PLT entries and their GOT slots as gdb and `objdump -d` do, and the GOT entries that these don't."""

from collections.abc import Iterator, Sequence

from mmexplorer.kernel.elf.reader import Content
from mmexplorer.model.elf.image import ElfImage, Section
from mmexplorer.model.elf.symbols import SymbolTable
from mmexplorer.model.typed import Literal
from mmexplorer.parse.elf.plt import made_table, parse_plt, parse_slots
from mmexplorer.parse.elf.symbols import SymbolEntries

_AT_MOST = 1 << 24
_RELOCATIONS = (".rela.plt", ".rel.plt")
_OTHER_RELOCATIONS = (".rela.dyn", ".rel.dyn")
_GLOB_DAT = {"X86_64": 6, "386": 6, "AARCH64": 1025, "ARM": 21, "PPC64": 20, "S390": 10}
"""The relocation type, by machine, that fills a GOT entry with the address of a symbol."""
_CODE = (".plt", ".plt.sec", ".plt.got")


def plt_tables(content: Content, image: ElfImage, sections: Sequence[Section]) -> Iterator[SymbolTable]:
    """Return a table of `malloc@got.plt` and one of `malloc@plt`. Raises OSError."""
    by_name = {section.name: section for section in sections if section.type != "NOBITS"}
    relocations = next((by_name[name] for name in _RELOCATIONS if name in by_name), None)
    if relocations is None or relocations.link >= len(sections):
        return
    slots = _slots(content, image, sections, relocations)
    word = 8 if image.elf_class == "ELF64" else 4
    got = [(address, word, f"{name}@got.plt") for address, name in slots.items()]
    yield made_table(relocations.name, got, sections)
    if image.machine == "X86_64":
        code = [by_name[name] for name in _CODE if name in by_name]
        entries = [
            entry for section in code for entry in parse_plt(_read(content, image, section), section.address, slots)
        ]
        yield made_table(".plt", [(address, size, f"{name}@plt") for address, size, name in entries], sections)


def got_slots(content: Content, image: ElfImage, sections: Sequence[Section]) -> dict[int, str]:
    """Map each GOT entry filled when the file is loaded to `strlen@got`, keyed by its address. Raises OSError."""
    by_name = {section.name: section for section in sections if section.type != "NOBITS"}
    relocations = next((by_name[name] for name in _OTHER_RELOCATIONS if name in by_name), None)
    kind = _GLOB_DAT.get(image.machine)
    if relocations is None or kind is None or not 0 < relocations.link < len(sections):
        return {}
    slots = _slots(content, image, sections, relocations, kind)
    return {address: f"{name}@got" for address, name in slots.items()}


def _slots(
    content: Content, image: ElfImage, sections: Sequence[Section], relocations: Section, only: int | None = None
) -> dict[int, str]:
    symbols = sections[relocations.link]
    strings = sections[symbols.link] if symbols.link < len(sections) else symbols
    order: Literal["<", ">"] = "<" if image.data == "2LSB" else ">"
    names = SymbolEntries(
        _read(content, image, symbols), _read(content, image, strings), order, image.elf_class, sections
    )
    table = _read(content, image, relocations)
    return parse_slots(
        table, order, image.elf_class, addends=relocations.name.startswith(".rela"), names=names, only=only
    )


def _read(content: Content, image: ElfImage, section: Section) -> bytes:
    return content.read(image.header_offset + section.offset, min(section.size, _AT_MOST))
