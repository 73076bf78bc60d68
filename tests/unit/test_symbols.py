import json
import struct
from dataclasses import replace

import pytest

from mmexplorer.kernel.elf.reader import Held
from mmexplorer.kernel.elf.symbols import read_symbols
from mmexplorer.model.elf.image import ElfImage, Section
from mmexplorer.model.elf.symbols import Symbol, Symbols, SymbolTable
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.elf.plt import made_table, parse_plt, parse_slots
from mmexplorer.parse.elf.symbols import SymbolEntries, parse_symbols
from mmexplorer.parse.error import ParseError
from mmexplorer.present.elf.demangle import demangle
from mmexplorer.present.elf.symbols import nm_letter, symbol_at, symbol_lines
from mmexplorer.present.json.symbols import symbols_document


def section(index: int, name: str, kind: str, flags: str = "", **fields: int) -> Section:
    numbers = {"address": 0, "offset": 0, "size": 0, "entsize": 0, "link": 0, "info": 0, "align": 1} | fields
    return Section(index=index, name=name, type=kind, flags=flags, **numbers)


TEXT = section(1, ".text", "PROGBITS", "AX", address=0x1000, size=0x1000)
DATA = section(2, ".data", "PROGBITS", "WA", address=0x2000, size=0x100)
SECTIONS = (section(0, "", "NULL"), TEXT, DATA)

FUNC, OBJECT, NOTYPE, TLS = 2, 1, 0, 6
LOCAL, GLOBAL, WEAK = 0, 0x10, 0x20

Row = tuple[str, int, int, int, int]
"""Name, info, section, value, size."""


def packed(rows: list[Row], order: str = "<", elf_class: str = "ELF64") -> tuple[bytes, bytes]:
    strings = b"\0"
    table = b""
    for name, info, shndx, value, size in (("", 0, 0, 0, 0), *rows):
        at = len(strings) if name else 0
        strings += name.encode() + b"\0" if name else b""
        if elf_class == "ELF64":
            table += struct.pack(f"{order}IBBHQQ", at, info, 0, shndx, value, size)
        else:
            table += struct.pack(f"{order}IIIBBH", at, value, size, info, 0, shndx)
    return table, strings


def table_of(*rows: Row) -> SymbolTable:
    table = parse_symbols(".symtab", SymbolEntries(*packed(list(rows)), "<", "ELF64", SECTIONS))
    assert isinstance(table, SymbolTable)
    return table


def name_at(table: SymbolTable, address: int) -> str | None:
    symbol = table.nearest(address)
    return None if symbol is None else symbol.raw


@pytest.mark.parametrize(("order", "elf_class"), [("<", "ELF64"), (">", "ELF64"), ("<", "ELF32"), (">", "ELF32")])
def test_an_entry_of_every_class_and_byte_order(order: str, elf_class: str) -> None:
    table, strings = packed([("add", GLOBAL | FUNC, 1, 0x1010, 32)], order, elf_class)
    assert order in ("<", ">")
    entries = SymbolEntries(table + b"broken", strings, "<" if order == "<" else ">", elf_class, SECTIONS)
    assert len(entries) == 2
    assert entries.symbol(1) == Symbol("add", 0x1010, 32, "FUNC", "GLOBAL", 1, TEXT)
    assert entries.placed() == [(0x1010, 32, 1)]


def test_the_symbol_of_an_address() -> None:
    table = table_of(
        ("outer", GLOBAL | FUNC, 1, 0x1100, 0x100),
        ("inner", FUNC, 1, 0x1110, 0x10),
        ("label", NOTYPE, 1, 0x1300, 0),
        ("counter", GLOBAL | OBJECT, 2, 0x2000, 8),
        ("thread", GLOBAL | TLS, 2, 0x2008, 8),
    )
    assert name_at(table, 0x10FF) is None
    assert name_at(table, 0x1100) == "outer"
    assert name_at(table, 0x1111) == "inner"
    assert name_at(table, 0x1120) == "outer", "what encloses a smaller one goes on after it"
    assert name_at(table, 0x1200) is None, "its end is not in it"
    assert name_at(table, 0x1FFF) == "label", "without a size it covers the rest of its section"
    assert name_at(table, 0x2000) == "counter", "never across the end of a section"
    assert name_at(table, 0x2008) is None, "a TLS symbol's value is no address"


def test_of_several_names_the_exported_one_is_given() -> None:
    table = table_of(
        ("__libc_malloc", GLOBAL | FUNC, 1, 0x1100, 16),
        ("aaa_local", LOCAL | FUNC, 1, 0x1100, 16),
        ("malloc", GLOBAL | FUNC, 1, 0x1100, 16),
        ("__malloc", WEAK | FUNC, 1, 0x1100, 16),
    )
    symbol = table.nearest(0x110F)
    assert symbol is not None
    assert symbol_at(symbol, 0x110F) == "malloc+0xf"
    assert symbol_at(symbol, 0x1100) == "malloc"


@pytest.mark.parametrize(
    ("info", "shndx", "letter"),
    [
        (GLOBAL | FUNC, 1, "T"),
        (LOCAL | FUNC, 1, "t"),
        (GLOBAL | OBJECT, 2, "D"),
        (WEAK | FUNC, 1, "W"),
        (WEAK | FUNC, 0, "w"),
        (WEAK | OBJECT, 2, "V"),
        (GLOBAL | FUNC, 0, "U"),
        (GLOBAL | NOTYPE, 0xFFF1, "A"),
        (GLOBAL | OBJECT, 0xFFF2, "C"),
        (GLOBAL | OBJECT, 77, "?"),
        (GLOBAL | 10, 1, "i"),
    ],
)
def test_the_letters_of_nm(info: int, shndx: int, letter: str) -> None:
    assert nm_letter(table_of(("name", info, shndx, 0x1000, 1)).entries.symbol(1)) == letter


def image(table: Section, strings: Section) -> ElfImage:
    return ElfImage(
        path="/x/file",
        opened_via="path",
        header_offset=0,
        elf_class="ELF64",
        data="2LSB",
        type="DYN",
        machine="X86_64",
        entry=0,
        interp=None,
        build_id=None,
        segments=(),
        sections=(*SECTIONS, table, strings),
    )


ROWS = [("add", GLOBAL | FUNC, 1, 0x1010, 32), ("_ZN1a1bEv\x1b[31m", GLOBAL | FUNC, 1, 0x1030, 2)]
TABLE, STRINGS = packed(ROWS)
CONTENT = Held(TABLE + STRINGS)
SYMTAB = section(3, ".symtab", "SYMTAB", size=len(TABLE), entsize=24, link=4)
STRTAB = section(4, ".strtab", "STRTAB", offset=len(TABLE), size=len(STRINGS))


def remark(table: Section, strings: Section = STRTAB) -> str:
    symbols = read_symbols(CONTENT, image(table, strings))
    assert isinstance(symbols, Symbols)
    assert symbols.tables == ()
    [sentence] = symbols.remarks
    return sentence


def test_symbols_of_a_file() -> None:
    symbols = read_symbols(CONTENT, image(SYMTAB, STRTAB))
    assert isinstance(symbols, Symbols)
    assert [symbol.raw for symbol in symbols] == ["add", "_ZN1a1bEv\x1b[31m"]
    lines = list(symbol_lines(symbols))
    assert lines[0] == "/x/file: symbols of .symtab"
    assert lines[-1] == "0000000000001010 T add"
    assert "\x1b" not in "".join(lines)
    document = json.loads(symbols_document(symbols, [each for each in symbols if each.raw == "add"]))
    assert document == {
        "schema": "mmexplorer/symbols/1",
        "path": "/x/file",
        "build_id": None,
        "symbols": [
            {
                "name": "add",
                "raw": "add",
                "address": "0x1010",
                "type": "FUNC",
                "size": 32,
                "bind": "GLOBAL",
                "section": ".text",
                "version": None,
                "default_version": None,
            }
        ],
    }


def test_each_kind_of_corrupt_table_is_a_sentence() -> None:
    assert "not a string table" in remark(replace(SYMTAB, link=9_999_999))
    assert "not a string table" in remark(replace(SYMTAB, link=3)), "its own names: a circle"
    assert "16 bytes each" in remark(replace(SYMTAB, entsize=16))
    assert "more than the 2,097,152 that are read" in remark(replace(SYMTAB, size=2 << 30))
    assert "more than the 268,435,456 that are read" in remark(SYMTAB, replace(STRTAB, size=2 << 30))
    assert "would end at" in remark(replace(SYMTAB, offset=1 << 40))
    assert "shorter than one symbol" in remark(replace(SYMTAB, size=7))


def test_a_file_whose_sections_are_unreadable_says_so() -> None:
    reason = Unavailable(Cause.MALFORMED, "a truncated ELF file")
    assert read_symbols(CONTENT, replace(image(SYMTAB, STRTAB), sections=reason)) is reason


def test_no_entry_and_names_past_the_end() -> None:
    assert isinstance(parse_symbols(".dynsym", SymbolEntries(b"x" * 23, b"", "<", "ELF64", ())), ParseError)
    entry = struct.pack("<IBBHQQ", 0xFFFFFFFF, FUNC, 0, 1, 0x1000, 1 << 63)
    table = parse_symbols(".dynsym", SymbolEntries(entry, b"\0", "<", "ELF64", SECTIONS))
    assert isinstance(table, SymbolTable)
    assert table.entries.symbol(0).raw == ""


def bomb(levels: int) -> str:
    """Return a name whose text doubles with each level."""
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return "_Z1f4pairIiiE" + "".join(f"S_IS{digits[level]}_S{digits[level]}_E" for level in range(levels))


@pytest.mark.parametrize(
    "name",
    [bomb(30), "_ZN1aIXL" * 500, "_ZN" + "1aI" * 1300, "_RN" * 1300, "_Z" + "N" * 100_000, "_Znonsense", "malloc", ""],
    ids=lambda name: name[:12],
)
def test_a_name_that_would_not_end_stays_as_it_is(name: str) -> None:
    assert demangle(name) == name


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("_ZNSt6vectorIiSaIiEE9push_backERKi", "std::vector<int, std::allocator<int>>::push_back(int const&)"),
        ("_ZN3std2io5stdio6_print17h0123456789abcdefE", "std::io::stdio::_print"),
        ("_RNvMNtCs1234_7mycrate3fooNtB2_3Bar3baz", "<mycrate::foo::Bar>::baz"),
    ],
)
def test_names_of_cpp_and_of_both_schemes_of_rust(raw: str, name: str) -> None:
    assert demangle(raw) == name


def test_slots_and_entries_of_the_plt() -> None:
    names = SymbolEntries(*packed([("puts", GLOBAL | FUNC, 0, 0, 0)]), "<", "ELF64", SECTIONS)
    relocations = struct.pack("<QQqQQqQQq", 0x2018, 1 << 32 | 7, 0, 0x2020, 37, 0x1000, 0x2028, 99 << 32 | 7, 0) + b"x"
    slots = parse_slots(relocations, "<", "ELF64", addends=True, names=names)
    assert slots == {0x2018: "puts", 0x2020: "*ABS*", 0x2028: "*ABS*"}
    loaded = struct.pack("<QQqQQqQQq", 0x2018, 1 << 32 | 6, 0, 0x2020, 8, 0x1000, 0x2028, 1 << 32 | 7, 0)
    assert parse_slots(loaded, "<", "ELF64", addends=True, names=names, only=6) == {0x2018: "puts"}
    first = b"\xff\x35" + bytes(4) + b"\xff\x25" + bytes(4) + bytes(4)
    jump = b"\xf3\x0f\x1e\xfa\xff\x25" + struct.pack("<i", 0x2018 - 0x101A) + bytes(6)
    assert list(parse_plt(first + jump, 0x1000, slots)) == [(0x1010, 16, "puts")]
    assert list(parse_plt(b"\xff", 0x1000, slots)) == []
    table = made_table(".plt", [(0x1010, 16, "puts@plt"), (0x9000, 8, "nowhere")], SECTIONS)
    assert len(table.entries) == 1
    assert name_at(table, 0x101F) == "puts@plt"
    assert name_at(table, 0x1020) is None


def test_what_is_not_loaded_stands_at_no_address() -> None:
    warning = section(3, ".gnu.warning.gets", "PROGBITS", flags="", size=0x4C)
    rows: list[Row] = [("__evoke_link_warning_gets", OBJECT, 3, 0, 0x4C)]
    entries = SymbolEntries(*packed(rows), "<", "ELF64", (*SECTIONS, warning))
    table = parse_symbols(".symtab", entries)
    assert isinstance(table, SymbolTable)
    assert table.nearest(0) is None
    assert table.entries.symbol(1).raw == "__evoke_link_warning_gets"
