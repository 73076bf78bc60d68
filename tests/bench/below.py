"""Memory below the level of regions: symbols compared with nm, pages with pagemap, a search with reading."""

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from mmexplorer.kernel.elf.symbols import SymbolCache
from mmexplorer.kernel.pages.pagemap import read_pages
from mmexplorer.kernel.process.faults import FaultTracer
from mmexplorer.kernel.process.search import search_memory
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.memory.bytes import ByteSearch
from mmexplorer.model.region import Range, Region
from mmexplorer.parse.process.maps import parse_maps
from tests.bench.figures import Measure

GIB = 1 << 30
_ENTRY = 8
_CHUNK = 1 << 19
_MEMORY_CHUNK = 1 << 22
_CELLS = 144 * 8
"""Cells of a page grid in a terminal of 160x48."""
_TRACE_SECONDS = 60.0
_SCATTERED = 100
"""One page in this many."""

_SPECIMEN = f"""
import mmap, os, sys
def memory(size):
    area = mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000)
    area.madvise(mmap.MADV_NOHUGEPAGE)
    return area
full, whole, scattered = memory({GIB}), memory({64 * GIB}), memory({64 * GIB})
block = os.urandom(1 << 20)
for place in range(0, {GIB}, len(block)):
    full[place : place + len(block)] = block
share = {64 * GIB // _SCATTERED // 4096 * 4096}
whole[{GIB} : {GIB} + share] = bytes(share)
for page in range(0, {64 * GIB}, {_SCATTERED * 4096}):
    scattered[page] = 1
import ctypes
print(*(ctypes.addressof(ctypes.c_char.from_buffer(each)) for each in (full, whole, scattered)), flush=True)
sys.stdin.read()
"""


def largest_elf() -> Path:
    """Return the largest library of this machine."""
    libraries = Path("/usr/lib").glob("*-linux-gnu/*.so*")
    return max((path.resolve() for path in libraries), key=lambda path: path.stat().st_size)


def symbol_measures(path: Path) -> dict[str, Measure]:
    """Measure reading the symbols in address order, and nm, which prints them all."""

    def ours() -> float:
        start = time.perf_counter()
        symbols = SymbolCache("/nowhere").of_path(str(path))
        assert not hasattr(symbols, "cause")
        return time.perf_counter() - start

    def nm() -> float:
        start = time.perf_counter()
        subprocess.run(["nm", "-D", path], check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - start

    return {"symbols in order": ours, "nm -D": nm}


@contextlib.contextmanager
def specimen() -> Iterator[tuple[int, dict[str, Range]]]:
    """Run a process with a full GiB, and twice 64 GiB of which 1 % is touched."""
    with subprocess.Popen(
        [sys.executable, "-c", _SPECIMEN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        full, whole, scattered = (int(each) for each in process.stdout.readline().split())
        yield (
            process.pid,
            {
                "1 GiB full": Range(full, full + GIB),
                "64 GiB, 1 % in one piece": Range(whole, whole + 64 * GIB),
                "64 GiB, one page in 100": Range(scattered, scattered + 64 * GIB),
            },
        )
        process.kill()


def page_measures(pid: int, span: Range) -> dict[str, Measure]:
    """Measure finding the runs of a range, and only reading its pagemap."""
    procfs = LiveProcfs()

    def ours() -> float:
        start = time.perf_counter()
        read_pages(procfs, pid, span, at_most=1 << 24)
        return time.perf_counter() - start

    def pagemap() -> float:
        start = time.perf_counter()
        with Path(f"/proc/{pid}/pagemap").open("rb", buffering=0) as entries:
            first, last = (address // procfs.page_size * _ENTRY for address in span)
            for offset in range(first, last, _CHUNK):
                os.pread(entries.fileno(), _CHUNK, offset)
        return time.perf_counter() - start

    def first_picture() -> float:
        start = time.perf_counter()
        read_pages(procfs, pid, span, parts=_CELLS)
        return time.perf_counter() - start

    return {"runs of pages": ours, "first picture": first_picture, "reading pagemap": pagemap}


def search_measures(pid: int, span: Range) -> dict[str, Measure]:
    """Measure searching a GiB for bytes that occur nowhere, or occasionally; and only reading it."""
    regions = parse_maps(Path(f"/proc/{pid}/maps").read_bytes()).regions
    region: Region = next(each for each in regions if each.start <= span.start < each.end)
    part = region._replace(start=span.start, end=span.end)

    def search(needle: bytes) -> Measure:
        def ours() -> float:
            start = time.perf_counter()
            found = search_memory(LiveProcfs(), pid, (part,), ByteSearch(needle))
            assert isinstance(found, Iterator)
            list(found)
            return time.perf_counter() - start

        return ours

    def read() -> float:
        start = time.perf_counter()
        buffer = bytearray(_MEMORY_CHUNK)
        with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
            for address in range(span.start, span.end, len(buffer)):
                os.preadv(memory.fileno(), [buffer], address)
        return time.perf_counter() - start

    return {
        "search for a text": search(b"no such text here"),
        "search for four bytes": search(b"\1\2\3\4"),
        "search for two bytes": search(b"\1\2"),
        "reading mem": read,
    }


_TOUCHING = """
import mmap, sys, time
for _ in sys.stdin:
    area = mmap.mmap(-1, 64 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    area.madvise(mmap.MADV_NOHUGEPAGE)
    start = time.perf_counter()
    for page in range(0, 64 << 20, 4096):
        area[page] = 1
    print(time.perf_counter() - start, flush=True)
    area.close()
"""


@contextlib.contextmanager
def fault_measures() -> Iterator[dict[str, Measure]]:
    """Measure how long a process takes to touch 64 MiB while one fault in so many is recorded."""
    with subprocess.Popen(
        [sys.executable, "-c", _TOUCHING], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as process:

        def touch() -> float:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write("\n")
            return float(process.stdout.readline())

        def traced(period: int) -> Measure:
            def measure() -> float:
                going_on = [True]
                with FaultTracer(LiveProcfs(), process.pid, period) as tracer:
                    refused = tracer.start()
                    assert refused is None, refused
                    reading = threading.Thread(target=tracer.wait, args=(_TRACE_SECONDS, lambda: bool(going_on)))
                    reading.start()
                    seconds = touch()
                    going_on.clear()
                    reading.join()
                return seconds

            return measure

        touch()  # the process has started up when this returns
        yield {
            "untraced": touch,
            "one fault in 1,021": traced(1021),
            "one fault in 61": traced(61),
            "one fault in 7": traced(7),
            "every fault": traced(1),
        }
        process.kill()
