import json
from collections.abc import Iterator

import pytest

from mmexplorer.model.address import parse_address
from mmexplorer.model.elf.layout import Layout
from mmexplorer.model.memory.inspection import TableCount, Walk
from mmexplorer.model.memory.pages import PageState
from mmexplorer.model.memory.translation import Paging, Translation
from mmexplorer.model.region import Region
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import replace
from mmexplorer.model.whereabouts import Verdict, is_canonical, section_at, whereabouts
from mmexplorer.parse.error import ParseError
from mmexplorer.parse.process.syscall import parse_pointers
from mmexplorer.present.json.where import where_document
from mmexplorer.present.memory.walk import walk_lines
from mmexplorer.present.region.whereabouts import whereabouts_lines
from mmexplorer.present.text.line import plain
from tests.support.fakes.spaces import regions, space
from tests.unit.test_symbols import DATA, SECTIONS, TEXT, section

SMALL = regions()
_ABSENT = (PageState.ABSENT, Unavailable(Cause.UNSUPPORTED, "no page is there yet"), 4096, None)


class _NeverWalked(tuple[Region, ...]):
    """Regions of which any may be asked for, but not one after another: there may be 65,000."""

    __slots__ = ()

    def __iter__(self) -> Iterator[Region]:
        raise AssertionError("walked")

    def index(self, *_: object) -> int:
        raise AssertionError("searched from the first")


def test_what_an_address_tells_in_the_event_loop_is_found_without_a_walk_through_the_regions() -> None:
    regions = _NeverWalked(SMALL)
    for below, region, above in zip((None, *SMALL), SMALL, (*SMALL[1:], None), strict=False):
        place = whereabouts(region.start, regions, Layout(), 48)
        assert (place.before, place.region, place.after) == (below, region, above)
        assert parse_address(f"{region.start:#x}", regions, Layout()) == region.start
        assert parse_address(f"{region.start:#x}+0x10", regions, Layout()) == region.start + 0x10
        walk = Walk(Translation(region.start, Paging(4096, 48).levels(region.start), *_ABSENT), 0, TableCount({}, 0))
        assert any(
            "this table is for" in plain(each)
            for each in walk_lines(walk, "", 80, replace(space(SMALL), regions=regions))
        )


@pytest.mark.parametrize(
    ("address", "verdict"),
    [
        (SMALL[3].start, Verdict.INSIDE),
        (SMALL[3].end, Verdict.HOLE),
        (0x10, Verdict.BELOW_FIRST),
        (SMALL[-2].end, Verdict.ABOVE_LAST),
        (0xFFFFFFFFFF600000, Verdict.INSIDE),
        (0xFFFFFFFFFF601000, Verdict.ABOVE_LAST),
        (1 << 47, Verdict.NON_CANONICAL),
        (1 << 63, Verdict.NON_CANONICAL),
    ],
)
def test_the_verdict(address: int, verdict: Verdict) -> None:
    place = whereabouts(address, SMALL, Layout(), 48)
    assert place.verdict is verdict
    told = list(whereabouts_lines(place, space(SMALL), None, None, None))
    assert len(told) > 1
    document = json.loads(where_document({"pid": 1}, place, None, None, None))
    names = "schema pid address verdict region before after segment section file_offset symbol thread"
    assert set(document) == set(names.split())
    assert document["verdict"] == verdict.value
    assert (document["region"] is None) == (verdict is not Verdict.INSIDE)


def test_only_the_first_addresses_are_those_of_a_null_pointer() -> None:
    told = [
        "\n".join(whereabouts_lines(whereabouts(address, SMALL, Layout(), 48), space(SMALL), None, None, None))
        for address in (0x10, 0xDEAD000)
    ]
    assert ["NULL" in text for text in told] == [True, False]
    assert all("below the first region" in text for text in told)


def test_neighbours_and_file_offset() -> None:
    place = whereabouts(SMALL[5].start + 0x10, SMALL, Layout(), 48)
    assert (place.before, place.region, place.after) == SMALL[4:7]
    assert place.file_offset == 0x26010
    assert place.file_address is None
    assert whereabouts(5, (), Layout(), 48).before is None


def test_canonical_addresses_of_four_and_five_levels() -> None:
    assert is_canonical((1 << 47) - 1, 48)
    assert not is_canonical(1 << 47, 48)
    assert is_canonical(1 << 47, 57)
    assert is_canonical((1 << 64) - (1 << 47), 48)
    assert not is_canonical((1 << 64) - (1 << 47) - 1, 48)


def test_the_section_of_an_address() -> None:
    assert section_at(SECTIONS, 0x1FFF) is TEXT
    assert section_at(SECTIONS, 0x2000) is DATA
    assert section_at(SECTIONS, 0x2100) is None
    thread_local = section(3, ".tbss", "NOBITS", "WAT", address=0x2000, size=0x10)
    assert section_at((thread_local, DATA), 0x2000) is DATA


def test_where_a_thread_is() -> None:
    assert parse_pointers(b"running\n") is None
    assert parse_pointers(b"-1 0x7ffd0 0x7f11\n") == (0x7FFD0, 0x7F11)
    assert parse_pointers(b"0 0x0 0x1 0x2 0x3 0x4 0x5 0x7ffe8 0x7f22\n") == (0x7FFE8, 0x7F22)
    assert isinstance(parse_pointers(b"0 0x0\n"), ParseError)
    assert isinstance(parse_pointers(b"0 nonsense 0x1\n"), ParseError)
