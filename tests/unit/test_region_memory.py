from collections.abc import Sequence

import pytest

from mmexplorer.model.changes import Change, ChangeKind
from mmexplorer.model.growth import Origin, Watch
from mmexplorer.model.memory.pages import PageState, PageStates, Run
from mmexplorer.model.region import Range, Region, RegionKind
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.explore.region_memory import RegionMemory, memory_lines
from mmexplorer.present.region.row import RegionRow
from mmexplorer.present.text.line import plain
from mmexplorer.present.text.wrap import wrapped
from tests.support.fakes.spaces import anonymous, process, regions, space

PAGE = 4096
SPACE = space(regions())
HEAP = next(region for region in SPACE.regions if region.path == "[heap]")
SENTENCE = Unavailable(Cause.DENIED, "permission denied")


def pages(region: Region, *runs: Run) -> PageStates:
    return PageStates(region.range, PAGE, runs)


def text(
    region: Region,
    states: PageStates | Unavailable | None,
    watch: Watch | None = None,
    of: AddressSpace = SPACE,
) -> Sequence[str]:
    row = RegionRow(region.range, region, RegionKind.ANON)
    return [plain(each) for each in memory_lines(RegionMemory(row, of, states, watch), 60, 30)]


def test_how_much_of_it_is_in_memory_and_where() -> None:
    half = HEAP.start + 16 * PAGE
    states = pages(
        HEAP,
        Run(HEAP.start, half, PageState.ANONYMOUS),
        Run(half, half + PAGE, PageState.SWAPPED),
        Run(half + PAGE, HEAP.end, PageState.ABSENT),
    )
    seen = text(HEAP, states)
    assert "64K of 132K in memory, 48 % · 4K swapped out" in seen
    assert any(f"{'█' * 16}s{'░' * 15}" in line for line in seen)


def test_what_could_not_be_read_is_said_and_what_was_left_out_too() -> None:
    assert "— permission denied" in text(HEAP, SENTENCE)
    states = pages(
        HEAP,
        Run(HEAP.start, HEAP.start + PAGE, PageState.ANONYMOUS),
        Run(HEAP.start + PAGE, HEAP.end, PageState.NOT_READ),
    )
    assert "at least 4K of 132K in memory · 128K not read (?): too many pages" in text(HEAP, states)
    assert not any("in memory," in line for line in text(HEAP, None))


def test_a_little_is_not_nothing() -> None:
    large = anonymous(0, 1 << 30)
    few = pages(large, Run(0, PAGE, PageState.ANONYMOUS), Run(PAGE, 1 << 30, PageState.ABSENT))
    assert "4K of 1G in memory, less than 1 %" in text(large, few)
    assert "0 of 1G in memory, 0 %" in text(large, pages(large, Run(0, 1 << 30, PageState.ABSENT)))


def test_neighbours_with_their_distance() -> None:
    seen = text(HEAP, None)
    assert "before  a hole of 401M, then the file cat, 4K" in seen
    assert "after   a hole of 42T, then the file libc.so.6, 152K" in seen
    beside = space([anonymous(0x1000, 0x2000), anonymous(0x2000, 0x3000), anonymous(0x3000, 0x4000, "---p")])
    seen = text(beside.regions[1], None, of=beside)
    assert "before  anonymous memory, 4K" in seen
    assert "after   a guard, 4K" in seen
    assert "before  nothing: it is the lowest" in text(beside.regions[0], None, of=beside)
    assert "after   nothing: it is the highest" in text(beside.regions[2], None, of=beside)


def test_the_kernels_own_page_is_no_neighbour() -> None:
    stack = next(region for region in SPACE.regions if region.path == "[stack]")
    assert "after   nothing: it is the highest" in text(stack, None)


def test_of_the_kernels_own_page_there_is_nothing_to_read() -> None:
    assert SPACE.regions[-1].kernels_own
    row = RegionRow(SPACE.regions[-1].range, SPACE.regions[-1], RegionKind.VSYSCALL)
    (only,) = memory_lines(RegionMemory(row, SPACE, None, None), 60, 30)
    assert plain(only).startswith("The kernel's own memory")


@pytest.mark.parametrize(("held", "told"), [(16 << 10, "; 16K of 132K were in memory"), (None, "")])
def test_a_region_that_is_gone_is_told_with_what_it_held(held: int | None, told: str) -> None:
    row = RegionRow(HEAP.range, HEAP, RegionKind.HEAP, change=ChangeKind.REMOVED, delta=-HEAP.size, age=3)
    (only,) = memory_lines(RegionMemory(row, SPACE, None, None, held=held), 60, 30)
    assert plain(only) == f"removed 3 s ago{told}"


def test_a_hole_has_neighbours_and_no_pages() -> None:
    row = RegionRow(Range(HEAP.end, HEAP.end + PAGE), None, None)
    seen = [plain(each) for each in memory_lines(RegionMemory(row, SPACE, None, None), 60, 30)]
    assert "before  the heap, 132K" in seen
    assert not any("in memory" in line for line in seen)


def test_growth_is_a_line_over_the_watched_time() -> None:
    watch = Watch(Origin.of(process(), 0, 100.0, 1_000.0), clock=100.0)
    for second in range(61):
        rss = (HEAP, second << 20)
        watch = watch.advance(100.0 + second, (), [rss], lambda _: RegionKind.HEAP)
    seen = text(HEAP, None, watch)
    assert any("RSS +60M  +60M a minute" in line for line in seen)
    assert "RSS 0…60M" in seen
    rows = seen[seen.index("RSS 0…60M") - 3 : seen.index("RSS 0…60M")]
    assert rows[0][-1] != "\N{BRAILLE PATTERN BLANK}"
    assert rows[0][0] == "\N{BRAILLE PATTERN BLANK}"
    assert rows[2][0] != "\N{BRAILLE PATTERN BLANK}"


def test_what_stayed_as_it_was_is_said() -> None:
    watch = Watch(Origin.of(process(), 0, 100.0, 1_000.0), looks=2, clock=105.0)
    assert any("5 s: it stayed as it was" in line for line in text(HEAP, None, watch))


def test_at_the_first_moment_nothing_is_said_to_have_stayed() -> None:
    first = Watch(Origin.of(process(), 0, 100.0, 1_000.0), looks=1, clock=100.0)
    assert "— this is the first moment: growth is the difference of two" in text(HEAP, None, first)


def test_right_after_a_mark_nothing_is_said_to_have_stayed() -> None:
    first = Watch(Origin.of(process(), 0, 100.0, 1_000.0), looks=1, clock=100.0)
    row = RegionRow(HEAP.range, HEAP, RegionKind.HEAP)
    seen = [plain(each) for each in memory_lines(RegionMemory(row, SPACE, None, first, marked=True), 60, 30)]
    assert any("0 s: nothing was read since" in line for line in seen)
    assert not any("stayed" in line or "first moment" in line for line in seen)


def test_of_a_region_that_came_it_is_said_when() -> None:
    watch = Watch(Origin.of(process(), 0, 100.0, 1_000.0), clock=100.0)
    change = Change(ChangeKind.ADDED, (), (HEAP,))
    watch = watch.advance(110.0, [change], [(HEAP, 0)], lambda _: RegionKind.HEAP).advance(
        113.0, (), (), lambda _: RegionKind.HEAP
    )
    seen = text(HEAP, None, watch)
    assert any(line.endswith("13 s: came 3 s ago  ") for line in seen)
    assert not any("RSS" in line for line in seen), "a line that is flat says nothing"


def test_all_of_it_is_seen_in_a_usual_height() -> None:
    for region in regions()[:-1]:
        states = pages(region, Run(region.start, region.end, PageState.ABSENT))
        for width in (26, 40, 76):
            row = RegionRow(region.range, region, RegionKind.ANON)
            lines = memory_lines(RegionMemory(row, SPACE, states, None), width, 24)
            assert sum(len(tuple(wrapped(line, width))) for line in lines) <= 24
