"""What is packed to be kept in memory reads as before."""

from sys import getsizeof

from hypothesis import given
from hypothesis import strategies as st

from mmexplorer.kernel.capture.memory import RecentMoments
from mmexplorer.kernel.capture.packed import PackedPlaces, packed_together
from mmexplorer.kernel.capture.record.recorder import MomentMaker
from mmexplorer.kernel.capture.replay import ReplayProcfs
from mmexplorer.kernel.errors import ENDED
from mmexplorer.model.capture.moments import Answer, MostNames, Names, Place
from tests.support.captures import MANIFEST, clocks

_NAMES = st.sampled_from([f"proc/{pid}/{name}" for pid in (1, 2, 10, 100) for name in ("stat", "statm")])
_SETS = st.frozensets(_NAMES)
_ANSWERS = st.one_of(
    st.binary(max_size=300), st.text(max_size=9), st.booleans(), st.tuples(st.integers(0, 1 << 40)), st.just(ENDED)
)


@given(st.lists(st.dictionaries(_NAMES, _ANSWERS), max_size=20))
def test_packed_answers_are_the_same(moments: list[dict[str, Answer]]) -> None:
    packed = packed_together(moments)
    assert packed == moments
    for each, answers in zip(packed, moments, strict=True):
        assert dict(each) == answers
        assert len(each) == len(answers)
        assert {name: name in each for name in ("proc/1/stat", "proc/2/statm")} == {
            name: name in answers for name in ("proc/1/stat", "proc/2/statm")
        }
        assert each.get("proc/3/stat") is None
        assert all(each[name] is ENDED for name, answer in answers.items() if answer == ENDED)


@given(st.dictionaries(_NAMES, st.builds(Place, st.integers(0, 1 << 20), st.integers(-1, 1 << 20))))
def test_packed_places_are_the_same(places: dict[str, Place]) -> None:
    packed = PackedPlaces(places)
    assert packed == places
    assert len(packed) == len(places)
    assert packed.get("proc/3/stat") is None


@given(_SETS, _SETS, _SETS)
def test_most_names_are_a_set(usual: frozenset[str], missing: frozenset[str], more: frozenset[str]) -> None:
    names = MostNames(Names(usual), missing & usual, more - usual)
    expected = (usual - missing) | (more - usual)
    assert frozenset(names) == expected
    assert names == Names(expected)
    assert len(names) == len(expected)
    assert sorted(names) == sorted(expected)
    assert {name for name in usual | missing | more if name in names} == expected
    assert (names & missing, names - more, more - names) == (expected & missing, expected - more, more - expected)


@given(st.lists(st.dictionaries(_NAMES, st.sampled_from([b"one", b"other"])), max_size=40))
def test_what_was_read_again_unchanged_is_known_whatever_is_asked_for(readings: list[dict[str, Answer]]) -> None:
    maker = MomentMaker()
    latest: dict[str, Answer] = {}
    for second, answers in enumerate(readings):
        same = maker.make(answers, clocks(second), 0.0).moment.same
        assert same == {name for name, answer in answers.items() if latest.get(name) == answer}
        latest |= answers


def _stat(pid: int, second: int) -> bytes:
    numbers = (pid, pid, pid, 1000 + 7 * second, second // 3, 1 << 22)
    return b"%d (it) S 1 %d %d 0 -1 4194560 %d 0 1 0 %d 3 0 0 20 0 1 0 3601 %d" % numbers


def test_a_second_of_a_hundred_processes_takes_few_bytes() -> None:
    recent, maker = RecentMoments(MANIFEST), MomentMaker()
    for second in range(128):
        stats: dict[str, Answer] = {f"proc/{pid}/stat": _stat(pid, second - pid % 3) for pid in range(100)}
        statms: dict[str, Answer] = {f"proc/{pid}/statm": b"1 2 3 4 5 6 7\n" for pid in range(100)}
        recent.add(maker.make(stats | statms | {"list/": tuple(range(100))}, clocks(second), 0.0))
    texts = sum(getsizeof(_stat(pid, 100)) for pid in range(100))
    assert recent.size / len(recent) < texts / 2
    for second in (0, 5, 16, 100, 111, 127):
        procfs = ReplayProcfs(recent, second)
        read = [procfs.read(f"{pid}/stat") for pid in range(100)]
        assert read == [_stat(pid, second - pid % 3) for pid in range(100)]
