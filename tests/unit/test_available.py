"""MemAvailable, recomputed from a recorded zoneinfo."""

from pathlib import Path

from mmexplorer.model.system.available import AvailableTerms, Zone, available_terms
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.error import ParseError
from mmexplorer.parse.system.zoneinfo import parse_zoneinfo

ZONEINFO = (Path(__file__).parent.parent / "data" / "zoneinfo-linux-6.18").read_bytes()
PAGE = 4096
KIB = 1024


def zones() -> tuple[Zone, ...]:
    found = parse_zoneinfo(ZONEINFO)
    assert not isinstance(found, ParseError)
    return found


def test_the_zones_of_a_recorded_file() -> None:
    assert [(zone.name, zone.managed, zone.low, zone.high) for zone in zones()] == [
        ("DMA", 3840, 57, 68),
        ("DMA32", 772915, 11665, 13998),
        ("Normal", 622592, 9396, 11275),
        ("Movable", 0, 32, 32),
        ("Device", 0, 0, 0),
    ]
    assert zones()[0].protection == (0, 3019, 5451, 5451, 5451)


def test_the_reserve_is_capped_by_the_zone_and_leaves_out_the_boost() -> None:
    assert [zone.reserve for zone in zones()] == [3840, 13998 + 2432, 11275, 0, 0]
    boosted = Zone(0, "Normal", 1000, 50, 160, 100, (0, 5))
    assert boosted.reserve == 5 + 60


def test_the_terms_by_hand() -> None:
    # low = 57 + 11665 + 9396 + 32 = 21150 pages = 84600 kB; reserves = 3840 + 16430 + 11275 = 31545 pages
    meminfo = {
        "MemFree": 20_000_000 * KIB,
        "Active(file)": 40_000 * KIB,
        "Inactive(file)": 60_000 * KIB,
        "KReclaimable": 900_000 * KIB,
    }
    terms = available_terms(meminfo, zones(), PAGE)
    assert terms == AvailableTerms(
        free=20_000_000 * KIB,
        reserves=126_180 * KIB,
        cache=100_000 * KIB,
        cache_kept=50_000 * KIB,
        slab=900_000 * KIB,
        slab_kept=84_600 * KIB,
    )
    assert terms.estimate == (20_000_000 - 126_180 + 50_000 + 815_400) * KIB


def test_the_estimate_is_never_negative() -> None:
    assert AvailableTerms(free=1, reserves=10, cache=0, cache_kept=0, slab=0, slab_kept=0).estimate == 0


def test_a_kernel_without_the_terms_says_which_is_missing() -> None:
    assert available_terms({"MemFree": 1}, (), PAGE) == Unavailable(
        Cause.UNSUPPORTED, "this kernel has no Active(file), Inactive(file) in /proc/meminfo"
    )


def test_a_zone_without_watermarks_is_an_error_with_its_line() -> None:
    assert parse_zoneinfo(b"Node 0, zone      DMA\n  pages free 1\n") == ParseError(
        b"Node 0, zone      DMA\n", "the zone has no watermarks"
    )
    assert isinstance(parse_zoneinfo(b""), ParseError)
