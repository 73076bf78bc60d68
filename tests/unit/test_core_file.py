import os
from pathlib import Path

import pytest

from mmexplorer.kernel.capture.core.file import is_core, read_core
from mmexplorer.kernel.capture.core.inspector import CoreInspector
from mmexplorer.kernel.capture.core.source import CoreMemory, core_procfs
from mmexplorer.kernel.capture.moment_source import MomentSource
from mmexplorer.kernel.capture.moment_system import MomentSystem
from mmexplorer.kernel.capture.sources import core_source, open_file
from mmexplorer.kernel.elf.reader import Held
from mmexplorer.kernel.process.threads import stack_pointers
from mmexplorer.kernel.source import Source
from mmexplorer.model.capture.core import Core, CoreMapping, CoreSignal
from mmexplorer.model.memory.bytes import ByteSearch
from mmexplorer.model.memory.inspection import Found
from mmexplorer.model.region import Range
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.source import Request
from mmexplorer.model.system.source import SystemRequest
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.parse.process.auxv import parse_auxv
from mmexplorer.parse.process.maps import parse_maps
from mmexplorer.parse.process.stat import Stat, parse_stat
from mmexplorer.present.explore.region_details import details_lines
from mmexplorer.present.explore.region_rows import RegionOptions, region_rows
from mmexplorer.present.region.table import REGION_COLUMNS
from mmexplorer.present.text.line import plain
from tests.support.specimens.core_bytes import (
    Load,
    Shape,
    auxv,
    core_bytes,
    mapped_files,
    note,
    prpsinfo,
    prstatus,
    siginfo,
)

_SHAPES = {
    "x86-64": (Shape(64, "<", 62), 27, 16, 19),
    "i386": (Shape(32, "<", 3), 17, 12, 15),
    "aarch64": (Shape(64, "<", 183), 34, 32, 31),
    "arm": (Shape(32, "<", 40), 18, 15, 13),
    "ppc64": (Shape(64, ">", 21), 48, 32, 1),
    "s390x": (Shape(64, ">", 22), 27, 1, 17),
    "riscv64": (Shape(64, "<", 243), 32, 0, 2),
}
_LOADS = (
    Load(0x400000, 0x2000, 5, b"\x90" * 0x1000),
    Load(0x403000, 0x1000, 6, b"d" * 0x1000),
    Load(0x500000, 0x4000, 6, b"h" * 0x4000),
    Load(0x7FFF0000, 0x3000, 6, b"s" * 0x3000),
)


def _core(shape: Shape, registers: list[int]) -> bytes:
    entries = ((6, 4096), (9, 0x400100), (31, 0x7FFF2F00))
    files = (0x400000, 0x402000, 0, b"/x/crash"), (0x403000, 0x404000, 3, b"/x/crash")
    notes = (
        note(shape, 1, prstatus(shape, 42, registers)),
        note(shape, 3, prpsinfo(shape, 42, b"crash", b"./crash now ")),
        note(shape, 0x53494749, siginfo(shape, 11, 1, 0x4010)),
        note(shape, 6, auxv(shape, *entries)),
        note(
            shape,
            0x46494C45,
            mapped_files(shape, *files),
        ),
        note(shape, 0x202, b"\xff" * 100, b"LINUX\0"),
        note(shape, 1, prstatus(shape, 43, registers)),
    )
    return core_bytes(shape, _LOADS, notes)


def _read(data: bytes) -> Core:
    core = read_core(Held(data))
    assert isinstance(core, Core)
    return core


@pytest.mark.parametrize("name", _SHAPES)
def test_every_class_and_byte_order_says_the_same(name: str) -> None:
    shape, count, ip, sp = _SHAPES[name]
    registers = [0x1000 + number for number in range(count)]
    registers[ip], registers[sp] = 0x400123, 0x7FFF1000
    core = _read(_core(shape, registers))
    assert (core.elf_class, core.byte_order) == (shape.bits, "little" if shape.order == "<" else "big")
    assert core.page_size == 4096
    assert [(each.start, each.end, each.perms, each.dumped) for each in core.segments] == [
        (0x400000, 0x402000, "r-x", 0x1000),
        (0x403000, 0x404000, "rw-", 0x1000),
        (0x500000, 0x504000, "rw-", 0x4000),
        (0x7FFF0000, 0x7FFF3000, "rw-", 0x3000),
    ]
    assert [(thread.tid, thread.ip, thread.sp) for thread in core.threads] == [
        (42, 0x400123, 0x7FFF1000), (43, 0x400123, 0x7FFF1000),
    ]  # fmt: skip
    assert core.signal == CoreSignal(11, 1, 0x4010, None)
    assert core.mappings == (
        CoreMapping(0x400000, 0x402000, 0, "/x/crash"), CoreMapping(0x403000, 0x404000, 0x3000, "/x/crash"),
    )  # fmt: skip
    program = core.program
    assert not isinstance(program, Unavailable)
    assert (program.pid, program.uid, program.name, program.arguments) == (42, 1000, "crash", "./crash now ")


@pytest.mark.parametrize("name", _SHAPES)
def test_it_is_proc_to_whoever_reads(name: str) -> None:
    shape, count, *_ = _SHAPES[name]
    procfs = core_procfs(_read(_core(shape, [0] * count)))
    text = procfs.read("42/maps")
    assert isinstance(text, bytes)
    assert [(each.start, each.perms, each.offset, each.path) for each in parse_maps(text).regions] == [
        (0x400000, "r-x?", 0, "/x/crash"),
        (0x403000, "rw-?", 0x3000, "/x/crash"),
        (0x500000, "rw-?", 0, "[heap]"),
        (0x7FFF0000, "rw-?", 0, "[stack]"),
    ]
    vector = procfs.parsed("42/auxv", parse_auxv)
    assert not isinstance(vector, Unavailable)
    assert (vector.entry, vector.word_size) == (0x400100, shape.bits // 8)
    assert procfs.numbers("42/task") == (42, 43)
    assert stack_pointers(procfs, 42) == {}
    assert procfs.link("42/exe") == "/x/crash"
    assert isinstance(procfs.read("42/smaps"), Unavailable)
    assert isinstance(procfs.read("meminfo"), Unavailable)


def test_its_address_space_has_the_files_of_which_no_segment_tells() -> None:
    shape, *_ = _SHAPES["x86-64"]
    files = (0x400000, 0x402000, 0, b"/x/crash"), (0x600000, 0x700000, 0, b"/x/data")
    notes = (note(shape, 3, prpsinfo(shape, 42, b"crash", b"")), note(shape, 0x46494C45, mapped_files(shape, *files)))
    procfs = core_procfs(_read(core_bytes(shape, _LOADS, notes)))
    maps, stat = procfs.parsed("42/maps", parse_maps), procfs.parsed("42/stat", parse_stat)
    assert not isinstance(maps, Unavailable)
    assert not isinstance(stat, Unavailable)
    assert "????" in {region.perms for region in maps.regions}
    assert stat.vsize == sum(region.size for region in maps.regions)


def test_of_the_machine_and_of_other_threads_a_core_has_nothing() -> None:
    data = _core(Shape(), [0] * 27)
    source = core_source(_read(data), Held(data))
    first, second = (source.procfs.parsed(f"42/task/{tid}/stat", parse_stat) for tid in (42, 43))
    assert isinstance(first, Stat)
    assert isinstance(second, Stat)
    assert [(each.comm, each.state) for each in (first, second)] == [("crash", "?"), ("", "?")]
    machine = MomentSystem(MomentSource(source), None).sample(SystemRequest())
    assert {str(each) for each in (machine.meminfo, machine.vmstat, machine.pressure, machine.ranking)} == {
        "not in a core file"
    }


def test_the_owner_in_a_core_whose_writer_filled_in_only_names_is_not_root() -> None:
    shape = Shape()
    program = note(shape, 3, prpsinfo(shape, 0, b"crash", b"./crash").replace(shape.pack("I", 1000), bytes(4)))
    notes = (note(shape, 1, prstatus(shape, 42, [0] * 27)), program)
    procfs = core_procfs(_read(core_bytes(shape, _LOADS, notes)))
    assert str(procfs.user(42)) == "not in a core file"
    assert core_procfs(_read(_core(shape, [0] * 27))).user(42) == "1000"


def test_the_stacks_of_its_threads_are_found() -> None:
    shape, count, _, sp = _SHAPES["x86-64"]
    registers = [0] * count
    registers[sp] = 0x7FFF1000
    assert stack_pointers(core_procfs(_read(_core(shape, registers))), 42) == {42: 0x7FFF1000, 43: 0x7FFF1000}


def test_what_was_not_dumped_is_not_zero() -> None:
    data = _core(Shape(), [0] * 27)
    memory = CoreMemory(_read(data), Held(data))
    assert memory.read(42, Range(0x500000, 0x500004)) == b"hhhh"
    assert memory.read(42, Range(0x400FFE, 0x401002)) == b"\x90\x90"
    for nothing in (0x401000, 0x600000):
        assert isinstance(memory.read(42, Range(nothing, nothing + 16)), Unavailable)


def test_a_truncated_core_says_what_is_lost() -> None:
    data = _core(Shape(), [0] * 27)
    cut = data[: -0x3000 - 0x1000]
    core = _read(cut)
    assert core.missing == 0x4000
    assert isinstance(CoreMemory(core, Held(cut)).read(42, Range(0x7FFF0000, 0x7FFF0010)), Unavailable)
    for length in range(0, len(data), 97):
        assert isinstance(read_core(Held(data[:length])), Core | Unavailable)


def test_a_core_of_50_gib_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "core"
    shape = Shape()
    data = core_bytes(shape, [Load(0x10000000, 50 << 30, 6)], [note(shape, 1, prstatus(shape, 42, [0] * 27))])
    size = (50 << 30).to_bytes(8, "little")
    at = 64 + 56 + 32
    path.write_bytes(data[:at] + size + data[at + 8 :])
    os.truncate(path, (50 << 30) + len(data))
    source = open_file(str(path))
    assert isinstance(source, Source)
    assert source.core is not None
    assert source.core.segments[0].dumped == 50 << 30
    assert source.core.missing == 0
    assert not isinstance(source.address_space(42, Request()), Unavailable)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not a core"),
        (b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\0", "not a core"),
        (b"\x7fELF\x05\x01\x01" + bytes(9) + b"\x04\0", "no known class"),
        (b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x04\0", "inside its headers"),
        (core_bytes(Shape(), [], []), "without any memory"),
    ],
)
def test_other_files_give_a_sentence(data: bytes, said: str) -> None:
    refused = read_core(Held(data))
    assert isinstance(refused, Unavailable)
    assert said in refused.reason


def test_an_elf_file_of_another_type_is_none() -> None:
    assert not is_core(Path("/proc/self/exe").read_bytes()[:64])


def test_the_tabs_read_and_search_what_was_dumped() -> None:
    shape, count, *_ = _SHAPES["x86-64"]
    data = _core(shape, [0] * count)
    core = _read(data)
    inspector = CoreInspector(core, CoreMemory(core, Held(data)))
    space = core_source(core, Held(data)).address_space(42, Request())
    assert isinstance(space, AddressSpace)
    code, _, heap, _ = space.regions
    found = inspector.read(space, Range(0x400FF8, 0x401008), fault_in=False)
    assert not isinstance(found, Unavailable)
    assert [each.content if isinstance(each.content, bytes) else str(each.content) for each in found.pieces] == [
        b"\x90" * 8, "it was not dumped into the core",
    ]  # fmt: skip
    assert str(inspector.pages(space, code, code.range)) == (
        "a core file has no page tables; it has the bytes of 4K of the 8K of this region"
    )
    matches = inspector.search(space, space.regions, ByteSearch(b"hh"), lambda _: True)
    assert not isinstance(matches, Unavailable)
    assert next(iter(matches)) == Found(0x500000, heap)
    assert "none of the 4K" in str(
        inspector.pages(space, space.regions[3]._replace(start=0x1000, end=0x2000), Range(0x1000, 0x2000))
    )
    assert "a core file" in str(inspector.security(space))


def test_the_heap_of_a_core_is_said_to_look_like_it() -> None:
    shape, count, *_ = _SHAPES["x86-64"]
    data = _core(shape, [0] * count)
    space = core_source(_read(data), Held(data)).address_space(42, Request())
    assert isinstance(space, AddressSpace)
    rows = region_rows(space, (), 0.0, RegionOptions()).live
    what = next(column for column in REGION_COLUMNS if column.key == "what")
    assert [plain(what.text(row)) for row in rows] == ["crash", "crash", "looks like [heap]", "[stack]"]
    told = [plain(each) for each in details_lines(rows[2], space, 0.0, 100)]
    assert any(each.startswith("00500000 looks like the heap") for each in told)
    assert any("a guess" in each for each in told)
    assert not any("a guess" in plain(each) for each in details_lines(rows[3], space, 0.0, 100))
