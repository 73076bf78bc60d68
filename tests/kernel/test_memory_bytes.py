"""Bytes and searches of real processes, compared with gdb, the file and planted needles."""

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from mmexplorer.cli import main
from mmexplorer.kernel.pages.pagemap import read_present
from mmexplorer.kernel.process.memory import read_memory
from mmexplorer.kernel.process.search import search_memory
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.memory.bytes import ByteSearch, Origin, WordSearch
from mmexplorer.model.region import Range, Region
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.parse.process.maps import parse_maps
from tests.support.specimens.children import child, ready_line, stopped

pytestmark = pytest.mark.smoke

PAGE = 4096
PROCFS = LiveProcfs()
NEEDLE = b"needle-in-a-haystack"

_SPECIMEN = """
import ctypes, mmap, sys
def at(memory):
    return ctypes.addressof(ctypes.c_char.from_buffer(memory))
file = open(sys.argv[1], "r+b")
touched = mmap.mmap(file.fileno(), 64 * 4096, access=mmap.ACCESS_COPY)
touched[0]; touched[8 * 4096 + 5] = 0xCC
private = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
memory = mmap.mmap(-1, 16 << 20, private)
memory[: 4 << 20] = bytes(4 << 20)
needle = sys.argv[2].encode()[::-1]
for place in (100, 4096 - 7, (4 << 20) - 64):
    memory[place : place + len(needle)] = needle
short = open(sys.argv[1] + ".short", "w+b"); short.truncate(3 * 4096)
past = mmap.mmap(short.fileno(), 3 * 4096, access=mmap.ACCESS_COPY); short.truncate(4096)
pointers = mmap.mmap(-1, 4096, private)
pointers[64:72] = (at(memory) + 0x123).to_bytes(8, "little")
pointers[81:89] = (at(memory) + 0x123).to_bytes(8, "little")
pointers[128:136] = (at(memory) + (16 << 20)).to_bytes(8, "little")
print(at(touched), at(memory), at(past), at(pointers), flush=True)
sys.stdin.read()
"""


class Specimen:
    """A stopped process, the addresses of its mappings, and the file that it maps."""

    def __init__(self, pid: int, places: list[int], file: Path) -> None:
        self.pid = pid
        self.touched, self.memory, self.past, self.pointers = places
        self.file = file
        self.regions = parse_maps(Path(f"/proc/{pid}/maps").read_bytes()).regions

    def region(self, address: int) -> Region:
        return next(each for each in self.regions if each.start <= address < each.end)


@pytest.fixture(scope="module")
def specimen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Specimen]:
    file = tmp_path_factory.mktemp("bytes") / "file"
    file.write_bytes(os.urandom(64 * PAGE))
    with child("-c", _SPECIMEN, str(file), NEEDLE.decode()[::-1]) as process:
        places = [int(each) for each in ready_line(process).split()]
        process.send_signal(signal.SIGSTOP)
        stopped(process.pid)
        yield Specimen(process.pid, places, file)


def rss_file(pid: int) -> int:
    found = re.search(rb"RssFile:\s+(\d+)", Path(f"/proc/{pid}/status").read_bytes())
    assert found is not None
    return int(found[1])


def test_what_is_not_in_memory_comes_from_the_file_and_nothing_is_faulted_in(specimen: Specimen) -> None:
    before = rss_file(specimen.pid)
    whole = Range(specimen.touched, specimen.touched + 64 * PAGE)
    pieces = read_memory(PROCFS, specimen.pid, specimen.regions, whole)
    assert rss_file(specimen.pid) <= before  # the kernel may take pages away meanwhile
    assert {piece.origin for piece in pieces} == {Origin.MEMORY, Origin.FILE}
    content = bytearray(b"".join(piece.content for piece in pieces if isinstance(piece.content, bytes)))
    assert content[8 * PAGE + 5] == 0xCC
    expected = bytearray(specimen.file.read_bytes())
    expected[8 * PAGE + 5] = 0xCC
    assert content == expected


def test_each_kind_of_place_that_has_no_bytes_says_why(specimen: Specimen) -> None:
    [piece] = read_memory(
        PROCFS, specimen.pid, specimen.regions, Range(specimen.memory + (8 << 20), specimen.memory + (8 << 20) + 64)
    )
    assert isinstance(piece.content, Unavailable)
    assert "fault it in" in piece.content.reason
    pieces = read_memory(PROCFS, specimen.pid, specimen.regions, Range(specimen.past, specimen.past + 3 * PAGE))
    assert isinstance(pieces[-1].content, Unavailable)
    assert "past the end of the file" in pieces[-1].content.reason
    for start in (0, 0x10, 1 << 47, (1 << 63) - 64, 1 << 63, 0xFFFFFFFFFF600000, (1 << 64) - 64):
        [piece] = read_memory(PROCFS, specimen.pid, specimen.regions, Range(start, start + 64))
        assert isinstance(piece.content, Unavailable), hex(start)
    for region in specimen.regions:
        if region.path.startswith("[v"):
            pieces = read_memory(PROCFS, specimen.pid, specimen.regions, region.range, fault_in=True)
            assert pieces[-1].range.end == region.end


@pytest.mark.oracle
def test_bytes_are_those_of_gdb() -> None:
    program = "import sys; text = b'seen by gdb' * 3; print(id(text), flush=True); sys.stdin.read()"
    with child("-c", program) as process:
        address = int(ready_line(process)) + 32
        regions = parse_maps(Path(f"/proc/{process.pid}/maps").read_bytes()).regions
        [piece] = read_memory(PROCFS, process.pid, regions, Range(address, address + 96))
        command = ["gdb", "-nx", "-batch", "-p", str(process.pid), "-ex", f"x/96xb {address:#x}"]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        lines = [line.partition(":")[2].split() for line in told.splitlines() if re.match(r"0x[0-9a-f]+.*:\t", line)]
        theirs = bytes(int(byte, 16) for line in lines for byte in line)
        assert piece.content == theirs
        assert theirs.startswith(b"seen by gdb")


def found_at(specimen: Specimen, search: ByteSearch | WordSearch) -> list[int]:
    found = search_memory(PROCFS, specimen.pid, specimen.regions, search)
    assert not isinstance(found, Unavailable)
    return [match.address for match in found]


def test_needles_across_the_borders_of_pages_and_chunks(specimen: Specimen) -> None:
    expected = [specimen.memory + place for place in (100, PAGE - 7, (4 << 20) - 64)]
    found = found_at(specimen, ByteSearch(NEEDLE))
    assert [address for address in found if address in expected] == expected
    assert specimen.region(specimen.memory).start <= found[0]


@pytest.mark.parametrize("needle", [b"a", b"ee", b"-hay", NEEDLE])
def test_each_way_to_search_finds_what_is_there(specimen: Specimen, needle: bytes) -> None:
    content = b"".join(
        piece.content if isinstance(piece.content, bytes) else bytes(piece.range.size)
        for piece in read_memory(
            PROCFS, specimen.pid, specimen.regions, Range(specimen.memory, specimen.memory + (4 << 20))
        )
    )
    expected = [specimen.memory + at for at in range(len(content)) if content.startswith(needle, at)]
    assert len(expected) >= 3
    area = Range(specimen.memory, specimen.memory + (4 << 20))
    assert [
        address for address in found_at(specimen, ByteSearch(needle)) if area.start <= address < area.end
    ] == expected


def test_aligned_pointers_into_a_range(specimen: Specimen) -> None:
    target = Range(specimen.memory, specimen.memory + (16 << 20))
    found = found_at(specimen, WordSearch(target))
    assert specimen.pointers + 64 in found
    assert specimen.pointers + 81 not in found
    assert specimen.pointers + 128 not in found


def test_the_commands(specimen: Specimen, capsys: pytest.CaptureFixture[str]) -> None:
    pid, place = str(specimen.pid), f"{specimen.touched:#x}+{8 * PAGE:#x}"
    assert main(["bytes", pid, place, "16", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert set(document) == {"schema", "pid", "source", "taken_at", "address", "length", "hex", "unavailable"}
    assert document["unavailable"] == {}
    assert bytes.fromhex(document["hex"])[5] == 0xCC
    assert main(["bytes", pid, place, "16"]) == 0
    dump, difference = capsys.readouterr().out.splitlines()
    in_file = specimen.file.read_bytes()[8 * PAGE + 5]
    assert difference.endswith(f"1 byte differs from the file: cc for {in_file:02x} (written)")
    xxd = subprocess.run(["xxd", "-o", "0"], input=bytes.fromhex(document["hex"]), capture_output=True, check=True)
    assert dump.partition(": ")[2] == xxd.stdout.decode().strip().partition(": ")[2]
    assert main(["bytes", pid, f"{specimen.pointers + 64:#x}", "8", "--as", "pointers"]) == 0
    assert "-> 0x" in capsys.readouterr().out
    assert main(["bytes", pid, f"{specimen.pointers + 64:#x}", "8", "--as", "words"]) == 0
    assert f"0x{specimen.memory + 0x123:016x}" in capsys.readouterr().out
    assert main(["bytes", pid, "0x10"]) == 1
    assert main(["bytes", pid, "0x10", "0"]) == 2
    capsys.readouterr()
    assert main(["search", pid, NEEDLE.decode(), "--in", f"{specimen.memory:#x}", "--json"]) == 0
    matches = json.loads(capsys.readouterr().out)["matches"]
    assert next(match["address"] for match in matches) == f"{specimen.memory + 100:#x}"
    assert set(matches[0]) == {"address", "region"}
    nowhere = "hex:00ff00ff00ff0102030405060708090a0b"
    assert main(["search", pid, nowhere]) == 1
    assert capsys.readouterr() == ("", f"mmexplorer: {nowhere} isn't in the memory that could be read\n")
    assert main(["search", pid, "hex:xyz"]) == 2
    assert main(["search", pid, f"ptr:{specimen.memory:#x}", "--in", f"{specimen.pointers:#x}"]) == 0


def test_a_search_reads_what_is_in_memory_once(specimen: Specimen, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Range] = []
    really = os.preadv

    def noted(descriptor: int, buffers: list[memoryview], start: int) -> int:
        count = really(descriptor, buffers, start)
        read.append(Range(start, start + count))
        return count

    monkeypatch.setattr(os, "preadv", noted)
    region = specimen.region(specimen.memory)
    found = search_memory(PROCFS, specimen.pid, (region,), ByteSearch(NEEDLE))
    assert not isinstance(found, Unavailable)
    assert len(list(found)) >= 3
    assert all(before.end <= after.start for before, after in pairwise(read))
    present = read_present(PROCFS, specimen.pid, region.range)
    assert not isinstance(present, Unavailable)
    assert sum(each.size for each in read) == sum(each.size for each in present) < 5 << 20
