"""Versions of dynamic symbols, from tables that may be corrupt."""

import struct

import pytest

from mmexplorer.model.elf.symbols import Symbol, Symbols, SymbolTable
from mmexplorer.parse.elf.symbols import SymbolEntries, parse_symbols
from mmexplorer.parse.elf.versions import Version, Versions, parse_definitions, parse_needs
from mmexplorer.present.elf.symbols import symbol_line
from tests.unit.test_symbols import FUNC, GLOBAL, SECTIONS, packed, table_of

STRINGS = b"\0libx.so\0V1\0V2\0"
X, V1, V2 = (STRINGS.index(name) for name in (b"libx", b"V1", b"V2"))


def definition(number: int, name: int, step: int, *, flags: int = 0) -> bytes:
    return struct.pack("<HHHHIIIII", 1, flags, number, 1, 0, 20, step, name, 0)


def need(number: int, name: int, step: int = 0) -> bytes:
    return struct.pack("<IHHII", 0, 0, number, name, step)


DEFINITIONS = definition(1, X, 28, flags=1) + definition(2, V1, 28) + definition(3, V2, 0)
NEEDS = struct.pack("<HHIII", 1, 2, X, 16, 0) + need(4, V1, 16) + need(5, V2)


def test_the_own_name_of_a_file_is_no_version() -> None:
    own = {2: Version("V1", needed=False), 3: Version("V2", needed=False)}
    assert parse_definitions(DEFINITIONS, STRINGS, "<") == own
    assert parse_needs(NEEDS, STRINGS, "<") == {4: Version("V1", needed=True), 5: Version("V2", needed=True)}


@pytest.mark.parametrize(
    ("number", "defined", "version"),
    [
        *((0, True, ""), (1, True, ""), (2, True, "@@V1"), (0x8002, True, "@V1"), (3, False, "@V2")),
        # What is copied from a library into a program is defined there with the library's version.
        *((4, False, "@V1"), (4, True, "@V1"), (9, True, ""), (0xFFFF, True, "")),
    ],
)
def test_the_version_of_a_symbol(number: int, version: str, *, defined: bool) -> None:
    named = parse_needs(NEEDS, STRINGS, "<") | parse_definitions(DEFINITIONS, STRINGS, "<")
    versions = Versions(struct.pack("<HH", 0, number), "<", named)
    assert versions.version(1, "f", defined=defined) == version
    assert versions.version(2, "f", defined=defined) == ""
    assert versions.version(1, version.lstrip("@"), defined=defined) == ""


@pytest.mark.parametrize("cut", [0, 1, 19, 27, 28, 47])
def test_truncated_tables_say_what_they_have(cut: int) -> None:
    assert len(parse_definitions(DEFINITIONS[:cut], STRINGS, "<")) == 0
    assert len(parse_needs(NEEDS[: cut // 2], STRINGS, "<")) == 0


def test_chains_end_though_they_go_on_by_a_byte_or_out_of_the_table() -> None:
    rows = definition(2, V1, 1) + b"\1" * (1 << 17)
    assert len(parse_definitions(rows, STRINGS, "<")) <= 1 << 15
    assert parse_definitions(definition(2, V1, 1 << 31), STRINGS, "<") == {2: Version("V1", needed=False)}
    assert parse_definitions(definition(2, 1 << 31, 0), STRINGS, "<") == {2: Version("", needed=False)}
    assert parse_needs(struct.pack("<HHIII", 1, 2, X, 1 << 31, 0), STRINGS, "<") == {}


@pytest.mark.parametrize(("files", "of_each", "complete"), [(180, 182, True), (182, 182, False)])
def test_the_versions_of_all_files_together_are_bounded(files: int, of_each: int, *, complete: bool) -> None:
    """All files but the last share one chain of equal versions, so that a small table says the same often."""
    size = 16 * (files + 1)
    entries = [struct.pack("<HHIII", 1, of_each, X, size - 16 * at, 16) for at in range(files)]
    last = struct.pack("<HHIII", 1, 1, X, 16 * (of_each + 1), 0)
    table = b"".join(entries) + last + need(4, V1, 16) * of_each + need(5, V2)
    found = {4: Version("V1", needed=True), **({5: Version("V2", needed=True)} if complete else {})}
    assert parse_needs(table, STRINGS, "<") == found


def test_an_entry_has_as_many_names_as_it_says() -> None:
    """As nm(1) reads them, even if the chain goes on."""
    needs = struct.pack("<HHIII", 1, 1, X, 16, 0) + NEEDS[16:]
    assert parse_needs(needs, STRINGS, "<") == {4: Version("V1", needed=True)}
    nameless = struct.pack("<HHHHIIIII", 1, 0, 2, 0, 0, 20, 28, V1, 0)
    assert parse_definitions(nameless + definition(3, V2, 0), STRINGS, "<") == {3: Version("V2", needed=False)}


def test_a_symbol_of_both_tables_is_listed_once_with_its_version() -> None:
    rows = [("f", GLOBAL | FUNC, 1, 0x1000, 8), ("g", GLOBAL | FUNC, 0, 0, 0)]
    versions = Versions(
        struct.pack("<HHH", 0, 2, 4), "<", {2: Version("V1", needed=False), 4: Version("V2", needed=True)}
    )
    dynamic = parse_symbols(".dynsym", SymbolEntries(*packed(rows), "<", "ELF64", SECTIONS, versions=versions))
    own = table_of(rows[0], ("g@V2", GLOBAL | FUNC, 0, 0, 0), ("h", GLOBAL | FUNC, 1, 0x1008, 8))
    assert isinstance(dynamic, SymbolTable)
    listed = list(Symbols("f", None, (own, dynamic)))
    assert [symbol_line(each).split()[-2:] for each in listed] == [["T", "f@@V1"], ["U", "g@V2"], ["T", "h"]]
    assert listed[1].raw == "g"
    assert listed[0] == Symbol("f", 0x1000, 8, "FUNC", "GLOBAL", 1, SECTIONS[1], "@@V1")
