"""How often smaps may be read: it stalls the process that is looked at (kernel/README.md, "smaps").

Of the wall time at most `SHARE` goes into smaps, and it is read unasked only where no single read(2) holds the lock of
the process's memory for longer than `LONGEST_HOLD`; maps, which is cheap, is read every tick whatever it costs.
"""

SHARE = 0.01
"""Of the time that passes."""
CHEAP = 0.02
"""Seconds. A first reading that is expected to take less is made at once, so that the first picture has counters."""
LONGEST_HOLD = 0.002
"""Seconds."""
_SLOWER = 8
"""How many times longer a machine may take than the one that was measured; more was an interruption."""

_PER_RESIDENT_BYTE = 0.014 / 2**30
"""Seconds, measured: the walk of the page tables."""
_TIMES_MAPS = 9
"""Measured: what writing the text of smaps costs, against that of maps."""
_MAPS_PER_REGION_AT_MOST = 20e-6
"""Seconds, several times what is measured on a slow machine: what took longer was an interruption, not the reading."""


def expected_seconds(rss: int, maps_seconds: float, regions: int) -> float:
    """Give what reading smaps will cost a process with `rss` resident bytes whose maps of `regions` took so long."""
    return seconds_of(rss) + _TIMES_MAPS * min(maps_seconds, _MAPS_PER_REGION_AT_MOST * regions)


def may_read(waited: float, expected: float) -> bool:
    """Whether smaps may be read now, `waited` seconds after it was last read or the process first looked at."""
    return waited * SHARE >= expected


def seconds_of(resident: int) -> float:
    """Give for how long the walk of `resident` bytes holds a process up: those of a region are gone over at once."""
    return _PER_RESIDENT_BYTE * resident


def holds_too_long(expected: float, measured: float | None) -> bool:
    """Whether a reading of smaps would hold the process up for too long; `measured` is what the last one took."""
    plausible = measured is not None and expected > LONGEST_HOLD / _SLOWER
    return (measured if measured is not None and plausible else expected) > LONGEST_HOLD
