from dataclasses import replace

from mmexplorer.model.changes import diff
from mmexplorer.model.elf.layout import Layout
from mmexplorer.model.growth import Origin, Watch
from mmexplorer.model.region import Region, RegionKind
from mmexplorer.model.region_kind import classify
from mmexplorer.present.explore.growth import growth_lines
from mmexplorer.present.text.line import plain
from tests.support.fakes.spaces import anonymous, process, regions

MIB = 1 << 20


def kind(region: Region) -> RegionKind:
    return classify(region, None, None)


def test_the_sums_the_growers_and_what_came_and_went_are_told() -> None:
    small = regions()
    heap = small[3]
    before = process()
    grown = heap._replace(end=heap.end + 61 * MIB)
    after = [*small[:3], grown, anonymous(0x7F0000000000, 0x7F0000400000), *small[4:-2], *small[-1:]]
    watch = Watch(Origin.of(before, 113 * MIB, 0.0, 1_000.0), clock=0.0).advance(
        0.0, (), ((heap, 0),), lambda each: classify(each, None, None)
    )
    watch = watch.advance(60.0, diff(small, after), ((grown, 60 * MIB),), kind)
    now = replace(before, rss=9 * MIB + 60 * MIB, min_flt=before.min_flt + 46_900)
    first, *others = (plain(each) for each in growth_lines(watch, now, 178 * MIB, Layout(), {}))
    assert ", 60 s: SIZE +65M  RSS +60M  faults 46,900  in 2 looks" in first
    assert others == [
        "  5594b2c00000 [heap]  SIZE +61M  RSS +60M  +61M a minute",
        "  stack: 1 went -132K; anon: 1 came +4M",
        "  Memory that comes and goes between two looks shows only in the faults.",
    ]


def test_what_went_takes_nothing_out_of_the_sums() -> None:
    """Count what a region had gained before it went: came, went and grew add up to SIZE."""
    at = [0x7F0000000000 + number * 256 * MIB for number in range(8)]
    first = [anonymous(start, start + 10 * MIB) for start in at]
    watch = Watch(Origin.of(process(), 80 * MIB, 0.0, 1_000.0), clock=0.0).advance(0.0, (), (), kind)
    grown = [anonymous(start, start + (10 + number) * MIB) for number, start in enumerate(at)]
    watch = watch.advance(1.0, diff(first, grown), (), kind)
    came = anonymous(at[-1] + 128 * MIB, at[-1] + 158 * MIB)
    watch = watch.advance(2.0, diff(grown, [*grown[:-2], came]), (), kind)
    vsz = sum(region.size for region in [*grown[:-2], came])
    first_line, *others = (plain(each) for each in growth_lines(watch, process(), vsz, Layout(), {}))
    assert "SIZE +25M" in first_line
    assert others == [
        "  7f0050000000 anon  SIZE +5M  +150M a minute",
        "  7f0040000000 anon  SIZE +4M  +120M a minute",
        "  7f0030000000 anon  SIZE +3M  +90M a minute",
        "  2 others  SIZE +3M  ",
        "  anon: 1 came +30M, 2 went -33M (13M of it gained before), net +10M",
        "  Memory that comes and goes between two looks shows only in the faults.",
    ]
