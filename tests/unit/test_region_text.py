from dataclasses import replace

import pytest

from mmexplorer.model.carried import Known
from mmexplorer.model.changes import ChangeKind
from mmexplorer.model.elf.layout import Label, Layout
from mmexplorer.model.growth import UNMEASURED, Growth
from mmexplorer.model.region import RegionKind, Usage
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.present.explore.region_details import region_lines
from mmexplorer.present.explore.region_rows import RegionOptions, region_rows
from mmexplorer.present.region.address import phrase
from mmexplorer.present.region.kernel_words import COUNTERS
from mmexplorer.present.text.line import plain
from tests.support.fakes.spaces import image, loaded, matched, regions, segment, space, usage
from tests.support.regions import with_traits

SMALL = regions()
LIBC = loaded(image("/usr/lib/libc.so.6", segment(3, "R E"), segment(5, "RW")), 0x7F3A4C000000)
LAYOUT = Layout((LIBC,), {SMALL[5].start: matched(LIBC, 3), SMALL[6].start: matched(LIBC, 5, Label.BSS)})
FULL = Usage(
    {name: index for index, name in enumerate(COUNTERS)},
    (*(4096 * index for index in range(len(COUNTERS) - 2)), 1, 3),
    ("rd", "ex", "mr", "mw", "me", "zz"),
)


def text(of: AddressSpace, index: int, width: int = 150, *, holes: bool = False) -> list[str]:
    row = region_rows(of, (), 0.0, RegionOptions(holes=holes)).shown[index]
    return [plain(each) for each in region_lines(row, of, 10.0, width)]


def counted(**counters: int) -> AddressSpace:
    return space(SMALL, {SMALL[5].range: usage(("rd", "ex"), **counters)}, LAYOUT)


def test_the_first_sentence_says_what_it_is_and_where_it_comes_from() -> None:
    told = text(counted(Rss=988 << 10, Pss=21 << 10), 5)
    assert told[0] == (
        "7f3a4c026000 is the code of libc.so.6: LOAD #3, file bytes 0x26000-0x17afff at bias 7f3a4c000000.  "
        "read, execute; private: a write is refused (SIGSEGV), and it can't be made writable."
    )
    assert told[1].startswith("why here  LOAD #3 of libc.so.6: file 0x26000 -> 0x7f3a4c026000, bias 0x7f3a4c000000. ")
    assert told[2] == "purpose   the instructions of a program or library, shared by all who run it"
    assert told[3] == (
        "in memory 988K of 1.3M (72 %); its fair share (Pss) is 21K: as if each page were mapped 45 to 47 times"
    )


def test_memory_without_bytes_of_a_file() -> None:
    assert text(counted(Rss=0), 6)[0].startswith(
        "7f3a4c1d4000 is the zeroed data (bss) of libc.so.6: LOAD #5, no bytes of the file at bias 7f3a4c000000."
    )
    assert text(counted(Rss=0), 3)[0] == "5594b2c00000 is the heap.  read, write; private: a write stays here."
    assert text(counted(Rss=0), 4)[0].startswith("7f3a4c000000 is the file libc.so.6: file bytes 0x0-0x25fff.")


def test_every_counter_and_every_flag_is_told() -> None:
    told = text(space(SMALL, {SMALL[5].range: FULL}, LAYOUT), 5)
    words = " ".join(told).split()
    assert all(name in words for name in COUNTERS)
    assert words[words.index("THPeligible") + 1] == "1"
    assert words[words.index("ProtectionKey") + 1] == "3"
    assert any(each.startswith("rd readable · ex executable · mr may be made readable") for each in told)
    assert any(each.endswith("zz (unknown)") for each in told)


def test_every_counter_is_explained_in_words() -> None:
    told = text(space(SMALL, {SMALL[5].range: FULL}, LAYOUT), 5)
    explained = {each.split("  ")[0]: each.split("  ")[-1] for each in told[-len(COUNTERS) :]}
    assert {name: explained[name.strip()].strip() for name in COUNTERS} == COUNTERS


def test_the_counters_are_aligned_and_fit_the_width() -> None:
    for width in (30, 50, 78, 158):
        block = [each for each in text(space(SMALL, {SMALL[5].range: FULL}, LAYOUT), 5, width)[5:-1] if each]
        figures = block[: -(-len(COUNTERS) // max(1, (width + 3) // 24))]
        assert max(len(each) for each in figures) <= width
        assert len({len(each) for each in figures[:-1]}) <= 1


def test_the_flags_flow_over_lines_that_fit() -> None:
    narrow = text(space(SMALL, {SMALL[5].range: FULL}, LAYOUT), 5, 50)
    first = next(index for index, each in enumerate(narrow) if each.startswith("rd readable"))
    flags = narrow[first : narrow.index("", first)]
    assert len(flags) > 1
    assert all(len(each) <= 50 for each in flags)


def test_where_counters_are_missing_the_reason_stands() -> None:
    assert text(space(SMALL), 3)[-1] == "counters  — not read yet; r reads now"
    assert text(counted(Rss=0), 3)[-1] == "counters  — not read since this region changed; r reads now"


def test_flags_missing_and_empty_are_two_things() -> None:
    without = space(SMALL, {SMALL[3].range: usage(None, Rss=0)})
    empty = space(SMALL, {SMALL[3].range: usage((), Rss=0)})
    assert "VmFlags   — this kernel doesn't give them" in text(without, 3)
    assert "VmFlags   none" in text(empty, 3)


def test_small_shares_are_not_rounded_away() -> None:
    assert "in memory 4K of 1.3M (under 1 %)" in text(counted(Rss=4096), 5)[3]
    assert text(counted(Rss=4096, Pss=0), 5)[3].endswith("each page is mapped more than 4 times")
    assert text(counted(Rss=4096, Pss=4096), 5)[3].endswith("nobody else maps these pages")


def test_a_hole_is_explained_by_its_ends() -> None:
    told = text(space(SMALL), 2, holes=True)
    assert told[0].startswith("559499a85000-559499a88000 is a hole of 12K: no region covers it")
    assert "0 bytes after the end of the code of cat (559499a7f000-559499a85000), 12K (0x3000) before" in told[1]


def test_what_touching_a_hole_does_depends_on_what_is_above_it() -> None:
    stack = next(region for region in SMALL if region.path == "[stack]")
    below = next(region for region in SMALL if region.end < stack.start)
    below_stack = text(space((below, stack)), 1, holes=True)[0]
    assert "grows down into it when touched" in below_stack
    high = with_traits(below._replace(start=(1 << 64) - 8192, end=(1 << 64) - 4096), path="[vsyscall]")
    assert "is no address at all" in text(space((below, high)), 1, holes=True)[0]
    assert text(space((below, below._replace(start=stack.start, end=stack.end))), 1, holes=True)[0].endswith(
        "no region covers it. Touching it is a fault (SEGV_MAPERR)."
    )


def test_a_ghost_is_told_in_the_past() -> None:
    row = region_rows(space(SMALL), (), 0.0, RegionOptions()).shown[3]
    gone = replace(row, change=ChangeKind.REMOVED, delta=-row.range.size, age=1)
    assert [plain(each) for each in region_lines(gone, space(SMALL), 10.0, 100)] == [
        "5594b2c00000 was the heap.  read, write; private: a write stays here.",
        "gone, 1 s ago",
    ]


def test_a_hostile_name_reaches_no_line() -> None:
    hostile = space(regions("7f0000000000-7f0000001000 r--p 00000000 fe:00 9 /tmp/\x1b]0;x\x07"))
    assert "the file ␛]0;x␇" in text(hostile, 0)[0]


def _carried() -> AddressSpace:
    """The counters of the heap are of another time."""
    known = Known(usage(Rss=4096), carried=True, counted=True)
    return replace(space(SMALL, {SMALL[0].range: usage(Rss=4096)}), known={SMALL[3].range: known})


def test_of_which_time_carried_counters_are_is_told() -> None:
    of = _carried()
    row = region_rows(of, (), 8.0, RegionOptions()).live[3]
    lines = [plain(each) for each in region_lines(row, of, 8.0, 100)]
    assert any("the others are 7 s old, of the memory it covers; r reads now" in each for each in lines)


def test_why_other_counters_than_those_counted_are_missing_is_told() -> None:
    known = Known(usage(Rss=4096), carried=False, counted=True)
    of = replace(space(SMALL), known={SMALL[3].range: known})
    row = region_rows(of, (), 8.0, RegionOptions()).live[3]
    told = "\n".join(plain(each) for each in region_lines(row, of, 8.0, 200))
    assert "Rss, Swap and Anonymous were counted from pagemap; the others are not read yet; r reads now" in told


@pytest.mark.parametrize("of", [space(SMALL), counted(Rss=0), _carried()], ids=["unread", "changed", "carried"])
def test_nothing_is_read_again_in_the_past(of: AddressSpace) -> None:
    row = region_rows(of, (), 8.0, RegionOptions()).live[3]
    told = ["\n".join(map(plain, region_lines(row, of, 8.0, 100, live=live))) for live in (True, False)]
    assert ["r reads now" in each for each in told] == [True, False]


def test_the_first_moment_says_why_it_has_no_growth() -> None:
    row = region_rows(space(SMALL), (), 8.0, RegionOptions()).live[3]
    lines = [plain(each) for each in region_lines(replace(row, growth=UNMEASURED), space(SMALL), 8.0, 100)]
    assert "growth    — this is the first moment: growth is the difference of two" in lines


def test_the_growth_of_a_region_is_told() -> None:
    row = region_rows(space(SMALL), (), 8.0, RegionOptions()).live[3]
    row = replace(row, growth=Growth(13 << 20, 12 << 20, 13.0))
    lines = [plain(each) for each in region_lines(row, space(SMALL), 8.0, 100)]
    assert "growth    SIZE +13M, +60M a minute; RSS +12M, +55M a minute, in 13 s" in lines


@pytest.mark.parametrize(
    ("kind", "name", "said"),
    [
        (RegionKind.RODATA, "libx.so", "the read-only data of libx.so"),
        (RegionKind.RODATA, "", "read-only data"),
        (RegionKind.ARENA, "malloc arena", "a malloc arena"),
        (RegionKind.ARENA_RESERVE, "malloc arena", "the reserve of a malloc arena"),
        (RegionKind.ANON, "[anon:x]", "anonymous memory [anon:x]"),
        (RegionKind.ANON, "looks like Java's heap", "anonymous memory that looks like Java's heap"),
        (RegionKind.JIT, "looks like V8's code", "code generated at run time that looks like V8's code"),
        (RegionKind.STACK, "looks like a thread's stack", "what looks like a thread's stack"),
        (RegionKind.STACK, "worker (7)", "the stack of worker (7)"),
        (RegionKind.FILE, "looks like a file", "the file looks like a file"),
    ],
)
def test_a_sentence_names_a_region_by_its_kind(kind: RegionKind, name: str, said: str) -> None:
    assert phrase(kind, name) == said
