"""pyelftools's names for rare types and machines; imported when the first of them occurs."""

from functools import cache, lru_cache

from elftools.elf.structs import ELFStructs

from mmexplorer.model.typed import Any, Literal
from mmexplorer.parse.elf.headers import Order


class RareNames:
    """The specification's names with their prefixes (`PT_ARM_EXIDX`); the number if it has none."""

    def __init__(self, ident: bytes, order: Order, e_type: int, e_machine: int) -> None:
        """`ident` is the file's first 16 bytes; class, machine and EI_OSABI determine what a number means."""
        self._structures: Any = ELFStructs(order == "<", 32 * ident[4])
        self._structures.create_basic_structs()
        self._order: Literal["little", "big"] = "little" if order == "<" else "big"
        halves = b"".join(half.to_bytes(2, self._order) for half in (e_type, e_machine))
        header = self._parsed(self._structures.Elf_Ehdr, ident + halves)
        self.file_type: str | int = header.e_type
        self.machine: str | int = header.e_machine
        self._structures.create_advanced_structs(header.e_type, header.e_machine, header.e_ident.EI_OSABI)
        self.segment_type = cache(self._segment_type)
        """Names a p_type."""
        self.section_type = cache(self._section_type)
        """Names a sh_type."""

    def _segment_type(self, number: int) -> str | int:
        found: str | int = self._parsed(self._structures.Elf_Phdr, number.to_bytes(4, self._order)).p_type
        return found

    def _section_type(self, number: int) -> str | int:
        found: str | int = self._parsed(self._structures.Elf_Shdr, bytes(4) + number.to_bytes(4, self._order)).sh_type
        return found

    def _parsed(self, layout: Any, beginning: bytes) -> Any:
        return layout.parse(beginning.ljust(layout.sizeof(), b"\0"))


@lru_cache(maxsize=64)
def rare_names(ident: bytes, order: Order, e_type: int, e_machine: int) -> RareNames:
    """Return the names for one kind of file: they are expensive to make, so all files of that kind share them."""
    return RareNames(ident, order, e_type, e_machine)
