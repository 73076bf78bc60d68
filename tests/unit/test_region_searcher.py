import pytest

from mmexplorer.model.query import Query, parse_query
from mmexplorer.model.source import Request
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.explore.hits import Hits
from mmexplorer.present.explore.region_search import matching, request_for
from mmexplorer.present.region.fields import REGION_FIELDS
from mmexplorer.ui.explore import region_searcher
from mmexplorer.ui.explore.region_searcher import RegionSearcher
from tests.support.fakes.machine import machine
from tests.support.fakes.source import FakeSource

SCENE = machine()


def query(text: str) -> Query:
    found = parse_query(text, REGION_FIELDS)
    assert isinstance(found, Query)
    return found


def test_every_process_is_asked_and_denied_ones_say_so() -> None:
    searched = RegionSearcher(FakeSource(SCENE)).step(query("path:libc perm:x"), SCENE.processes)
    assert searched is not None
    assert searched.done
    assert searched.of == sum(not process.kernel_thread for process in SCENE.processes)
    for key, answer in searched.found.items():
        space = SCENE.spaces.get(key)
        if space is None:
            assert isinstance(answer, Unavailable)
        else:
            found = [each for each in space.regions if "libc" in each.path and "x" in each.perms]
            first = found[0].start if found else None
            assert answer == Hits(len(found), sum(each.size for each in found), first)
    assert searched.unread == sum(key not in SCENE.spaces for key in searched.found)


def test_a_step_ends_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(region_searcher, "_STEP", 0.0)
    searcher = RegionSearcher(FakeSource(SCENE))
    asked = query("perm:x")
    counts = []
    for _ in SCENE.processes:
        searched = searcher.step(asked, SCENE.processes)
        assert searched is not None
        counts.append(len(searched.found))
    assert counts[:2] == [1, 2]
    assert counts[-1] == counts[-2] == sum(not process.kernel_thread for process in SCENE.processes)
    other = searcher.step(query("perm:w"), SCENE.processes)
    assert other is not None
    assert len(other.found) == 1


def test_without_a_question_nobody_is_asked() -> None:
    assert RegionSearcher(FakeSource(SCENE)).step(Query(), SCENE.processes) is None


def test_a_process_that_has_gone_is_forgotten() -> None:
    searcher = RegionSearcher(FakeSource(SCENE))
    searcher.step(query("perm:x"), SCENE.processes)
    searched = searcher.step(query("perm:x"), SCENE.processes[:1])
    assert searched is not None
    assert set(searched.found) <= {SCENE.processes[0].key}


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("perm:wx deleted path:x size>1", Request(elf=False, counters=False)),
        ("kind:heap", Request(elf=True, counters=False)),
        ("rss>0", Request(elf=False, counters=True, counters_now=True)),
    ],
)
def test_no_more_is_read_than_the_question_is_about(text: str, request_: Request) -> None:
    assert request_for(query(text)) == request_


def test_what_matches_by_maps_alone_is_what_matches_in_full() -> None:
    space = next(iter(SCENE.spaces.values()))
    for text in ("perm:r-x", "path:libc", "!deleted size>4K"):
        assert matching(space, query(text)) == matching(space, query(f"{text} !kind:hole"))


def test_unreadable_is_not_gone() -> None:
    gone = Unavailable(Cause.GONE, "the process has ended")
    searched = RegionSearcher(FakeSource(SCENE)).step(query("perm:x"), SCENE.processes)
    assert searched is not None
    assert searched._replace(found={SCENE.processes[0].key: gone}).unread == 0
