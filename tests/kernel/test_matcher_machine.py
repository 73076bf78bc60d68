"""The matcher on every process of the machine, on Python processes, and without privileges."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from mmexplorer.cli import main
from mmexplorer.kernel.elf.images import ElfCache
from mmexplorer.kernel.machine import page_size
from mmexplorer.kernel.pages.pagemap import read_pages
from mmexplorer.kernel.process.layout import read_layout
from mmexplorer.kernel.procfs import LiveProcfs, Procfs
from mmexplorer.model.elf.image import ElfImage, page_ceil, page_floor
from mmexplorer.model.elf.layout import Label, Layout, LoadedImage, run_time_range
from mmexplorer.model.memory.pages import PageStates
from mmexplorer.model.region import FileId, Region
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.parse.process.maps import parse_maps
from tests.support.live import live_layout
from tests.support.oracles.readelf import readelf
from tests.support.patience import PATIENCE
from tests.support.specimens.c_programs import build, running

pytestmark = pytest.mark.smoke

_IDLE = """
static void call(long number, long a, const char *b, long c) {
    __asm__ volatile("syscall" : "+a"(number) : "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
}
void _start(void) { call(1, 1, "r", 1); for (;;) call(34, 0, 0, 0); }
"""
"""Without a C library: it writes a byte, then waits in pause(2)."""
_PRINT_LOADED = """
import ctypes, json, sys, time

class Info(ctypes.Structure):
    _fields_ = [
        ("addr", ctypes.c_void_p), ("name", ctypes.c_char_p), ("phdr", ctypes.c_void_p), ("phnum", ctypes.c_uint16)
    ]

@ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Info), ctypes.c_size_t, ctypes.c_void_p)
def each(info, size, more):
    phdr = ctypes.string_at(info[0].phdr, info[0].phnum * 56)
    for i in range(info[0].phnum):
        fields = [int.from_bytes(phdr[i * 56 + a : i * 56 + b], "little") for a, b in ((0, 4), (16, 24), (40, 48))]
        if fields[0] == 1:
            print("load", i, hex(info[0].addr or 0), hex(fields[1]), hex(fields[2]), info[0].name.decode())
    return 0

import %s
ctypes.CDLL(None).dl_iterate_phdr(each, None)
print("end", flush=True)
time.sleep(600)
"""


def _maps(pid: int) -> tuple[Region, ...]:
    text = LiveProcfs().read(f"{pid}/maps")
    return () if isinstance(text, Unavailable) else parse_maps(text).regions


class _Look(NamedTuple):
    """A process whose regions were the same before and after reading it."""

    regions: tuple[Region, ...]
    layout: Layout
    files: dict[FileId, ElfImage | Unavailable]


def _looks(pid: int, cache: ElfCache, procfs: Procfs, deadline: float) -> Iterator[_Look]:
    """Look again and again; give up if it never holds still."""
    changed = 0
    while changed < 20 and (before := _maps(pid)):
        layout, files = read_layout(procfs, cache, pid, before)
        if before == _maps(pid):
            yield _Look(before, layout, files)
            if time.monotonic() > deadline:
                return
        else:
            changed += 1


def _loads_over(loaded: LoadedImage, region: Region) -> list[int]:
    """Return the LOADs whose file pages at this bias are exactly those that `region` maps."""
    found = []
    page = page_size()
    for load in loaded.image.loads:
        pages = run_time_range(loaded, load, page)
        offset = page_floor(loaded.image.header_offset + load.offset, page)
        end = pages.start + page_ceil(loaded.image.header_offset + load.offset + load.filesz, page) - offset
        if pages.start <= region.start < end and region.start - region.offset == pages.start - offset:
            found.append(load.index)
    return found


def _broken_laws(look: _Look) -> Iterator[str]:
    for region in look.regions:
        match = look.layout.matches.get(region.start)
        image = look.files.get(region.file) if region.file else None
        if isinstance(image, ElfImage) and "x" in region.perms and not match and not _is_mapped_again(region, look):
            yield f"code of an ELF file that no LOAD explains: {region}"
        expected = [
            index
            for loaded in look.layout.images
            if loaded.file is not None and loaded.file == region.file
            for index in _loads_over(loaded, region)
        ]
        if expected and (not match or match.index not in expected):
            yield f"matched to {match} instead of {expected}: {region}"
        if match and match.label in {Label.BSS, Label.PATCHED} and region.inode and not region.deleted:
            yield f"memory of a file as {match.label}: {region}"


def _is_mapped_again(region: Region, look: _Look) -> bool:
    """Return whether these bytes of the file are loaded elsewhere: V8 maps part of its own code a second time."""
    return any(
        other.start in look.layout.matches
        and other.file == region.file
        and other.offset <= region.offset
        and region.offset + region.size <= other.offset + other.size
        for other in look.regions
        if other is not region
    )


def test_laws_over_every_process() -> None:
    procfs = LiveProcfs()
    cache, broken, seen = ElfCache(procfs), dict[int, list[str]](), set[int]()
    deadline = time.monotonic() + PATIENCE
    for pid in procfs.numbers():
        for look in _looks(pid, cache, procfs, deadline):
            seen.add(pid)
            broken[pid] = list(_broken_laws(look))
            if not broken[pid]:
                break
            time.sleep(0.02)  # it may be loading a library, and on a busy machine not get to run for seconds
    assert {pid: laws for pid, laws in broken.items() if laws and _maps(pid)} == {}
    assert os.getpid() in seen


@pytest.mark.parametrize("modules", ["json", "sqlite3, ssl, decimal, lzma, _ctypes, hashlib"])
def test_python_processes_load_what_we_say(modules: str) -> None:
    with running(sys.executable, "-c", _PRINT_LOADED % modules) as target:
        layout = live_layout(target.pid, _maps(target.pid))
        ours = {(loaded.load_bias, load.index, load.vaddr) for loaded in layout.images for load in loaded.image.loads}
        assert ours == {(load.bias, load.segment, load.vaddr) for load in target.loads}
        assert len(layout.images) > 3


@pytest.mark.oracle
def test_the_vdso_reads_as_readelf_reads_a_copy_of_it(tmp_path: Path) -> None:
    [region] = [region for region in _maps(os.getpid()) if region.path == "[vdso]"]
    with Path("/proc/self/mem").open("rb") as memory:
        memory.seek(region.start)
        (tmp_path / "vdso").write_bytes(memory.read(region.size))
    layout = live_layout(os.getpid(), _maps(os.getpid()))
    [vdso] = [loaded for loaded in layout.images if loaded.role == "vdso"]
    [(_, told)] = readelf([str(tmp_path / "vdso")])
    assert isinstance(vdso.image.sections, tuple)
    assert [section.name for section in vdso.image.sections] == [section[1] for section in told.sections]
    assert [list(segment.sections) for segment in vdso.image.segments] == told.mapping
    assert vdso.load_bias + vdso.image.loads[0].vaddr == region.start


def test_the_vdso_of_a_program_that_never_used_it_is_tied_all_the_same(tmp_path: Path) -> None:
    source, program = tmp_path / "idle.c", tmp_path / "idle"
    source.write_text(_IDLE)
    subprocess.run(["gcc", "-O1", "-nostdlib", "-static", "-o", program, source], check=True)
    with subprocess.Popen([program], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.read(1) == b"r"
        try:
            [region] = [region for region in _maps(process.pid) if region.path == "[vdso]"]
            pages = read_pages(LiveProcfs(), process.pid, region.range)
            assert isinstance(pages, PageStates)
            assert not any(run.state.in_memory for run in pages.runs)
            match = live_layout(process.pid, _maps(process.pid)).matches[region.start]
            assert (match.loaded.role, match.label) == ("vdso", Label.SEGMENT)
        finally:
            process.kill()


def test_elf_of_a_process_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    with running(sys.executable, "-c", _PRINT_LOADED % "json") as target:
        assert main(["elf", "-p", str(target.pid), "--json"]) == 0
        shape = json.loads(capsys.readouterr().out)
        assert (shape["schema"], shape["pid"]) == ("mmexplorer/elf/1", target.pid)
        assert shape["start_time"] == int(Path(f"/proc/{target.pid}/stat").read_text().rpartition(")")[2].split()[19])
        page = page_size()
        ours = {
            (int(image["load_bias"], 16), each["index"], int(each["start"], 16), int(each["end"], 16))
            for image in shape["images"]
            for each in image["segments"]
            if each["type"] == "LOAD"
        }
        assert ours == {
            (load.bias, load.segment, page_floor(load.bias + load.vaddr, page), page_ceil(sum(load[1:4]), page))
            for load in target.loads
        }
        for image in shape["images"]:
            assert image["sections"] or "not there" in image["unavailable"]["sections"]
            assert all("start" not in each for each in image["segments"] if each["type"] != "LOAD")
        assert main(["elf", "-p", str(target.pid)]) == 0
        text = capsys.readouterr().out
        assert all(f"{start:08x}-{end:08x}" in text for _, _, start, end in ours)


def test_a_process_without_memory_is_refused_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    process = subprocess.Popen(["true"])
    try:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert main(["elf", "-p", str(process.pid)]) == 1
        output, error = capsys.readouterr()
        assert output == ""
        assert error.count("\n") == 1
        assert error.startswith(f"mmexplorer: {process.pid}: ")
    finally:
        process.wait()


_LOOK_AS_NOBODY = """
import ctypes, json, os, subprocess, sys
import mmexplorer.kernel.elf.rare_names  # both are imported when needed, which this user may not be able to read
from mmexplorer.kernel.elf.images import ElfCache
from mmexplorer.kernel.pages.pagemap import read_pages
from mmexplorer.kernel.process.layout import read_layout
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.parse.process.maps import parse_maps

os.setgroups([])
os.setresgid(65534, 65534, 65534)
os.setresuid(65534, 65534, 65534)
process = subprocess.Popen([sys.argv[1], *sys.argv[3:]], stdout=subprocess.PIPE)
try:
    while process.stdout.readline() != b"end\\n":
        pass
    for path in sys.argv[2].split(":"):
        os.unlink(path)
    regions = parse_maps(LiveProcfs().read(f"{process.pid}/maps")).regions
    layout, files = read_layout(LiveProcfs(), ElfCache(), process.pid, regions)
    print(json.dumps({
        "images": {loaded.image.path: [loaded.image.opened_via, loaded.load_bias] for loaded in layout.images},
        "files": {str(file.inode): str(image) for file, image in files.items() if not hasattr(image, "segments")},
    }))
finally:
    process.kill()
    process.wait()
"""


def _look_as_nobody(program: Path, gone: Sequence[Path], *arguments: str) -> dict[str, tuple[str, int]]:
    """Start `program` as an ordinary user, delete `gone`, and read it as that user."""
    command = [sys.executable, "-c", _LOOK_AS_NOBODY, str(program), ":".join(map(str, gone)), *arguments]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr
    images: dict[str, tuple[str, int]] = json.loads(done.stdout)["images"]
    return {path: (via, bias) for path, (via, bias) in images.items()}


@pytest.mark.gcc
@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")
def test_the_candidates_that_can_be_opened_without_privileges() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        program = build(folder, "program", ["-DTWICE"])
        library = build(folder, "library.so", ["-shared", "-fPIC"])
        for file in (program, library):
            file.chmod(0o755)  # whatever our umask is
        images = _look_as_nobody(program, [program, library], str(library))
    assert images[str(program)][0] == "exe"
    assert images[str(library)][0] == "memory"
    [libc] = {via for path, (via, _) in images.items() if path.endswith("/libc.so.6")}
    assert libc == "root"
