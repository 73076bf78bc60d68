import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmexplorer.model.capture.comparison import (
    Amounts,
    Compared,
    Difference,
    added,
    amounts,
    compare_addresses,
    compare_identities,
    identity,
)
from mmexplorer.model.region import RegionKind, Usage
from tests.support.regions import region_of

_Gap = tuple[int, int, str]
"""The hole before a region, its size, its permissions."""


def _compared(
    start: int,
    end: int,
    rss: int | None = 0,
    *,
    kind: RegionKind = RegionKind.ANON,
    name: str = "",
    perms: str = "rw-p",
) -> Compared:
    region = region_of(start, end, perms, 0, "00:00", 0, name)
    return Compared(region, kind, name, None, Amounts(end - start, rss, rss, rss, 0))


def _rows(found: tuple[Difference, ...]) -> list[tuple[int, int, int, int | None]]:
    return [(each.range.start, each.range.end, each.change.size, each.change.rss) for each in found]


def test_one_process_is_compared_by_its_addresses() -> None:
    a = [_compared(0x1000, 0x3000, 4096), _compared(0x5000, 0x6000, 100), _compared(0x8000, 0x9000, 7)]
    b = [_compared(0x1000, 0x5000, 8192), _compared(0x8000, 0x9000, 7), _compared(0xA000, 0xC000, 50)]
    assert sorted(_rows(compare_addresses(a, b))) == [
        (0x1000, 0x5000, 0x2000, 4096),
        (0x5000, 0x6000, -0x1000, -100),
        (0x8000, 0x9000, 0, 0),
        (0xA000, 0xC000, 0x2000, 50),
    ]


def test_the_reserve_of_an_arena_is_not_the_arena() -> None:
    a = [_compared(0x1000, 0x3000, 8192), _compared(0x3000, 0x9000, 0, kind=RegionKind.GUARD, perms="---p")]
    b = [_compared(0x1000, 0x5000, 16384), _compared(0x5000, 0x9000, 0, kind=RegionKind.GUARD, perms="---p")]
    assert sorted(_rows(compare_addresses(a, b))) == [(0x1000, 0x5000, 0x2000, 8192), (0x5000, 0x9000, -0x2000, 0)]


_MAPS = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3), st.sampled_from(["rw-p", "r--p"])), max_size=8)


@given(_MAPS, _MAPS, _MAPS, _MAPS)
def test_regions_that_are_the_same_objects_are_compared_like_equal_ones(
    head: list[_Gap], of_a: list[_Gap], of_b: list[_Gap], tail: list[_Gap]
) -> None:
    kept_head, kept_tail = _laid_out(0, head), _laid_out(1000, tail)
    a = [*kept_head, *_laid_out(100, of_a), *kept_tail]
    b = [*kept_head, *_laid_out(100, of_b), *kept_tail]
    equal = [each._replace(region=each.region._replace()) for each in b]
    assert equal == b
    found, expected = compare_addresses(a, b), compare_addresses(a, equal)
    assert len(found) == len(expected)
    assert all(row in expected for row in found)


def _laid_out(start: int, gaps: list[_Gap]) -> list[Compared]:
    found: list[Compared] = []
    for gap, size, perms in gaps:
        start += gap + size
        found.append(_compared(start - size, start, perms=perms))
    return found


def test_sums_are_those_of_the_sides() -> None:
    a = [_compared(0x1000 * n, 0x1000 * n + 0x800 * (n % 3 + 1), n) for n in range(1, 40, 2)]
    b = [_compared(0x1000 * n, 0x1000 * n + 0x1000 * (n % 2 + 1), 2 * n) for n in range(1, 40, 3)]
    rows = compare_addresses(a, b)
    total_a, total_b = added(each.amounts for each in a), added(each.amounts for each in b)
    assert total_a is not None
    assert total_b is not None
    assert sum(each.change.size for each in rows) == total_b.size - total_a.size
    assert sum(each.change.rss or 0 for each in rows) == (total_b.rss or 0) - (total_a.rss or 0)


def test_two_processes_are_compared_by_what_things_are() -> None:
    libc = {"kind": RegionKind.CODE, "name": "libc.so.6"}
    a = [_compared(0x10000, 0x20000, 10, **libc), _compared(0x50000, 0x60000, 5)]  # type: ignore[arg-type]
    b = [_compared(0x70000, 0x90000, 30, **libc), _compared(0x30000, 0x40000, 6), _compared(0xA0000, 0xA1000, 1)]  # type: ignore[arg-type]
    rows = {identity(each.what): each.change.rss for each in compare_identities(a, b)}
    assert rows == {"code libc.so.6": 20, "anon of 64K to 128K": 1, "anon of 4K to 8K": 1}


@pytest.mark.parametrize(
    ("kind", "name", "told"),
    [
        (RegionKind.STACK, "worker (1234)", "stack worker"),
        (RegionKind.GUARD, "a (1), b (12)", "guard a, b"),
        (RegionKind.STACK, "(5) x", "stack (5) x"),
        (RegionKind.FILE, "report (2)", "file report (2)"),
    ],
)
def test_the_stack_of_a_thread_is_known_by_its_name_in_another_run(kind: RegionKind, name: str, told: str) -> None:
    assert identity(_compared(0x1000, 0x2000, kind=kind, name=name)) == told


def test_what_is_not_known_of_one_is_not_known_of_the_sum() -> None:
    known, unknown = _compared(0x1000, 0x2000, 5), _compared(0x3000, 0x4000, None)
    assert added([known.amounts, unknown.amounts]) == Amounts(0x2000, None, None, None, 0)
    assert added([]) is None
    (row,) = compare_addresses([unknown], [])
    assert row.amounts_b is None
    assert row.change == Amounts(-0x1000, None, None, None, 0)


def test_amounts_are_the_kernels_counters() -> None:
    usage = Usage({"Rss": 0, "Swap": 1}, (4096, 0), None)
    assert amounts(_compared(0x1000, 0x2000).region, usage) == Amounts(0x1000, 4096, None, None, 0)
    assert amounts(_compared(0x1000, 0x2000).region, None) == Amounts(0x1000, None, None, None, None)
