"""Simulated translation, checked against the definitions and the properties of any translation."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmexplorer.labs.operations import segment, tables, tlb
from mmexplorer.labs.protocol import Operation
from mmexplorer.labs.simulated.translation import (
    SEGMENTS,
    TranslationSimulator,
    in_segment,
    indices,
    one_level_bytes,
    tlb_hits,
    two_level_bytes,
)

PAGES = st.lists(st.integers(0, 6), max_size=40)


@given(st.sampled_from(sorted(SEGMENTS)), st.integers(-5, 2000))
def test_an_offset_is_in_its_segment_or_a_fault(name: str, offset: int) -> None:
    place = in_segment(SEGMENTS[name], offset)
    base, limit = SEGMENTS[name]
    assert (place is None) is not (0 <= offset < limit)
    if place is not None:
        assert base <= place < base + limit
        assert place - base == offset


def test_segments_do_not_overlap() -> None:
    spans = sorted((base, base + limit) for base, limit in SEGMENTS.values())
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))


@given(st.integers(0, (1 << 32) - 1))
def test_the_three_parts_are_the_address(address: int) -> None:
    directory, entry, byte = indices(address)
    assert (directory << 22 | entry << 12 | byte) == address
    assert max(directory, entry) < 1024


@given(st.lists(st.integers(0, (1 << 32) - 1), min_size=1))
def test_two_levels_need_a_table_for_each_directory_entry_in_use(addresses: list[int]) -> None:
    assert two_level_bytes(addresses) == 4096 * (1 + len({indices(address)[0] for address in addresses}))


def test_a_program_that_uses_everything_pays_for_the_directory_too() -> None:
    assert two_level_bytes([number << 22 for number in range(1024)]) == one_level_bytes() + 4096


@given(PAGES, st.integers(1, 7))
def test_a_larger_tlb_never_misses_more(pages: list[int], size: int) -> None:
    smaller, larger = tlb_hits(pages, size), tlb_hits(pages, size + 1)
    assert all(not hit or also for hit, also in zip(smaller, larger, strict=True))
    assert sum(not hit for hit in tlb_hits(pages, 7)) == len(set(pages))


@given(PAGES, st.integers(1, 7))
def test_a_hit_is_a_page_among_the_last_different_ones(pages: list[int], size: int) -> None:
    for index, hit in enumerate(tlb_hits(pages, size)):
        recent = list(dict.fromkeys(reversed(pages[:index])))[:size]
        assert hit is (pages[index] in recent)


@pytest.mark.parametrize(
    ("operation", "figures", "drawn"),
    [
        (segment("data", 300), {"physical": 5300, "segment_fault": 0}, "data       5000   1200  <-"),
        (segment("data", 1200), {"segment_fault": 1}, "data       5000   1200  <-"),
        (
            tables("00000000 ffffffff"),
            {"one_level": 4 << 20, "two_levels": 12288, "pages": 2},
            "0xffffffff        1023   1023  4095",
        ),
        (tlb((1, 2, 1), 2), {"tlb_misses": 2, "references": 3, "memory_accesses": 7}, "TLB   ! ! ."),
    ],
)
def test_what_the_simulator_answers_and_draws(operation: Operation, figures: dict[str, int], drawn: str) -> None:
    reply = TranslationSimulator().ask(operation)
    assert reply.ok
    assert reply.figures == figures
    assert drawn in reply.output.splitlines()
