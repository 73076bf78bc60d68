"""Watching with whole readings of smaps, which are kept as they are, tells the same as with every Rss by itself."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from mmexplorer.model.changes import diff
from mmexplorer.model.growth import Origin, Watch
from mmexplorer.model.region import Region, RegionKind
from mmexplorer.model.usages import Usages
from tests.support.fakes.spaces import anonymous, process, usage

_LOOK = st.tuples(
    st.dictionaries(st.integers(0, 5), st.tuples(st.integers(1, 10), st.sampled_from(("rw-p", "r--p"))), max_size=6),
    st.dictionaries(st.integers(0, 5), st.integers(0, 3), max_size=6),
    st.sampled_from(("read", "counted", "nothing")),
)


def _kind(_region: Region) -> RegionKind:
    return RegionKind.ANON


def _regions(sizes: Mapping[int, tuple[int, str]]) -> list[Region]:
    return [anonymous(10 * at, 10 * at + size, perms) for at, (size, perms) in sorted(sizes.items())]


@given(st.lists(_LOOK, min_size=2, max_size=8))
def test_a_kept_reading_tells_what_single_counts_tell(
    looks: list[tuple[dict[int, tuple[int, str]], dict[int, int], str]],
) -> None:
    origin = Origin.of(process(), 0, 0.0, 0.0)
    kept = single = Watch(origin)
    before: list[Region] = []
    for clock, (sizes, counts, how) in enumerate(looks):
        now = _regions(sizes)
        rss = [(region, counts.get(region.start // 10)) for region in now]
        changes = diff(before, now) if clock else ()
        if how == "read":
            known = [(region, count) for region, count in rss if count is not None]
            read = Usages((region.start, region.end, usage(Rss=count)) for region, count in known)
            kept = kept.advance(clock, changes, rss, _kind, read)
        else:
            rss = [(region, count) for region, count in rss if count is not None] if how == "counted" else []
            kept = kept.advance(clock, changes, rss, _kind)
        single = single.advance(clock, changes, rss, _kind)
        assert (kept.tracks, kept.came, kept.went) == (single.tracks, single.came, single.went)
        before = now
