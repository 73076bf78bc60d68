"""The document of `maps --json` written in parts is identical to the one written at once."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmexplorer.model.region import Range, Region, Usage
from mmexplorer.model.snapshot import AddressSpace, Counters
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.json.document import document, snake
from mmexplorer.present.json.maps import maps_document, region_record
from mmexplorer.present.json.source import lacking_of_region, no_start_time, source_fields
from tests.support.fakes.machine import machine
from tests.support.fakes.spaces import anonymous, space, usage
from tests.support.regions import with_traits

_PAGE = 4096
_DENIED = Unavailable(Cause.DENIED, 'permission denied: "another" user\'s\x7f', "run with sudo")
_NAMES = st.text(max_size=12) | st.sampled_from(
    ('"regions": []', '\\"regions": [', "[heap]", "/a b\udcff", "\x7f\x1b", "", "[vdso]")
)
_FLAGS = st.none() | st.lists(st.sampled_from(("rd", "wr", "me", '"\x7f')), max_size=3).map(tuple)
_USAGES = st.builds(
    lambda flags, counts: usage(flags, **counts),
    _FLAGS,
    st.dictionaries(st.sampled_from(("Rss", "Pss", "THPeligible", "New_One", "Size")), st.integers(0, 1 << 50)),
)


@st.composite
def spaces(draw: st.DrawFn) -> AddressSpace:
    """Draw address spaces in which some regions share their counters."""
    common = draw(st.lists(_USAGES, min_size=1, max_size=3))
    regions: list[Region] = []
    counted: dict[Range, Usage] = {}
    for place in range(draw(st.integers(0, 6))):
        start = 0x10000 + 2 * place * _PAGE
        made = anonymous(start, start + _PAGE, draw(st.sampled_from(("rw-p", "r-xs", "---p"))))
        regions.append(with_traits(made._replace(offset=place * _PAGE), path=draw(_NAMES), deleted=draw(st.booleans())))
        if draw(st.integers(0, 4)):
            counted[regions[-1].range] = draw(st.sampled_from(common) | _USAGES)
    found = space(regions, counted)
    unread = draw(st.integers(0, 4)) == 0
    return replace(found, exe=draw(_NAMES | st.just(_DENIED)), counters=_DENIED if unread else found.counters)


def _whole(space: AddressSpace, kind: str, totals: object) -> str:
    """Return the document built only from records."""
    fields = {
        "pid": space.process.pid,
        "start_time": space.process.start_time,
        "exe": space.exe,
        "page_size": _PAGE,
        **source_fields(kind, 1.5),
        "regions": [region_record(region, space, lacking_of_region(kind)) for region in space.regions],
        "totals": totals,
    }
    return document("maps", fields | dict(no_start_time(kind)))


def _check(space: AddressSpace, kind: str) -> None:
    written = "".join(maps_document(space, _PAGE, kind, 1.5))
    totals = json.loads(written)["totals"]
    assert written == _whole(space, kind, totals)
    if isinstance(space.counters, Counters):
        usages = [
            space.counters.by_range[each.range] for each in space.regions if each.range in space.counters.by_range
        ]
        for name in {name for each in usages for name, _ in each} - {"Size", "KernelPageSize", "MMUPageSize"}:
            assert totals[snake(name)] == sum(each.get(name) or 0 for each in usages)


@given(spaces(), st.sampled_from(("live", "capture", "core", "text")))
def test_fragments_are_the_document(space: AddressSpace, kind: str) -> None:
    _check(space, kind)


@pytest.mark.parametrize("kind", ["live", "core"])
def test_so_are_those_of_a_process_with_files(kind: str) -> None:
    for each in machine().spaces.values():
        _check(each, kind)
