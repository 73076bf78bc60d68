"""The packed counters behave as a dict of the same ranges does."""

import gc
import sys
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from mmexplorer.model.region import Range, Usage
from mmexplorer.model.usages import Usages
from mmexplorer.parse.process.smaps import parse_smaps
from tests.support.fakes.spaces import anonymous, usage

_A, _B, _C = usage(Rss=4096), usage(Rss=8192), usage(Rss=4096)
_RECORDS = st.lists(st.tuples(st.integers(0, 9), st.integers(10, 12), st.sampled_from((_A, _B))), max_size=12)


@given(_RECORDS, st.lists(st.tuples(st.integers(0, 9), st.integers(10, 12))))
def test_they_are_found_in_any_order_like_those_of_a_dict(
    records: Sequence[tuple[int, int, Usage]], asked: Sequence[tuple[int, int]]
) -> None:
    expected = {Range(start, end): of for start, end, of in records}
    usages = Usages(records)
    assert usages == expected
    assert list(usages.items()) == sorted(expected.items(), key=lambda item: item[0])
    assert list(usages.values()) == [expected[covered] for covered in usages]
    for start, end in asked:
        found = expected.get(Range(start, end))
        assert usages.get(Range(start, end)) is found
        assert usages.of(anonymous(start, end)) is found
        assert (Range(start, end) in usages) is (found is not None)
    for ranges in (asked, usages, list(usages)[1:], [*usages, *asked]):
        regions = [anonymous(start, end) for start, end in ranges]
        assert list(usages.of_each(regions)) == [expected.get(region.range) for region in regions]


def test_what_is_not_the_same_object_has_changed() -> None:
    before = Usages([(1, 2, _A), (2, 3, _A), (4, 5, _B)])
    now = Usages([(1, 2, _A), (2, 3, _B), (6, 7, _B)])
    assert not now.same_as(before)
    assert now.same_as(Usages(now.columns))
    assert not now.same_as(Usages([(1, 2, _C), (2, 3, _B), (6, 7, _B)]))


def test_a_region_more_is_no_object_more() -> None:
    def objects(regions: int) -> int:
        text = b"".join(b"%x-%x rw-p 0 00:00 0\nRss: 4 kB\nVmFlags: rd\n" % (at, at + 1) for at in range(regions))
        gc.collect()
        before = len(gc.get_objects())
        usages = parse_smaps(text)
        assert sys.getsizeof(usages) < 1000
        return len(gc.get_objects()) - before

    assert objects(5000) < objects(50) + 1000
