"""The strip of a typical process."""

from mmexplorer.model.changes import ChangeKind
from mmexplorer.model.region import Range, RegionKind
from mmexplorer.present.explore.view import lit_part
from mmexplorer.present.region.address_strip import (
    Extent,
    Lit,
    scale,
    short_label,
    strip_line,
    with_lit,
    with_touch,
    with_touched,
)
from mmexplorer.present.region.row import RegionRow
from mmexplorer.present.text.line import Tone, plain
from tests.support.fakes.spaces import anonymous

K, M, T = (1 << shift for shift in (10, 20, 40))


def extent(start: int, size: int, kind: RegionKind, label: str = "") -> Extent:
    return Extent(Range(start, start + size), kind, label)


EXE = 0x5594_99A7_D000
LIBC = 0x7F3A_4C00_0000
STACK = 0x7FFD_8A4C_0000
PROCESS = (
    extent(EXE, 8 * K, RegionKind.RODATA, "cat"),
    extent(EXE + 8 * K, 24 * K, RegionKind.CODE, "cat"),
    extent(EXE + 32 * K, 4 * K, RegionKind.DATA, "cat"),
    extent(EXE + 400 * K, 132 * K, RegionKind.HEAP, "heap"),
    extent(LIBC - 100 * M, 100 * M, RegionKind.ANON, "anon"),
    extent(LIBC, 152 * K, RegionKind.RODATA, "libc"),
    extent(LIBC + 152 * K, 1300 * K, RegionKind.CODE, "libc"),
    extent(LIBC + 1452 * K, 20 * K, RegionKind.DATA, "libc"),
    extent(STACK, 132 * K, RegionKind.STACK, "stack"),
)


def text(width: int, selected: Range | None = None) -> str:
    return plain(strip_line(scale(PROCESS, width, selected)))


def test_at_a_wide_screen() -> None:
    assert text(120) == (
        "▤▤▤████▓▓▓▞heap▞▞┄ 42T  ┄░░░░░░░░░░░░░░░░░░░░░░░░ anon ░░░░░░░░░░░░░░░░░░░░░░░░░"
        "▤▤▤▤▤▤▤████ libc ████▓▓▓▓┄ 781G ┄▚stack▚"
    )


def test_at_a_narrow_one() -> None:
    assert text(30) == "▤██▓▞▞┄┄░░ anon ░░░▤▤███▓▓┄┄▚▚"


def test_where_there_is_hardly_room() -> None:
    assert text(5) == "▞┄░┄▚"
    assert text(1) == "░"
    assert text(0) == ""
    assert scale((), 10) == ()


def test_selected_regions_have_a_sign_that_spares_the_label() -> None:
    heap = PROCESS[3].range
    cells = scale(PROCESS, 120, heap)
    assert "▓◆heap▞▞┄" in plain(strip_line(cells))
    assert {cell.kind for cell in cells if cell.selected} == {RegionKind.HEAP}
    assert {span.tone for span in strip_line(cells) if "◆" in span.text} == {Tone.ACCENT}


def test_a_selected_hole_or_an_address_outside_selects_nothing() -> None:
    assert text(120, Range(EXE + T, EXE + 2 * T)) == text(120)


def test_labels_that_may_not_be_one_cell_a_character_are_left_out() -> None:
    assert plain(strip_line(scale((extent(0, M, RegionKind.FILE, "日本"),), 12))) == "▒" * 12
    assert plain(strip_line(scale((extent(0, M, RegionKind.FILE, "a\x1b]0"),), 12))) == "▒" * 12


def test_many_regions_share_cells_which_look_like_the_largest() -> None:
    many = tuple(
        extent(index * M, M if index % 100 == 50 else 4 * K, RegionKind.CODE if index % 100 == 50 else RegionKind.DATA)
        for index in range(1000)
    )
    cells = scale(many, 10)
    assert [cell.kind for cell in cells] == [RegionKind.CODE] * 10
    assert cells[0].range == Range(0, 99 * M + 4 * K)


def test_labels_are_short() -> None:
    names = ("libc.so.6", "[heap]", "ld-linux-x86-64.so.2", "python3.11", "")
    assert [short_label(name) for name in names] == ["libc", "heap", "ld-linux-x86-64", "python3.11", ""]


def test_where_a_trace_saw_faults_there_is_a_star_and_none_in_holes() -> None:
    cells = scale(PROCESS, 30)
    assert plain(strip_line(with_touched(cells, ()))) == text(30)
    touched = with_touched(cells, (EXE + 8 * K, LIBC - 50 * M, EXE + 5 * T, STACK))
    assert plain(strip_line(touched)) == "▤*█▓▞▞┄┄░░ an*n ░░░▤▤███▓▓┄┄*▚"
    assert {cell.tone for cell in touched if cell.char == "*"} == {Tone.CHANGED}


def test_what_happened_a_moment_ago_is_lit_where_it_happened() -> None:
    extents = [Extent(Range(0, 100 << 20), RegionKind.HEAP), Extent(Range(100 << 20, 101 << 20), RegionKind.ANON)]
    cells = scale(extents, 40)
    grown = Lit(Range(90 << 20, 100 << 20), "~", Tone.CHANGED)
    lit = with_lit(cells, [grown])
    changed = [place for place, cell in enumerate(lit) if cell != cells[place]]
    heap = [place for place, cell in enumerate(cells) if cell.kind is RegionKind.HEAP]
    assert changed == heap[-len(changed) :]
    assert 1 <= len(changed) < len(heap) // 2
    assert lit[changed[-1]].char == "~"
    assert {lit[place].tone for place in changed} == {Tone.CHANGED}


def test_of_a_region_that_was_touched_the_touched_part_is_lit() -> None:
    whole, touched = Range(0x1000, 0x9000), Range(0x3000, 0x5000)
    elsewhere = Lit(Range(0x20000, 0x21000), "~", Tone.CHANGED)
    changed, new = Lit(whole, "~", Tone.CHANGED), Lit(whole, "+", Tone.ADDED)
    part = Lit(touched, "~", Tone.CHANGED)
    assert with_touch((changed, elsewhere), touched) == (elsewhere, part)
    assert with_touch((new,), touched) == (new, part)
    assert with_touch((elsewhere,), touched) == (elsewhere,)
    assert with_touch((), touched) == ()


def test_the_lit_part_of_a_row_is_what_it_grew_by() -> None:
    def part(kind: RegionKind, change: ChangeKind | None, delta: int = 0, jump: int = 0) -> Lit | None:
        region = anonymous(0x1000, 0x9000)
        return lit_part(RegionRow(region.range, region, kind, change=change, delta=delta, jump=jump))

    assert part(RegionKind.HEAP, None) is None
    assert part(RegionKind.HEAP, ChangeKind.REMOVED) is None
    assert part(RegionKind.HEAP, ChangeKind.GREW, 0x2000) == Lit(Range(0x7000, 0x9000), "~", Tone.CHANGED)
    grown = part(RegionKind.STACK, ChangeKind.GREW, 0x2000)
    assert grown is not None
    assert grown.range == (0x1000, 0x3000)
    new = part(RegionKind.ANON, ChangeKind.ADDED, 0x8000)
    assert new is not None
    assert (new.range, new.sign) == ((0x1000, 0x9000), "+")
    touched = part(RegionKind.ANON, None, jump=0x1000)
    assert touched is not None
    assert touched.range == (0x1000, 0x9000)
