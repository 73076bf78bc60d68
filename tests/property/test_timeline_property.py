"""The history of a process, of which unchanged moments aren't read, equals that of which every moment is."""

from collections.abc import Sequence
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from mmexplorer.kernel.capture.memory import RecentMoments
from mmexplorer.kernel.capture.record.recorder import MomentMaker
from mmexplorer.kernel.capture.timeline import TimelineReader
from mmexplorer.model.capture.moments import Answer
from mmexplorer.model.capture.timeline import Timeline
from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.unavailable import Cause, Unavailable
from tests.support.captures import MANIFEST, clocks

_KEY = ProcessKey(77, 7)
_ENDED = (5,)
_GONE = Unavailable(Cause.GONE, "no such process")
_MAPS = (
    b"00001000-00002000 rw-p 00000000 00:00 0 \n",
    b"00001000-00003000 rw-p 00000000 00:00 0 \n",
    b"00001000-00002000 rw-p 00000000 00:00 0 \n00009000-0000a000 rw-p 00000000 00:00 0 \n",
    b"",
    _GONE,
)
_SMAPS = tuple(maps + b"Rss: 4 kB\nVmFlags: rd\n" if isinstance(maps, bytes) else maps for maps in _MAPS[:2])


def _stat(*, state: str = "S", start: int = 7, stack: int = 9, threads: int = 1) -> bytes:
    numbers = [0] * 48
    numbers[20 - 5], numbers[22 - 5], numbers[23 - 5], numbers[28 - 5] = threads, start, 4096, stack
    return f"77 (it) {state} 1 {' '.join(map(str, numbers))}\n".encode()


_ANSWERS: dict[str, tuple[Answer, ...]] = {
    "list/": ((77,), (5, 77), _ENDED),
    "proc/77/stat": (_stat(), _stat(state="R"), _stat(stack=8), _stat(start=8), _stat(state="Z"), _GONE),
    "proc/77/statm": (b"9 1 0 0 0 0 0\n", b"9 2 0 0 0 0 0\n", _GONE),
    "proc/77/maps": _MAPS,
    "proc/77/smaps": _SMAPS,
    "proc/vmstat": (b"oom_kill 1\n", b"oom_kill 2\n"),
}


@st.composite
def readings(draw: st.DrawFn) -> list[dict[str, Answer]]:
    """Draw what was read at each moment; mostly the same as before."""
    found: list[dict[str, Answer]] = [{name: answers[0] for name, answers in _ANSWERS.items()}]
    for _ in range(draw(st.integers(0, 20))):
        now = dict(found[-1])
        for name in draw(st.lists(st.sampled_from(tuple(_ANSWERS)), max_size=2)):
            now[name] = draw(st.sampled_from(_ANSWERS[name]))
        if draw(st.integers(0, 4)) == 0:
            now.pop(draw(st.sampled_from(tuple(_ANSWERS))), None)
        if any(earlier.get("list/") == _ENDED for earlier in found):  # it doesn't come back with the same stat
            now["list/"] = _ENDED
        found.append(now)
    return found


def _history(found: Sequence[dict[str, Answer]], seconds: float) -> list[Timeline]:
    """Return the history after each moment."""
    moments, maker = RecentMoments(MANIFEST, seconds_at_most=seconds), MomentMaker()
    reader = TimelineReader(moments, _KEY)
    lines = []
    for second, answers in enumerate(found):
        moments.add(maker.make(answers, clocks(second), 0.0))
        lines.append(reader.read(at_once=3600.0))
    return lines


@given(readings(), st.sampled_from((4.0, 600.0)))
def test_leaving_out_what_is_unchanged_gives_the_same_history(found: list[dict[str, Answer]], seconds: float) -> None:
    short = _history(found, seconds)
    with patch.object(TimelineReader, "_is_unchanged", return_value=False):
        assert short == _history(found, seconds)
