"""Which moment of a capture is shown first."""

from mmexplorer.kernel.capture.beginning import beginning
from mmexplorer.kernel.capture.capture import Capture
from mmexplorer.kernel.capture.memory import RecentMoments
from mmexplorer.kernel.capture.moment_source import MomentSource
from mmexplorer.kernel.capture.record.recorder import MomentMaker
from mmexplorer.model.capture.moments import Answer
from mmexplorer.model.process.process import ProcessKey
from tests.support.captures import MANIFEST, clocks

_FIELDS = " ".join(["0"] * 17 + ["500"] + ["0"] * 30)
_MAP = b"00010000-00011000 rw-p 00000000 00:00 0 \n"


def _process(pid: int, pages: int, maps: bytes) -> dict[str, Answer]:
    return {
        f"proc/{pid}/stat": f"{pid} (it) S 1 {_FIELDS}".encode(),
        f"proc/{pid}/statm": b"%d %d 0 0 0 0 0" % (pages, pages),
        f"proc/{pid}/maps": maps,
    }


def _source(*readings: dict[str, Answer]) -> MomentSource:
    moments, maker = RecentMoments(MANIFEST), MomentMaker()
    for second, answers in enumerate(readings):
        moments.add(maker.make(answers, clocks(second), 0.0))
    return MomentSource(Capture(moments, None))


def test_the_largest_process_with_a_map_at_the_last_moment_that_has_one() -> None:
    small, large = _process(5, 1, _MAP), _process(7, 9, _MAP)
    freed = _process(7, 0, b"")
    source = _source(
        {"list/": (5, 7), **small, **large},
        {"list/": (5, 7), **small, **large},
        {"list/": (7,), **freed},
        {"list/": ()},
    )
    assert beginning(source, None) == (1, ProcessKey(7, 500))
    assert beginning(source, ProcessKey(5, 500)) == (1, ProcessKey(5, 500))
    assert beginning(source, ProcessKey(6, 500)) is None


def test_the_last_moment_where_all_is_well() -> None:
    source = _source({"list/": (5,), **_process(5, 1, _MAP)}, {"list/": (5,), **_process(5, 2, _MAP)})
    assert beginning(source, None) == (1, ProcessKey(5, 500))
