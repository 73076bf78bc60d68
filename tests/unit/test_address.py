import pytest

from mmexplorer.model.address import Between, Inside, NoAddress, locate, parse_address
from mmexplorer.model.elf.layout import Layout
from mmexplorer.model.region import holes
from mmexplorer.present.region.address import address_line
from mmexplorer.present.text.line import plain
from tests.support.fakes.spaces import anonymous, image, loaded, matched, regions, segment, space
from tests.support.regions import region_of

SMALL = regions()
CAT = loaded(image("/usr/bin/cat", segment(2, "R E", vaddr=0x2000)), 0x559499A7D000, "executable")
LIBC = loaded(image("/usr/lib/x86_64-linux-gnu/libc.so.6"), 0x7F3A4C000000)
LIBSTDCXX = loaded(image("/usr/lib/libstdc++.so.6"), 0x7F3B00000000)
LAYOUT = Layout((CAT, LIBC, LIBSTDCXX), {0x559499A7F000: matched(CAT, 2)})


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("0x7f3a4c1d0bc8", 0x7F3A4C1D0BC8),
        ("0X7F3A4C1D0BC8", 0x7F3A4C1D0BC8),
        (" 7f3a4c1d0bc8 ", 0x7F3A4C1D0BC8),
        ("139888", 139888),
        ("0", 0),
        ("140726923431936", 140726923431936),
        ("ffffffffff600000", 0xFFFFFFFFFF600000),
        ("exe+0x1139", 0x559499A7E139),
        ("cat+0x1139", 0x559499A7E139),
        ("exe+4409", 0x559499A7E139),
        ("exe + 1f", 0x559499A7D01F),
        ("libc.so.6+0x27370", 0x7F3A4C027370),
        ("libc+0x27370", 0x7F3A4C027370),
        ("libstdc++.so.6+0x10", 0x7F3B00000010),
        ("exe+0xffffffffffffffff", 0x559499A7CFFF),
        ("[heap]", 0x5594B2C00000),
        ("[heap]+8", 0x5594B2C00008),
        ("[stack] + 0x10", 0x7FFD8A4C0010),
        ("[heap]-0x10", 0x5594B2BFFFF0),
        ("0x7f3a4c1d0bc8+0x10", 0x7F3A4C1D0BD8),
        ("0x7f3a4c1d0bc8-8", 0x7F3A4C1D0BC0),
        ("139888+2", 139890),
        ("libc.so.6@0x30000", 0x7F3A4C030000),
        ("cat@0x2010", 0x559499A7F010),
        ("/usr/bin/cat@0xa008", 0x559499A88008),
    ],
)
def test_an_address_is_understood(text: str, address: int) -> None:
    assert parse_address(text, SMALL, LAYOUT) == address


def test_digits_are_hexadecimal_where_only_that_lies_in_a_region_or_maps_would_write_so() -> None:
    here = [anonymous(0x559499876000, 0x559499877000)]
    assert parse_address("559499876010", here, LAYOUT) == 0x559499876010
    assert parse_address("559499876010", [anonymous(559499876000, 559499877000)], LAYOUT) == 559499876010
    assert parse_address("555808594000", SMALL, LAYOUT) == 0x555808594000
    assert parse_address("140726923431", SMALL, LAYOUT) == 0x140726923431
    assert parse_address("140000000000000", SMALL, LAYOUT) == 140000000000000


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "nothing is no address"),
        ("main", "main is no address"),
        ("-1", "-1 is no address"),
        ("exe+", "nothing is no number"),
        ("exe+main", "main is no number"),
        ("+0x10", "no image"),
        ("libm+0x10", "no image libm is loaded"),
        ("lib+0x10", "lib could be libc.so.6 at 0x7f3a4c000000, libstdc++.so.6 at 0x7f3b00000000"),
        ("0x10000000000000000", "beyond 64 bits"),
        ("0xffffffffffffffff+1", "leave the 64 bits"),
        ("0x10-0x20", "leave the 64 bits"),
        ("[nothing]+8", "no image [nothing] is loaded"),
        ("libc.so.6@0x17b000", "the byte at 0x17b000 of libc.so.6 is not mapped"),
        ("libm.so.6@0x10", "no file libm.so.6 is mapped"),
        ("libc.so.6@main", "main is no number"),
        ("@0x10", "no file is named"),
        ("9" * 64, "beyond 64 bits"),
        ("9" * 9999, "is no address"),
    ],
)
def test_what_is_no_address_gets_a_sentence(text: str, words: str) -> None:
    found = parse_address(text, SMALL, LAYOUT)
    assert isinstance(found, NoAddress)
    assert words in found.sentence


def test_an_image_loaded_twice_is_not_guessed_at() -> None:
    twice = Layout((LIBC, loaded(LIBC.image, 0x7F4000000000)))
    found = parse_address("libc.so.6+0x10", SMALL, twice)
    assert isinstance(found, NoAddress)
    assert "0x7f3a4c000000" in found.sentence
    assert "0x7f4000000000" in found.sentence


def test_an_address_is_in_a_region_or_between_two() -> None:
    assert locate(SMALL, SMALL[3].start) == Inside(SMALL[3], 0)
    assert locate(SMALL, SMALL[3].end - 1) == Inside(SMALL[3], SMALL[3].size - 1)
    assert locate(SMALL, SMALL[3].end) == Between(SMALL[3], 0, SMALL[4], SMALL[4].start - SMALL[3].end)
    assert locate(SMALL, 0) == Between(None, 0, SMALL[0], SMALL[0].start)
    assert locate(SMALL, 2**64 - 1).above is None  # type: ignore[union-attr] # the last region ends below it
    assert locate((), 5) == Between(None, 0, None, 0)


def test_the_sentence_names_the_region_and_the_address_in_the_file() -> None:
    told = plain(address_line(0x559499A7F139, space(SMALL, layout=LAYOUT)))
    assert told == (
        "559499a7f139 is 0x139 bytes into the code of cat (559499a7f000-559499a85000); the file calls it 0x2139"
    )


def test_the_sentence_names_both_neighbours_and_the_distances() -> None:
    told = plain(address_line(SMALL[3].end + 0x6000, space(SMALL)))
    assert "5594b2c27000 lies in no region: 24K (0x6000) after the end of the heap (5594b2c00000-5594b2c21000)" in told
    assert "before the file libc.so.6 (7f3a4c000000-7f3a4c026000)" in told
    assert plain(address_line(0x1000, space(()))) == "00001000 lies in no region: there are none"


def test_the_vsyscall_page_is_no_neighbour_to_measure_from() -> None:
    vsyscall = region_of(0xFFFFFFFFFF600000, 0xFFFFFFFFFF601000, "--xp", 0, "00:00", 0, "[vsyscall]")
    told = plain(address_line(0x7FFFFFFFFFFF, space((*SMALL, vsyscall))))
    assert told.endswith(", with only the vsyscall page (ffffffffff600000-ffffffffff601000) above it")


def test_holes_lie_between_neighbours_that_do_not_touch() -> None:
    found = list(holes(SMALL))
    assert [(hole.below, hole.above) for hole in found] == [
        (SMALL[1], SMALL[2]),
        (SMALL[2], SMALL[3]),
        (SMALL[3], SMALL[4]),
        (SMALL[5], SMALL[6]),
        (SMALL[6], SMALL[7]),
        (SMALL[7], SMALL[8]),
    ]
    assert found[0].range == (0x559499A85000, 0x559499A88000)
    assert list(holes(())) == []
