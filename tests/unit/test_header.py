"""The line at the top: the cost of refreshing, and how long it holds up a process."""

from mmexplorer.present.text.header import RefreshStatus, header
from mmexplorer.present.text.line import Tone, plain

_WIDTH = 160


def _cost(longest: float, share: float | None = 0.0012) -> tuple[str, Tone]:
    line = header(
        (("1", "Explore"),), "Explore", None, RefreshStatus(1.0, paused=False, share=share, longest=longest), _WIDTH
    )
    return plain(line), line[-2].tone


def test_the_longest_hold_stands_beside_the_share() -> None:
    assert _cost(0.0002)[0].endswith("looking costs 0.12%, holds 0.2ms ")
    assert _cost(0.00001)[0].endswith("holds <0.1ms ")


def test_a_hold_beyond_the_promise_is_a_warning() -> None:
    assert _cost(0.0019)[1] is Tone.NORMAL
    assert _cost(0.0281)[1] is Tone.WARN


def test_where_holds_are_not_known_nothing_is_said_of_them() -> None:
    assert _cost(0.0, share=None)[0].endswith("looking costs — ")
    assert _cost(0.0)[0].endswith("looking costs 0.12% ")
