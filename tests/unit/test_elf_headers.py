"""The headers of ELF files and the names of their types, compared with pyelftools."""

import struct
from collections.abc import Mapping
from typing import Any

import pytest
from elftools.elf.enums import ENUM_E_MACHINE, ENUM_E_TYPE
from elftools.elf.structs import ELFStructs

from mmexplorer.kernel.elf.rare_names import rare_names
from mmexplorer.parse.elf.headers import (
    FILE_TYPES,
    MACHINES,
    SECTION_TYPES,
    SEGMENT_TYPES,
    Order,
    layouts,
)

KINDS: tuple[tuple[int, Order], ...] = ((32, "<"), (32, ">"), (64, "<"), (64, ">"))
UNKNOWN_TO_PYELFTOOLS = {"GNU_SFRAME"}
CALLED_OTHERWISE = {"VERDEF": "GNU_verdef", "VERNEED": "GNU_verneed", "VERSYM": "GNU_versym"}


def _ident(bits: int, order: Order) -> bytes:
    return bytes((0x7F, 0x45, 0x4C, 0x46, bits // 32, 1 if order == "<" else 2, 1)).ljust(16, b"\0")


def _distinct(size: int) -> bytes:
    return bytes(range(1, size + 1))


def _numbers(parsed: Any, names: tuple[str, ...], of: Mapping[str, Mapping[str, int]]) -> list[int]:
    return [of[name][value] if isinstance(value := parsed[name], str) else value for name in names]


@pytest.mark.parametrize(("bits", "order"), KINDS)
def test_every_field_stands_where_pyelftools_finds_it(bits: int, order: Order) -> None:
    ours = layouts(bits, order)
    theirs = ELFStructs(little_endian=order == "<", elfclass=bits)
    theirs.create_basic_structs()
    theirs.create_advanced_structs()
    ident = _ident(bits, order)
    raw = ident + _distinct(ours.file_size - len(ident))
    enums = {"e_type": ENUM_E_TYPE, "e_machine": ENUM_E_MACHINE, "e_version": {"EV_CURRENT": 1}}
    header = ours.file(raw)
    assert (ours.file_size, ours.program_size, ours.section_size) == tuple(
        layout.sizeof() for layout in (theirs.Elf_Ehdr, theirs.Elf_Phdr, theirs.Elf_Shdr)
    )
    assert list(header) == _numbers(theirs.Elf_Ehdr.parse(raw), header._fields, enums)
    for understood, layout, size in (
        (ours.program(_distinct(ours.program_size)), theirs.Elf_Phdr, ours.program_size),
        (ours.section(_distinct(ours.section_size)), theirs.Elf_Shdr, ours.section_size),
    ):
        assert list(understood) == _numbers(layout.parse(_distinct(size)), understood._fields, {})


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(("bits", "order"), KINDS)
def test_common_types_have_the_names_that_pyelftools_gives_them(machine: int, bits: int, order: Order) -> None:
    named = rare_names(_ident(bits, order), order, 3, machine)
    assert named.machine == f"EM_{MACHINES[machine]}"
    for number, name in FILE_TYPES.items():
        assert rare_names(_ident(bits, order), order, number, machine).file_type == f"ET_{name}"
    for names, ask, prefix in (
        (SEGMENT_TYPES, named.segment_type, "PT_"),
        (SECTION_TYPES, named.section_type, "SHT_"),
    ):
        for number, name in names.items():
            theirs = number if name in UNKNOWN_TO_PYELFTOOLS else prefix + CALLED_OTHERWISE.get(name, name)
            assert ask(number) == theirs


@pytest.mark.parametrize(("bits", "order"), KINDS)
def test_a_type_means_what_the_machine_makes_of_it(bits: int, order: Order) -> None:
    arm, x86 = (rare_names(_ident(bits, order), order, 2, machine) for machine in (40, 62))
    assert arm.segment_type(0x70000001) == "PT_ARM_EXIDX"
    assert x86.segment_type(0x70000001) == 0x70000001
    assert x86.section_type(0x70000001) == "SHT_AMD64_UNWIND"
    assert rare_names(_ident(bits, order), order, 2, 0xF00D).machine == 0xF00D


def test_what_is_cut_short_is_an_error() -> None:
    known = layouts(64, "<")
    for understand, size in ((known.file, known.file_size), (known.program, known.program_size)):
        with pytest.raises(struct.error):
            understand(bytes(size - 1))
