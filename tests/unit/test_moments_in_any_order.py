"""What is shown of a moment doesn't depend on which moments were shown before it, only the work for it does."""

import random

import pytest

from mmexplorer.kernel.capture.capture import Capture
from mmexplorer.kernel.capture.memory import RecentMoments
from mmexplorer.kernel.capture.moment_source import MomentSource
from mmexplorer.kernel.capture.past import CapturePast
from mmexplorer.kernel.capture.record.recorder import MomentMaker
from mmexplorer.model.capture.moments import Answer
from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.snapshot import AddressSpace, Counters
from mmexplorer.model.source import Request
from mmexplorer.present.explore.view import ExploreView
from mmexplorer.ui.explore.poller import ExplorePoller
from tests.support.captures import MANIFEST, clocks

_KEY = ProcessKey(77, 500)
_MOMENTS = 14
_PAGE = 4096


def _answers(second: int, chance: random.Random) -> dict[str, Answer]:
    """Return what is read in that second: no map in the first, another program from the tenth on, smaps in some."""
    stack = 7000 if second < 10 else 8000
    fields = ["0"] * 48
    fields[17], fields[23] = "500", str(stack)
    answers: dict[str, Answer] = {
        "list/": (77,),
        "proc/77/stat": f"77 (it) S 1 {' '.join(fields)}".encode(),
        "proc/77/statm": b"%d %d 0 0 0 0 0" % (100 + second, 10 + second),
    }
    if not second:
        return answers
    kept = [page for page in range(60) if second < 4 or chance.random() < 0.9]
    lines = [
        f"{0x10000 + 2 * page * _PAGE:08x}-{0x10000 + (2 * page + 1) * _PAGE:08x} "
        f"{'rw-p' if page % 3 else 'r--p'} 00000000 00:00 0{'   [heap]' if page == 7 else ''}\n"
        for page in kept
    ]
    answers["proc/77/maps"] = "".join(lines).encode()
    if second % 4 == 3:
        sizes = [chance.choice((0, 4)) for _ in lines]
        answers["proc/77/smaps"] = "".join(
            f"{line}Size:                  4 kB\nRss:                   {size} kB\n"
            f"Pss:                   {size} kB\nVmFlags: rd\n"
            for line, size in zip(lines, sizes, strict=True)
        ).encode()
    return answers


def _moments(seed: int) -> RecentMoments:
    chance, maker, moments = random.Random(seed), MomentMaker(), RecentMoments(MANIFEST)  # noqa: S311 - which moments, is all
    for second in range(_MOMENTS):
        moments.add(maker.make(_answers(second, chance), clocks(second), 0.0))
    return moments


def _source(moments: RecentMoments) -> MomentSource:
    return MomentSource(Capture(moments, None))


def _space(source: MomentSource, index: int) -> AddressSpace:
    source.show(index)
    space = source.sample(Request(target=_KEY)).target
    assert space is not None
    return space


@pytest.mark.parametrize("seed", range(3))
def test_a_moment_is_read_as_if_it_were_the_first(seed: int) -> None:
    moments, chance = _moments(seed), random.Random(seed)  # noqa: S311 - which moments, is all
    source = _source(moments)
    for index in [chance.randrange(_MOMENTS) for _ in range(25)]:
        space, alone = _space(source, index), _space(_source(moments), index)
        assert space == alone, index
        assert bool(space.regions) == bool(index)
        assert isinstance(space.counters, Counters) == (3 <= index < 10 or index >= 11)


def test_what_is_equal_at_two_moments_is_the_same_object() -> None:
    source = _source(_moments(0))
    third, second, first = (_space(source, index) for index in (3, 2, 1))
    assert third.regions is second.regions is first.regions
    assert second.roles is first.roles
    assert second.layout is first.layout
    fifth, fourth = _space(source, 5), _space(source, 4)
    assert fifth.counters is fourth.counters
    assert {id(region) for region in fifth.regions} & {id(region) for region in first.regions}


def _poller(moments: RecentMoments) -> ExplorePoller:
    source = _source(moments)
    return ExplorePoller(source, _KEY, CapturePast(source, moments), live=False)


def _view(poller: ExplorePoller, index: int) -> ExploreView:
    poller.moment.at = clocks(index).boottime
    return poller.poll()


def _seen(view: ExploreView) -> tuple[object, ...]:
    return (
        list(view.map.regions.shown),
        view.map.totals,
        view.map.added_up.rows,
        list(view.map.extents),
        view.map.lit,
        view.history,
        view.changes,
        view.watch,
        view.processes.shown,
    )


@pytest.mark.parametrize("seed", range(3))
def test_a_moment_looks_as_if_it_were_the_first_shown(seed: int) -> None:
    moments, chance = _moments(seed), random.Random(seed)  # noqa: S311 - which moments, is all
    poller, before = _poller(moments), _MOMENTS
    for index in [chance.randrange(_MOMENTS) for _ in range(25)]:
        if index != before + 1:  # its changes would be added to those of the moment before
            alone = _poller(moments)
            alone.poll()
            assert _seen(_view(poller, index)) == _seen(_view(alone, index)), index
            before = index


def test_growth_is_counted_from_the_first_moment_whose_map_was_read() -> None:
    view = _view(_poller(_moments(0)), 3)
    assert view.watch is not None
    assert (view.watch.came, view.watch.tracks) == ({}, {})
    assert view.watch.origin.clock == clocks(1).monotonic
