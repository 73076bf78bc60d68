from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mmexplorer.model.address import Between, Inside, NoAddress, locate, overlapping, parse_address
from mmexplorer.model.elf.layout import Layout
from mmexplorer.model.region import Range, Region
from mmexplorer.present.region.address import address_line
from mmexplorer.present.text.format import address, hexadecimal
from mmexplorer.present.text.line import plain
from tests.support.fakes.spaces import anonymous, image, loaded, space

ADDRESSES = st.integers(0, 2**64 - 1)
SPACES = st.lists(st.integers(0, 2**20), max_size=20, unique=True).map(
    lambda edges: tuple(anonymous(start, end) for start, end in list(pairwise(sorted(edges)))[::2])
)


@given(ADDRESSES)
def test_every_way_to_write_an_address_leads_back_to_it(value: int) -> None:
    here = (anonymous(value, value + 1),)
    # Digits without a letter could also be a decimal address in the region, but not here: it is one byte long.
    for written in (address(value), hexadecimal(value), str(value)):
        assert parse_address(written, here, Layout()) == value


@given(ADDRESSES, ADDRESSES)
def test_an_address_in_a_file_leads_to_the_one_in_memory(value: int, bias: int) -> None:
    layout = Layout((loaded(image("/bin/x"), bias, "executable"),))
    for written in (f"exe+{value:#x}", f"x+{value}"):
        assert parse_address(written, (), layout) == (bias + value) % 2**64


@given(st.text(max_size=20) | st.text("0123456789abcdefx+ ", max_size=20))
def test_any_text_is_an_address_or_a_sentence(text: str) -> None:
    found = parse_address(text, (), Layout())
    assert found.sentence if isinstance(found, NoAddress) else 0 <= found < 2**64


@given(SPACES, st.integers(0, 2**20 + 5), st.integers(1, 2**18))
def test_the_regions_that_overlap_a_range_are_those_that_a_search_of_all_finds(
    regions: tuple[Region, ...], start: int, size: int
) -> None:
    wanted = Range(start, start + size)
    found = overlapping(regions, wanted)
    assert [regions[index] for index in found] == [
        region for region in regions if region.start < wanted.end and wanted.start < region.end
    ]
    assert all(region.end <= wanted.start for region in regions[: found.start])
    assert all(wanted.end <= region.start for region in regions[found.stop :])


@given(SPACES, st.integers(0, 2**20 + 5))
def test_an_address_is_where_a_search_of_all_regions_finds_it(regions: tuple[Region, ...], value: int) -> None:
    place = locate(regions, value)
    holding = [region for region in regions if region.start <= value < region.end]
    if isinstance(place, Inside):
        assert holding == [place.region]
        assert place.region.start + place.offset == value
        return
    assert isinstance(place, Between)
    assert not holding
    assert place.below == max((region for region in regions if region.end <= value), default=None)
    assert place.above == min((region for region in regions if region.start > value), default=None)
    assert place.below is None or place.below.end + place.after_below == value
    assert place.above is None or value + place.before_above == place.above.start
    assert plain(address_line(value, space(regions))).startswith(address(value))
