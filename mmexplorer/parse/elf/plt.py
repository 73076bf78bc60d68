"""GOT slots and PLT entries, named by the relocations that fill the slots: `elf(5)`, "Relocation entries"."""

import struct
from collections.abc import Iterator, Mapping, Sequence

from mmexplorer.model.elf.image import Section
from mmexplorer.model.elf.symbols import Entries, Symbol, SymbolTable, ordered
from mmexplorer.model.typed import Literal

NAMELESS = "*ABS*"
"""What gdb and objdump call a slot whose address is computed by a function (IRELATIVE)."""
_STEPS = (16, 8)
_JUMP = b"\xff\x25"
"""jmp *disp(%rip) on x86-64."""
_JUMP_SIZE = 6


def parse_slots(
    table: bytes, order: Literal["<", ">"], elf_class: str, *, addends: bool, names: Entries, only: int | None = None
) -> dict[int, str]:
    """Map each slot to the symbol whose address a relocation puts there, keyed by the slot's address.

    `only` is a relocation type, for a table that has others too.
    """
    wide = elf_class == "ELF64"
    layout = struct.Struct(order + ("QQ" if wide else "II") + (("q" if wide else "i") if addends else ""))
    shift = 32 if wide else 8
    slots = {}
    rows = layout.iter_unpack(table[: len(table) - len(table) % layout.size])
    of_type = (1 << shift) - 1
    for offset, info, *_ in rows if only is None else [row for row in rows if row[1] & of_type == only]:
        index = info >> shift
        slots[offset] = (names.symbol(index).raw if index < len(names) else "") or NAMELESS if index else NAMELESS
    return slots


def parse_plt(code: bytes, address: int, slots: Mapping[int, str]) -> Iterator[tuple[int, int, str]]:
    """Yield address, size and function of each entry of an x86-64 PLT, identified by the slot it jumps through."""
    step = next((step for step in _STEPS if len(code) % step == 0), _STEPS[-1])
    for at in range(0, len(code) - _JUMP_SIZE + 1, step):
        entry = code[at : at + step]
        jump = entry.find(_JUMP)
        if jump < 0 or jump + _JUMP_SIZE > len(entry):
            continue
        [distance] = struct.unpack_from("<i", entry, jump + len(_JUMP))
        name = slots.get(address + at + jump + _JUMP_SIZE + distance)
        if name is not None:
            yield address + at, step, name


class _Made:
    """Symbols that are in no table of the file."""

    versioned = False

    def __init__(self, symbols: Sequence[Symbol]) -> None:
        self._symbols = symbols

    def __len__(self) -> int:
        """How many there are."""
        return len(self._symbols)

    def symbol(self, index: int) -> Symbol:
        """Return the symbol at that index."""
        return self._symbols[index]


def made_table(source: str, made: Sequence[tuple[int, int, str]], sections: Sequence[Section]) -> SymbolTable:
    """Make a table from addresses, sizes and names, each in the section that contains it."""
    symbols = [
        Symbol(name, address, size, "OBJECT", "LOCAL", section.index, section)
        for address, size, name in made
        if (section := _holding(sections, address)) is not None
    ]
    return ordered(source, _Made(symbols), [(each.address, each.size, index) for index, each in enumerate(symbols)])


def _holding(sections: Sequence[Section], address: int) -> Section | None:
    placed = (each for each in sections if "A" in each.flags and each.address <= address < each.address + each.size)
    return next(placed, None)
