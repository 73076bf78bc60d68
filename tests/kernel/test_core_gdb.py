"""Core files written by the kernel for a dozen crashes, compared with gdb."""

import json
import os
import re
import resource
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from mmexplorer.kernel.capture.core.file import read_core
from mmexplorer.kernel.capture.core.inspector import CoreInspector
from mmexplorer.kernel.capture.core.source import CoreMemory
from mmexplorer.kernel.capture.sources import open_file
from mmexplorer.kernel.files import OpenFile, open_regular
from mmexplorer.kernel.source import Source
from mmexplorer.model.capture.core import Core, CoreSignal
from mmexplorer.model.process.fault import FaultKind, judge, pointers_of
from mmexplorer.model.region import Range
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.source import Request
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.parse.process.maps import parse_maps
from mmexplorer.present.json.core import core_fields
from mmexplorer.present.json.maps import maps_document
from tests.support.specimens.children import ready_line

pytestmark = [pytest.mark.slow, pytest.mark.gcc, pytest.mark.oracle]

_PIPES: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
_PATTERN = Path("/proc/sys/kernel/core_pattern").read_text().strip()

_SOURCE = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int deep(volatile char *above) { volatile char here[4096]; here[0] = above[0]; return deep(here) + here[0]; }
static void *wait_for_ever(void *nothing) { pause(); return nothing; }
static void *overflow(void *nothing) { volatile char top = 1; deep(&top); return nothing; }

int main(int count, char **arguments)
{
    const char *what = arguments[1];
    char *kept = malloc(1000), *page = mmap(0, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(page, 1, 65536);
    if (!strcmp(what, "null")) *(volatile int *) 16 = 1;
    if (!strcmp(what, "jump")) ((void (*)(void)) (page + 128))();
    if (!strcmp(what, "wild")) ((void (*)(void)) 0x123456000)();
    if (!strcmp(what, "stack")) { volatile char top = 1; deep(&top); }
    if (!strcmp(what, "readonly")) { mprotect(page, 65536, PROT_READ); *(volatile char *) page = 2; }
    if (!strcmp(what, "guard")) { mprotect(page + 4096, 4096, PROT_NONE); *(volatile char *) (page + 4096) = 2; }
    if (!strcmp(what, "abort")) abort();
    if (!strcmp(what, "high")) *(volatile int *) 0x1234567812345678 = 1;
    if (!strcmp(what, "bus")) {
        int file = open("short", O_RDWR | O_CREAT | O_TRUNC, 0600);
        if (write(file, "x", 1) != 1) return 2;
        char *mapped = mmap(0, 8192, PROT_READ, MAP_SHARED, file, 0);
        return ((volatile char *) mapped)[4096];
    }
    pthread_t thread;
    for (int i = 0; i < 3; i++) pthread_create(&thread, 0, wait_for_ever, 0);
    if (!strcmp(what, "threads")) { usleep(100000); raise_after: *(volatile int *) 0 = kept != 0; goto raise_after; }
    pthread_create(&thread, 0, overflow, 0);
    pause();
}
"""


class _Case(NamedTuple):
    name: str
    what: str
    kind: FaultKind
    options: tuple[str, ...] = ()
    filtered: str = ""
    limit: int = resource.RLIM_INFINITY


_CASES = (
    _Case("null", "null", FaultKind.NULL),
    _Case("jump-to-data", "jump", FaultKind.NOT_ALLOWED),
    _Case("wild-jump", "wild", FaultKind.UNMAPPED),
    _Case("stack-overflow", "stack", FaultKind.STACK_OVERFLOW),
    _Case("thread-stack-overflow", "overflow", FaultKind.STACK_GUARD),
    _Case("read-only", "readonly", FaultKind.NOT_ALLOWED),
    _Case("guard", "guard", FaultKind.GUARD),
    _Case("abort", "abort", FaultKind.NO_ADDRESS),
    _Case("bus", "bus", FaultKind.PAST_FILE_END),
    _Case("non-canonical", "high", FaultKind.NON_CANONICAL),
    _Case("threads", "threads", FaultKind.NULL),
    _Case("32-bit", "null", FaultKind.NULL, ("-m32",)),
    _Case("32-bit-threads", "threads", FaultKind.NULL, ("-m32",)),
    _Case("static", "null", FaultKind.NULL, ("-static",)),
    _Case("not-pie", "readonly", FaultKind.NOT_ALLOWED, ("-no-pie",)),
    _Case("filtered", "null", FaultKind.NULL, filtered="0x0"),
    _Case("truncated", "null", FaultKind.NULL, limit=100_000),
)


def _crashed(case: _Case, folder: Path) -> Path:
    """Compile the program and let it crash; return its core."""
    if _PATTERN[:1] in ("|", "/"):
        pytest.skip(f"core files go elsewhere here: core_pattern is {_PATTERN}")
    (folder / "crash.c").write_text(_SOURCE)
    compiler = ["gcc", "-O0", "-w", "-pthread", *case.options, "-o", "crash", "crash.c"]
    subprocess.run(compiler, cwd=folder, check=True)

    def prepare() -> None:
        resource.setrlimit(resource.RLIMIT_CORE, (case.limit, resource.RLIM_INFINITY))
        resource.setrlimit(resource.RLIMIT_STACK, (1 << 20, resource.RLIM_INFINITY))
        if case.filtered:
            Path("/proc/self/coredump_filter").write_text(case.filtered)

    ended = subprocess.run(["./crash", case.what], cwd=folder, check=False, preexec_fn=prepare)
    assert ended.returncode < 0
    (core,) = [path for path in folder.iterdir() if path.name.startswith("core")]
    return core


@pytest.fixture(scope="module", params=_CASES, ids=lambda case: case.name)
def crash(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[_Case, Path]:
    case: _Case = request.param
    return case, _crashed(case, tmp_path_factory.mktemp(case.name))


def _read(path: Path) -> Core:
    opened = open_regular(str(path))
    assert isinstance(opened, OpenFile)
    core = read_core(opened)
    assert isinstance(core, Core)
    return core


def _source(path: Path) -> tuple[Source, AddressSpace]:
    source = open_file(str(path))
    assert isinstance(source, Source)
    space = source.address_space(source.procfs.numbers()[0], Request(counters_now=True))
    assert isinstance(space, AddressSpace)
    return source, space


def _gdb(path: Path, *commands: str) -> str:
    arguments = [word for command in commands for word in ("-ex", command)]
    return subprocess.run(
        ["gdb", "-nx", "-batch", "-c", str(path), *arguments], capture_output=True, text=True, check=True,
        env=os.environ | {"DEBUGINFOD_URLS": ""},
    ).stdout  # fmt: skip


_LOAD = re.compile(r"0x([0-9a-f]+)->0x([0-9a-f]+) at 0x([0-9a-f]+): load[0-9]+[ab]? (.*)")


def test_regions_and_what_was_dumped_of_them(crash: tuple[_Case, Path]) -> None:
    _, path = crash
    told = _LOAD.findall(_gdb(path, "maint info sections"))
    ranges = [(int(start, 16), int(end, 16), "HAS_CONTENTS" in flags, int(at, 16)) for start, end, at, flags in told]
    core = _read(path)
    assert len(ranges) > 5
    ours = [
        part
        for each in core.segments
        for part in (
            (each.start, each.start + each.dumped, True, each.offset),
            (each.start + each.dumped, each.end, False, each.offset + each.dumped),
        )
        if part[0] < part[1]
    ]
    assert ours == ranges


def test_threads_with_their_registers(crash: tuple[_Case, Path]) -> None:
    case, path = crash
    shown = _gdb(path, "info threads", r'thread apply all -q printf "at %lx %lx\n", $pc, $sp')
    tids = [int(found) for found in re.findall(r"^[* ] +\d+ .*LWP (\d+)\b", shown, re.MULTILINE)]
    pointers = [
        (int(ip, 16), int(sp, 16)) for ip, sp in re.findall(r"^at ([0-9a-f]+) ([0-9a-f]+)$", shown, re.MULTILINE)
    ]
    threads = _read(path).threads
    assert [thread.tid for thread in threads] == tids
    assert sorted((thread.ip, thread.sp) for thread in threads) == sorted(pointers)
    assert len(threads) == {"threads": 4, "overflow": 5}.get(case.what, 1)


def test_the_signal_and_its_address(crash: tuple[_Case, Path]) -> None:
    case, path = crash
    fields = ("si_signo", "si_code", "_sifields._sigfault.si_addr")
    shown = _gdb(path, *(f"p/x $_siginfo.{field}" for field in fields))
    number, code, address = (int(value, 16) for value in re.findall(r"^\$\d+ = 0x([0-9a-f]+)$", shown, re.MULTILINE))
    signal = _read(path).signal
    assert isinstance(signal, CoreSignal)
    assert signal.number == number
    assert isinstance(signal.code, int)
    assert signal.code & 0xFFFFFFFF == code
    if case.kind is FaultKind.NO_ADDRESS:
        assert isinstance(signal.address, Unavailable)
    else:
        assert signal.address == address


def test_the_verdict_is_what_the_program_did(crash: tuple[_Case, Path]) -> None:
    case, path = crash
    source, space = _source(path)
    assert source.core is not None
    assert isinstance(source.core.signal, CoreSignal)
    pointers = pointers_of((thread.ip, thread.sp) for thread in source.core.threads)
    verdict = judge(source.core.signal, space.regions, pointers)
    assert verdict.kind is case.kind
    assert verdict.jump is (case.what in ("jump", "wild"))


def test_the_document(crash: tuple[_Case, Path]) -> None:
    case, path = crash
    source, space = _source(path)
    assert source.core is not None
    more = core_fields(source.core, space)
    told = json.loads("".join(maps_document(space, source.procfs.page_size, source.kind, source.taken_at, more)))
    assert told["source"] == "core"
    assert told["exe"].endswith("/crash")
    assert {thread["stack"] is None for thread in told["threads"]} == {False} or case.what == "stack"
    assert told["signal"].keys() >= {"number", "name", "code", "address", "verdict"}
    kinds = {region["kind"] for region in told["regions"]}
    assert {"code", "stack"} <= kinds
    assert all(region["rss"] is None for region in told["regions"])
    assert bool(_read(path).missing) is (case.name == "truncated")


_CODE = re.compile(r"^(0x[0-9a-f]+)( <[^>+]+(?:\+(\d+))?>)?:((?:\t0x[0-9a-f]{2}){8})$", re.MULTILINE)


def test_functions_and_code_that_was_not_dumped_are_gdbs(crash: tuple[_Case, Path]) -> None:
    case, path = crash
    source, space = _source(path)
    assert source.core is not None
    assert isinstance(source.memory, CoreMemory)
    inspector = CoreInspector(source.core, source.memory)
    namer = inspector.namer(space)
    told = _CODE.findall(_gdb(path, f"file {path.parent}/crash", "thread apply all -s -q x/8xb $pc"))
    assert told or case.what == "wild", "only where nothing is mapped there is no code"
    assert {int(at, 16) for at, *_ in told} <= {thread.ip for thread in source.core.threads}
    for at, name, offset, content in told:
        address = int(at, 16)
        found = inspector.read(space, Range(address, address + 8), fault_in=False)
        assert not isinstance(found, Unavailable)
        assert [piece.content for piece in found.pieces] == [bytes(int(each, 16) for each in content.split())]
        if name:  # gdb knows only those of the program
            symbol = namer(address)
            assert symbol is not None
            assert symbol[2] == int(offset or 0)


@pytest.mark.skipif(shutil.which("gcore") is None, reason="gcore comes with gdb")
def test_what_gcore_makes_of_a_living_process(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "print(1, flush=True); input()"], **_PIPES) as process:
        assert ready_line(process)
        maps = parse_maps(Path(f"/proc/{process.pid}/maps").read_bytes()).regions
        subprocess.run(["gcore", "-o", "core", str(process.pid)], cwd=tmp_path, check=True, capture_output=True)
        process.kill()
    source, space = _source(tmp_path / f"core.{process.pid}")
    assert source.core is not None
    signal = source.core.signal
    assert isinstance(signal, Unavailable) or isinstance(signal.address, Unavailable)
    assert source.procfs.numbers() == (process.pid,)
    ours = {region.range: region for region in space.regions}
    for region in maps:
        if region.path.startswith("/") and not region.perms.startswith("---"):
            assert ours[region.range].path == region.path
            assert ours[region.range].offset == region.offset
    for name in ("[heap]", "[stack]", "[vdso]"):
        assert [each.range for each in space.regions if each.path == name] == [
            each.range for each in maps if each.path == name
        ]


@pytest.mark.skipif(_PATTERN[:1] in ("|", "/"), reason="core files go elsewhere here")
def test_a_library_that_is_another_today_is_told(tmp_path: Path) -> None:
    path = _crashed(_CASES[0], tmp_path)
    program = tmp_path / "crash"
    (tmp_path / "crash.c").write_text(_SOURCE.replace("1000", "2000"))
    program.unlink()
    subprocess.run(["gcc", "-w", "-pthread", "-o", "crash", "crash.c"], cwd=tmp_path, check=True)
    source, space = _source(path)
    other = getattr(source.files, "other", {})
    assert list(other) == [str(program)]
    assert "build-id" in other[str(program)]
    (loaded,) = (loaded for loaded in space.layout.images if loaded.image.path == str(program))
    assert source.core is not None
    assert isinstance(source.memory, CoreMemory)
    inspector = CoreInspector(source.core, source.memory)
    code = next(region for region in space.regions if region.path == str(program) and "x" in region.perms)
    found = inspector.read(space, Range(code.start, code.start + 8), fault_in=False)
    assert not isinstance(found, Unavailable)
    for said in (inspector.symbols(space, loaded), inspector.dynamic(space, loaded), found.pieces[0].content):
        assert isinstance(said, Unavailable)
        assert "not the one of then: its build-id is" in said.reason
    assert inspector.namer(space)(code.start) is None
    program.unlink()
    gone = inspector.symbols(space, loaded)
    assert isinstance(gone, Unavailable)
    assert "it is not on this machine" in gone.reason
