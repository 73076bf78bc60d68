"""`mmexplorer pages` compared with smaps, and the two ways of reading pages with each other."""

import json
import os
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from mmexplorer.cli import main
from mmexplorer.kernel.pages import pagemap
from mmexplorer.kernel.pages.pagemap import read_pages
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.memory.pages import PageState, PageStates, is_private_file
from mmexplorer.model.region import Region
from mmexplorer.parse.process.maps import parse_maps
from mmexplorer.parse.process.smaps import parse_smaps
from tests.support.specimens.children import agree, child, ready_line, stopped, until
from tests.support.specimens.huge import HUGE_MEMORY

PAGE = 4096
PROCFS = LiveProcfs()

_SPECIMEN = f"""{HUGE_MEMORY}
import ctypes, mmap, os, sys
libc = ctypes.CDLL(None)
def at(memory):
    return ctypes.addressof(ctypes.c_char.from_buffer(memory))
private = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
huge = huge_memory(8 << 20)
plain = mmap.mmap(-1, 64 * 4096, private); plain[: 16 * 4096] = b"x" * (16 * 4096)
zero = plain[20 * 4096]; libc.madvise(ctypes.c_void_p(at(plain) + 40 * 4096), 4096 * 4, 102)
memfd = os.memfd_create("shared"); os.ftruncate(memfd, 16 * 4096)
shared = [mmap.mmap(memfd, 16 * 4096) for _ in range(2)]; shared[0][:4096] = b"y" * 4096; shared[1][0]
file = open(sys.argv[1], "r+b"); file.truncate(16 * 4096)
cow = mmap.mmap(file.fileno(), 16 * 4096, access=mmap.ACCESS_COPY)
cow[0]; cow[5 * 4096] = 7
sparse = mmap.mmap(-1, 256 << 20, private); sparse.madvise(mmap.MADV_NOHUGEPAGE)
for page in range(0, 65536, 100):
    sparse[page * 4096] = 1
print(*map(at, (huge, plain, shared[0], cow, sparse)), flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def specimen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, list[int]]]:
    """Stop a process with pages in every state that this machine can produce; yield their addresses."""
    file = tmp_path_factory.mktemp("pages") / "file"
    file.touch()
    with child("-c", _SPECIMEN, str(file)) as process:
        places = [int(each) for each in ready_line(process).split()]
        process.send_signal(signal.SIGSTOP)
        stopped(process.pid)
        yield process.pid, places


def regions_of(pid: int) -> list[Region]:
    return [each for each in parse_maps(Path(f"/proc/{pid}/maps").read_bytes()).regions if not each.kernels_own]


def pages_of(pid: int, region: Region) -> PageStates:
    states = read_pages(PROCFS, pid, region.range, private_file=is_private_file(region))
    assert isinstance(states, PageStates)
    return states


def region_at(pid: int, address: int) -> Region:
    return next(each for each in regions_of(pid) if each.start <= address < each.end)


def test_the_states_of_the_specimen(specimen: tuple[int, list[int]]) -> None:
    pid, (huge, plain, shared, cow, sparse) = specimen
    assert pages_of(pid, region_at(pid, huge)).counts()[PageState.HUGE] >= 3 * 512
    anonymous = pages_of(pid, region_at(pid, plain)).counts()
    assert anonymous[PageState.ZERO] == 1
    assert anonymous[PageState.GUARD] in (0, 4)
    assert pages_of(pid, region_at(pid, shared)).counts() == {PageState.FILE_SHARED: 1, PageState.ABSENT: 15}
    assert pages_of(pid, region_at(pid, cow)).counts()[PageState.COPIED] == 1
    found = read_pages(PROCFS, pid, region_at(pid, sparse).range)
    assert isinstance(found, PageStates)
    assert found.counts()[PageState.ANONYMOUS] >= 656


def test_totals_equal_smaps_in_every_region(specimen: tuple[int, list[int]]) -> None:
    pid, _ = specimen
    regions = regions_of(pid)

    def counted() -> dict[Region, tuple[int | None, ...]]:
        counts = {region: pages_of(pid, region).counts() for region in regions}
        resident = {region: sum(each[state] for state in each if state.in_rss) for region, each in counts.items()}
        return {region: (resident[region] * PAGE, counts[region][PageState.SWAPPED] * PAGE) for region in regions}

    def in_smaps() -> dict[Region, tuple[int | None, ...]]:
        usage = parse_smaps(Path(f"/proc/{pid}/smaps").read_bytes())
        return {region: (usage[region.range].get("Rss"), usage[region.range].get("Swap")) for region in regions}

    agree(counted, in_smaps)


_ONLY_SCAN_TELLS = {PageState.ZERO, PageState.HUGE, PageState.HUGE_SHARED}


def coarse(states: PageStates) -> list[tuple[int, int, str]]:
    """Return the runs without what only PAGEMAP_SCAN reports."""
    result: list[tuple[int, int, str]] = []
    for run in states.runs:
        word = "in memory" if run.state.in_memory else run.state.value
        if result and result[-1][1:] == (run.start, word):
            result[-1] = (result[-1][0], run.end, word)
        else:
            result.append((run.start, run.end, word))
    return result


def test_both_ways_to_read_pages_agree(specimen: tuple[int, list[int]], monkeypatch: pytest.MonkeyPatch) -> None:
    def both(pid: int, region: Region) -> tuple[PageStates, PageStates]:
        monkeypatch.setattr(pagemap, "_SCANNED_FIRST", 0)
        scanned = pages_of(pid, region)
        monkeypatch.setattr(pagemap, "_PAGEMAP_SCAN", 0)
        plain = pages_of(pid, region)
        monkeypatch.undo()
        return scanned, plain

    def do_agree(region: Region) -> bool:
        """Compare them; again if they differ, since other processes come and go that share a page."""
        scanned, plain = both(specimen[0], region)
        exact = {state: count for state, count in scanned.counts().items() if state not in _ONLY_SCAN_TELLS}
        return coarse(scanned) == coarse(plain) and all(plain.counts()[state] >= exact[state] for state in exact)

    regions = regions_of(specimen[0])
    assert len(regions) > 20
    for region in regions:
        until(partial(do_agree, region))
    for region in regions_of(os.getpid()):  # it changes while it is read
        both(os.getpid(), region)


def test_the_command(specimen: tuple[int, list[int]], capsys: pytest.CaptureFixture[str]) -> None:
    pid, (_, plain, *_) = specimen
    assert main(["pages", str(pid)]) == 0
    told = capsys.readouterr().out
    assert ", as Rss of smaps" in told
    assert ", as Swap of smaps" in told
    assert main(["pages", str(pid), f"{plain:#x}", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert set(document) == {"schema", "pid", "start", "end", "page_size", "runs", "totals"}
    states = {run["state"] for run in document["runs"]}
    assert {"anonymous", "zero_page", "not_present"} <= states
    size = int(document["end"], 16) - int(document["start"], 16)
    assert sum(value for name, value in document["totals"].items() if name in states) == size
    start = int(document["start"], 16)
    assert main(["pages", str(pid), f"{start:x}-{start + PAGE:x}"]) == 0
    assert "no sums of a part of a region" in capsys.readouterr().out
    assert main(["pages", str(pid), "10-20"]) == 1
    assert main(["pages", str(pid), "20-10"]) == 2
