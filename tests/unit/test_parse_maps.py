import pytest

from mmexplorer.model.region import Region
from mmexplorer.parse.error import ParseError
from mmexplorer.parse.process.maps import mend, parse_maps, parse_maps_line
from tests.support.regions import region_of, with_traits

HEAD = b"7f0000000000-7f0000001000 rw-p 00001000 fe:00 12                         "


def row(start: int, end: int, *, offset: int = 0, **traits: object) -> Region:
    return with_traits(region_of(start, end, "rw-p", offset, "00:00", 0, ""), **traits)


def only(line: bytes) -> Region:
    region = parse_maps_line(line)
    assert isinstance(region, Region)
    return region


def test_every_column_is_read() -> None:
    region = only(b"7f0000000000-7f0000001000 r-xs 123456789a000 103:02 18446744073709551615         /lib/x")
    assert region == region_of(
        0x7F0000000000, 0x7F0000001000, "r-xs", 0x123456789A000, "103:02", 18446744073709551615, "/lib/x"
    )


@pytest.mark.parametrize(
    ("name", "path", "deleted"),
    [
        (b"", "", False),
        (b"[anon:dalvik-main space]", "[anon:dalvik-main space]", False),
        (b"[anon_shmem:ring]", "[anon_shmem:ring]", False),
        (b"/dev/zero (deleted)", "/dev/zero", True),
        (b"/dev/zero", "/dev/zero", False),
        (b"/memfd: (deleted)", "/memfd:", True),
        (b"/x (deleted) (deleted)", "/x (deleted)", True),
        (b"anon_inode:[perf_event]", "anon_inode:[perf_event]", False),
        (b"socket:[421]", "socket:[421]", False),
        (b"/a  b  ", "/a  b  ", False),
        (b"/a\rb", "/a\rb", False),
        (b"/a\x0bb\x85c\xe2\x80\xa8d", "/a\x0bb\udc85c\u2028d", False),
        (b"/a\\012b", "/a\\012b", False),
        (b"/\xff", "/\udcff", False),
    ],
)
def test_names_stay_as_the_kernel_wrote_them(name: bytes, path: str, *, deleted: bool) -> None:
    reading = parse_maps(HEAD + name + b"\n")
    assert [(region.path, region.deleted) for region in reading.regions] == [(path, deleted)]
    assert reading.errors == ()


def test_an_anonymous_row_ends_in_a_blank() -> None:
    assert only(b"7f0000000000-7f0000001000 rw-p 00000000 00:00 0 ").path == ""


@pytest.mark.parametrize(
    "line",
    [
        b"nonsense",
        b"1000-2000 rwxp 0 00:00",
        b"2000-1000 rw-p 00000000 00:00 0 ",
        b"1000-1000 rw-p 00000000 00:00 0 ",
        b"1000-2000 rwyp 00000000 00:00 0 ",
        b"11111111111111111-2 rw-p 00000000 00:00 0 ",
    ],
)
def test_what_is_no_row_is_reported_with_its_line(line: bytes) -> None:
    good = b"5000-6000 rw-p 00000000 00:00 0 "
    reading = parse_maps(line + b"\n" + good + b"\n")
    assert [error.line for error in reading.errors] == [line]
    assert isinstance(reading.errors[0], ParseError)
    assert [region.start for region in reading.regions] == [0x5000]


def test_an_unchanged_line_gives_the_same_object() -> None:
    first = parse_maps(b"1000-2000 rw-p 00000000 00:00 0 \n3000-4000 rw-p 00000000 00:00 0 \n")
    second = parse_maps(b"1000-2000 rw-p 00000000 00:00 0 \n3000-5000 rw-p 00000000 00:00 0 \n", first)
    assert second.regions[0] is first.regions[0]
    assert second.regions[1] == row(0x3000, 0x5000)
    assert len(second.rows) == 2


def test_only_new_lines_are_corrected_and_an_unchanged_text_is_the_same_reading() -> None:
    asked: list[int] = []

    def correct(region: Region) -> Region:
        asked.append(region.start)
        return with_traits(region, path="/a (deleted)", deleted=False) if region.start == 0x1000 else region

    lines = [b"%d000-%d000 rw-p 00000000 fe:00 7 /a (deleted)\n" % (at, at + 1) for at in (1, 2, 3)]
    first = parse_maps(b"".join(lines[:2]), correct=correct)
    second = parse_maps(b"".join(lines), first, correct)
    assert all(now is before for before, now in zip(first.regions, second.regions, strict=False))
    assert (asked, [region.deleted for region in second.regions]) == ([0x1000, 0x2000, 0x3000], [False, True, True])
    assert parse_maps(b"".join(lines), second, correct) is second
    assert parse_maps(b"nonsense\n", second) is not second
    without = parse_maps(b"".join(lines[1:]), second, correct)
    assert parse_maps(b"".join(lines), without, correct).regions == second.regions
    assert asked[3:] == [0x1000]


def test_a_number_that_ends_a_region_and_begins_the_next_is_one_object() -> None:
    first, second = parse_maps(b"7f0001000-7f0002000 rw-p 0 0:0 0 \n7f0002000-7f0003000 r--p 0 0:0 0 \n").regions
    assert first.end is second.start


def test_regions_share_what_they_have_in_common_wherever_they_lie_in_a_file() -> None:
    lines = [b"%x-%x r--p %08x fe:00 12 /lib/x" % (page << 12, (page + 1) << 12, page << 13) for page in range(1, 3000)]
    regions = parse_maps(b"\n".join([*lines, b"5000000-5001000 rw-p 00000000 fe:00 12 /lib/x\n"])).regions
    assert len({id(region.traits) for region in regions}) == len({region.traits for region in regions}) == 2


def test_a_torn_row_with_an_equal_start_replaces_the_older_one() -> None:
    old, new = row(0x1000, 0x2000), row(0x1000, 0x4000)
    assert mend([old, new]) == (new,)


def test_a_torn_row_loses_what_the_row_before_it_covers() -> None:
    assert mend([row(0x1000, 0x3000), row(0x2000, 0x4000)]) == (row(0x1000, 0x3000), row(0x3000, 0x4000))
    assert mend([row(0x1000, 0x5000), row(0x2000, 0x4000)]) == (row(0x1000, 0x5000),)


def test_the_offset_moves_with_the_start_of_a_file_row_only() -> None:
    torn = row(0x2000, 0x4000, inode=7, offset=0x9000)
    assert mend([row(0x1000, 0x3000), torn])[1] == row(0x3000, 0x4000, inode=7, offset=0xA000)


def test_whole_rows_are_not_copied_by_mending() -> None:
    rows = [row(0x1000, 0x2000), row(0x2000, 0x3000), row(0x5000, 0x6000)]
    assert all(before is after for before, after in zip(rows, mend(rows), strict=True))
