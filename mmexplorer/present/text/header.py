"""The line at the top of every screen: its name, the machine's memory, and what refreshing costs."""

from collections.abc import Sequence

from mmexplorer.model.budget import LONGEST_HOLD, SHARE
from mmexplorer.model.snapshot import Machine
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import frozen
from mmexplorer.present.text.cells import size_line
from mmexplorer.present.text.line import EMPTY, Line, Tone, plain, span

_BAR = 12
_FULL, _REST = "█", "░"
_LEAST = 0.0001
_OLD = 90.0
"""Seconds after which an age is shown in minutes."""


@frozen
class RefreshStatus:
    """How the screen is being refreshed."""

    interval: float
    """Seconds between two refreshes."""
    paused: bool
    share: float | None
    """The share of time spent reading, 0..1, over the last refreshes; None until there are two."""
    longest: float = 0.0
    """The longest time in seconds that a single call held up the process; 0 if not known."""
    age: float | None = None
    """Seconds since the counters were read; None if there are none."""
    recording: str = ""
    """The progress of the capture being written; "" for none."""
    file: str = ""
    """The file shown instead of the machine: refreshing it costs nothing and has no pace. Not cleaned."""
    moment: str = ""
    """When the moment shown was; "" for now."""


def header(
    modes: Sequence[tuple[str, str]], current: str, machine: Machine | None, status: RefreshStatus | None, width: int
) -> Line:
    """Compose the line for `width` cells: parts leave by priority, and none is cut in the middle.

    `modes` are (key, name) in key order; `current` is the name of the mode shown.
    """
    left = _modes(modes, current)
    # In line order, each with its rank; the largest leaves first.
    parts = (
        _of_file(machine, status)
        if status is not None and status.file
        else [
            (4, _host(machine) if machine else EMPTY),
            (1, _memory(machine) if machine else EMPTY),
            (0, (span("paused", Tone.WARN),) if status and status.paused else EMPTY),
            (2, _cost(status) if status else EMPTY),
            (3, _age(status.age) if status and status.age is not None else EMPTY),
            (-1, (span(status.recording, Tone.ERROR),) if status and status.recording else EMPTY),
            (-2, _moment(status)),
        ]
    )
    shown = [(rank, part) for rank, part in parts if part]
    while shown and _width(left) + _width(_joined(shown)) + 1 > width:
        shown.remove(max(shown))
    right = _joined(shown)
    return (*left, span(" " * max(1, width - _width(left) - _width(right) - 1)), *right, span(" "))


def _of_file(machine: Machine | None, status: RefreshStatus) -> list[tuple[int, Line]]:
    known = machine is not None and not isinstance(machine.mem_total, Unavailable)
    return [
        (1, (span(status.file, Tone.WARN),)),
        (2, _memory(machine) if machine is not None and known else EMPTY),
        (-1, _moment(status)),
    ]


def _moment(status: RefreshStatus | None) -> Line:
    return (span(f" {status.moment} ", Tone.PAST),) if status is not None and status.moment else EMPTY


def _joined(parts: Sequence[tuple[int, Line]]) -> Line:
    joined: Line = EMPTY
    for _, part in parts:
        joined += (span(" · ", Tone.DIM), *part) if joined else part
    return joined


def _width(parts: Line) -> int:
    return len(plain(parts))


def _modes(modes: Sequence[tuple[str, str]], current: str) -> Line:
    parts: Line = (span(" mmexplorer ", Tone.BRIGHT),)
    for key, name in modes:
        parts += (span(f" {key} ", Tone.DIM), span(name, Tone.ACCENT if name == current else Tone.DIM))
    return parts


def _host(machine: Machine) -> Line:
    return (span(f"{machine.host} · Linux {machine.kernel.partition('-')[0]}", Tone.DIM),)


def _memory(machine: Machine) -> Line:
    total, available = machine.mem_total, machine.mem_available
    if isinstance(total, Unavailable) or isinstance(available, Unavailable):
        return (span("memory: —", Tone.DIM),)
    used = total - available
    filled = -(-_BAR * used // total) if total else 0
    return (
        *size_line(total),
        span(" ▕", Tone.DIM),
        span(_FULL * filled, Tone.ACCENT),
        span(_REST * (_BAR - filled), Tone.DIM),
        span("▏ used ", Tone.DIM),
        *size_line(used, Tone.BRIGHT),
        span("  avail ", Tone.DIM),
        *size_line(available, Tone.BRIGHT),
    )


def _cost(status: RefreshStatus) -> Line:
    pace = EMPTY if status.paused else (span(f"every {status.interval:g}s · ", Tone.DIM),)
    share = status.share
    tone = Tone.WARN if share is not None and share > SHARE else Tone.NORMAL
    written = "—" if share is None else f"{share:.2%}"
    return (*pace, span("looking costs ", Tone.DIM), span(written, tone), *_longest(status.longest))


def _longest(seconds: float) -> Line:
    if not seconds:
        return EMPTY
    tone = Tone.WARN if seconds > LONGEST_HOLD else Tone.NORMAL
    return (span(", holds ", Tone.DIM), span("<0.1ms" if seconds < _LEAST else f"{1000 * seconds:.1f}ms", tone))


def _age(age: float) -> Line:
    written = f"{max(0.0, age):.0f}s" if age < _OLD else f"{age / 60:.0f}min"
    return (span("counters ", Tone.DIM), span(f"{written} old", Tone.NORMAL))
