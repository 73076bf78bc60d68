"""Pages that were put into a state are reported in it, and reading them is bounded."""

import os
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from mmexplorer.kernel.lab.child_process import LabChild
from mmexplorer.kernel.pages import pagemap as reader
from mmexplorer.kernel.pages.pagemap import PAGES_AT_MOST, Pagemap, read_pages, read_populated, read_present
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.labs.lab import Limits
from mmexplorer.labs.operations import guard, madvise, mmap, no_huge_pages, touch
from mmexplorer.labs.protocol import LabReply, Operation
from mmexplorer.model.memory.pages import PageState, PageStates
from mmexplorer.model.region import Range, Region
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.process.maps import parse_maps
from mmexplorer.parse.process.pagemap import Scanned
from mmexplorer.parse.process.smaps import parse_smaps
from tests.support.patience import PATIENCE
from tests.support.specimens.children import agree, at_rest, child, ready_line, say

pytestmark = pytest.mark.smoke

PAGE = 4096
TIB = 1 << 40


@pytest.fixture
def lab() -> Iterator[LabChild]:
    process = LabChild(Limits(address_space=4 * TIB))
    process.start()
    yield process
    process.close()


def done(lab: LabChild, operation: Operation) -> LabReply:
    reply = lab.ask(operation)
    assert reply.ok, reply
    return reply


def counts(lab: LabChild, wanted: Range, *, private_file: bool = False) -> dict[PageState, int]:
    assert lab.pid is not None
    return _counts(lab.pid, wanted, private_file=private_file)


def _counts(
    pid: int, wanted: Range, *, private_file: bool = False, at_most: int = PAGES_AT_MOST
) -> dict[PageState, int]:
    states = read_pages(LiveProcfs(), pid, wanted, private_file=private_file, at_most=at_most)
    assert isinstance(states, PageStates), states
    assert states.runs[0].start == wanted.start
    assert states.runs[-1].end == wanted.end
    assert all(left.end == right.start for left, right in pairwise(states.runs))
    return dict(states.counts())


def test_read_written_guarded_and_untouched_pages(lab: LabChild) -> None:
    mapped = done(lab, mmap("memory", 100 * PAGE))
    done(lab, no_huge_pages("memory"))
    done(lab, touch("memory", 10 * PAGE, write=False))
    done(lab, touch("memory", 20 * PAGE, offset=20 * PAGE))
    guarded = lab.ask(guard("memory", offset=50 * PAGE, length=5 * PAGE))
    guards = {PageState.GUARD: 5} if "MADV_GUARD_INSTALL) = 0" in guarded.call else {}
    assert counts(lab, Range(mapped.start, mapped.end)) == guards | {
        PageState.ZERO: 10,
        PageState.ANONYMOUS: 20,
        PageState.ABSENT: 70 - sum(guards.values()),
    }
    done(lab, madvise("memory", "MADV_DONTNEED", length=100 * PAGE))
    assert counts(lab, Range(mapped.start, mapped.end)).get(PageState.ANONYMOUS) is None


def test_a_scan_in_pieces_finds_what_one_call_finds(lab: LabChild, monkeypatch: pytest.MonkeyPatch) -> None:
    mapped = done(lab, mmap("memory", 200 * PAGE))
    done(lab, no_huge_pages("memory"))
    done(lab, touch("memory", 30 * PAGE, write=False))
    for first, pages in ((20, 20), (45, 1), (47, 1), (60, 100)):
        done(lab, touch("memory", pages * PAGE, offset=first * PAGE))
    wanted = Range(mapped.start, mapped.end)

    def found() -> tuple[object, ...]:
        return (
            read_pages(LiveProcfs(), lab.pid or 0, wanted),
            read_present(LiveProcfs(), lab.pid or 0, wanted),
            read_populated(LiveProcfs(), lab.pid or 0, [wanted], 1 << 21),
        )

    monkeypatch.setattr(reader, "_SCANNED_FIRST", 16)
    at_once = found()
    longest: list[int] = []
    once = Pagemap.scan_once

    def scan_once(
        self: Pagemap, pages: Range, *categories: int, at_most: int
    ) -> tuple[tuple[Scanned, ...] | None, int]:
        scanned, end = once(self, pages, *categories, at_most=at_most)
        longest.append(sum(each.end - each.start for each in scanned or ()) // PAGE)
        return scanned, end

    monkeypatch.setattr(reader, "_PIECE", 8)
    monkeypatch.setattr(reader, "_PIECE_OF_FILES", 8)
    monkeypatch.setattr(reader, "_SPAN", 16 * PAGE)
    monkeypatch.setattr(Pagemap, "scan_once", scan_once)
    assert found() == at_once
    assert max(longest) <= 8


def test_every_private_region_of_the_lab_process_agrees_with_smaps(lab: LabChild) -> None:
    done(lab, Operation("ready", {}))
    at_rest(lab.pid or 0)
    everywhere = parse_maps(Path(f"/proc/{lab.pid}/maps").read_bytes()).regions
    regions = [region for region in everywhere if not region.path.startswith("[")]

    def counted() -> dict[Region, tuple[int | None, ...]]:
        return {each: _rss_and_own(counts(lab, each.range, private_file=each.file is not None)) for each in regions}

    def in_smaps() -> dict[Region, tuple[int | None, ...]]:
        usage = parse_smaps(Path(f"/proc/{lab.pid}/smaps").read_bytes())
        return {region: tuple(usage[region.range].get(name) for name in ("Rss", "Anonymous")) for region in regions}

    found = agree(counted, in_smaps)
    assert len(found) > 20
    copied = [region for region, (_, own) in found.items() if own and region.file is not None]
    assert copied, "RELRO and data of the libraries are copies"


def _rss_and_own(seen: dict[PageState, int]) -> tuple[int, int]:
    own = (PageState.COPIED, PageState.COPIED_SHARED, PageState.ANONYMOUS, PageState.ANONYMOUS_SHARED)
    resident = sum(pages for state, pages in seen.items() if state.in_rss)
    return resident * PAGE, sum(seen.get(state, 0) for state in own) * PAGE


_FORKING = """
import ctypes, os, signal, sys
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_size_t
size = 16 * 4096
start = libc.mmap(None, ctypes.c_size_t(size), 3, 0x22, -1, ctypes.c_long(0))
libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(size), 15)
ctypes.memset(start, 1, size)
child = os.fork()
if child == 0:
    libc.prctl(1, 9)
    signal.pause()
print(start, flush=True)
sys.stdin.readline()
ctypes.memset(start, 2, 4 * 4096)
print("written", flush=True)
sys.stdin.readline()
os.kill(child, 9)
"""


def test_a_page_shared_by_two_processes_is_shared_until_one_writes() -> None:
    with child("-c", _FORKING) as process:
        start = int(ready_line(process))
        pages = Range(start, start + 16 * PAGE)
        assert _counts(process.pid, pages) == {PageState.ANONYMOUS_SHARED: 16}
        say(process, "write")
        assert ready_line(process) == "written\n"
        assert _counts(process.pid, pages) == {PageState.ANONYMOUS: 4, PageState.ANONYMOUS_SHARED: 12}
        say(process, "end")
        process.wait(PATIENCE)


@pytest.mark.parametrize("scan", [True, False], ids=["PAGEMAP_SCAN", "an older kernel"])
def test_a_tebibyte_is_not_read_page_by_page(
    lab: LabChild,
    scan: bool,  # noqa: FBT001 - a parameter of the test
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mapped = done(lab, mmap("large", TIB, flags="MAP_PRIVATE|MAP_ANONYMOUS|MAP_NORESERVE"))
    done(lab, no_huge_pages("large"))
    done(lab, touch("large", 1000 * PAGE))
    entries = 0
    real = os.pread

    def counted(descriptor: int, length: int, offset: int) -> bytes:
        nonlocal entries
        entries += length // 8
        return real(descriptor, length, offset)

    monkeypatch.setattr(os, "pread", counted)
    if not scan:
        monkeypatch.setattr(reader, "_PAGEMAP_SCAN", 0)
    found = counts(lab, Range(mapped.start, mapped.end))
    assert found[PageState.ANONYMOUS] == 1000
    assert entries <= PAGES_AT_MOST
    assert sum(found.values()) == TIB // PAGE
    if scan:
        assert entries == 1000
        assert PageState.NOT_READ not in found
    else:
        assert found[PageState.NOT_READ] + found[PageState.ABSENT] == TIB // PAGE - 1000


def test_more_resident_pages_than_the_bound_are_marked(lab: LabChild) -> None:
    mapped = done(lab, mmap("memory", 80 << 20))
    done(lab, no_huge_pages("memory"))
    done(lab, touch("memory", 80 << 20))
    assert lab.pid is not None
    assert _counts(lab.pid, Range(mapped.start, mapped.end), at_most=1000) == {
        PageState.ANONYMOUS: 1000,
        PageState.NOT_READ: 19480,
    }


def test_a_process_that_is_gone_or_has_no_memory_is_a_sentence() -> None:
    lab = LabChild()
    lab.start()
    done(lab, Operation("ready", {}))
    pid = lab.pid or 0
    lab.close()
    gone = read_pages(LiveProcfs(), pid, Range(PAGE, 2 * PAGE))
    assert isinstance(gone, Unavailable)
    assert gone.cause is Cause.GONE
    with subprocess.Popen(["true"]) as zombie:
        os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
        assert isinstance(read_pages(LiveProcfs(), zombie.pid, Range(PAGE, 2 * PAGE)), Unavailable)


def test_an_outline_of_a_large_range_says_nothing_else_than_reading_all_of_it(lab: LabChild) -> None:
    mapped = done(lab, mmap("memory", 4096 * PAGE))
    done(lab, no_huge_pages("memory"))
    for first, count in ((0, 1), (700, 3), (1024, 256), (4095, 1)):
        done(lab, touch("memory", count * PAGE, offset=first * PAGE))
    wanted, parts = Range(mapped.start, mapped.end), 16
    outline = read_pages(LiveProcfs(), lab.pid or 0, wanted, parts=parts)
    full = read_pages(LiveProcfs(), lab.pid or 0, wanted)
    assert isinstance(outline, PageStates)
    assert isinstance(full, PageStates)

    def each(states: PageStates) -> list[PageState]:
        return [run.state for run in states.runs for _ in range(run.start, run.end, PAGE)]

    pairs = list(zip(each(outline), each(full), strict=True))
    assert {ours for ours, all_of_it in pairs if ours is not all_of_it} <= {PageState.NOT_READ}
    step = len(pairs) // parts
    touched = [any(state.in_memory for _, state in pairs[at : at + step]) for at in range(0, len(pairs), step)]
    seen = [any(state.in_memory for state, _ in pairs[at : at + step]) for at in range(0, len(pairs), step)]
    assert seen == touched
