"""Pressure-stall information in words."""

from mmexplorer.model.system.pressure import Pressure, Stall
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.text.line import Line, Tone, line, span

_MICROSECONDS = 1_000_000


def pressure_lines(pressure: Pressure | Unavailable) -> tuple[Line, ...]:
    """Write both lines with what they mean, or why there are none."""
    if isinstance(pressure, Unavailable):
        return (line(span("pressure — ", Tone.DIM), span(str(pressure), Tone.DIM)),)
    some = _stall("some", pressure.some, "of the time at least one task waited for memory")
    if pressure.full is None:
        return (some,)
    return (some, _stall("full", pressure.full, "of the time all of them did, and nothing was done"))


def _stall(name: str, stall: Stall, words: str) -> Line:
    tone = Tone.WARN if stall.avg10 > 0 else Tone.BRIGHT
    return line(
        span(f"{name} ", Tone.ACCENT),
        span(f"{stall.avg10:.2f} %", tone),
        f" in 10 s, {stall.avg60:.2f} % in 60 s, {stall.avg300:.2f} % in 300 s {words}; ",
        span(f"{stall.total / _MICROSECONDS:.1f} s since boot", Tone.DIM),
    )
