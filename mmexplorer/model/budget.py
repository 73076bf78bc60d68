"""How often smaps may be read: reading it stalls the process (kernel/README.md, "smaps").

At most `SHARE` of wall time is spent reading smaps, and it is read automatically only if no single read(2) holds the
process's mmap lock for longer than `LONGEST_HOLD`. maps, which is cheap, is read every tick regardless.
"""

SHARE = 0.01
"""Fraction of elapsed time."""
CHEAP = 0.02
"""Seconds. A first reading expected to take less is made at once, so that the first picture has counters."""
LONGEST_HOLD = 0.002
"""Seconds."""
_SLOWER = 8
"""How many times slower a machine may be than the one measured; anything more was an interruption."""

_PER_RESIDENT_BYTE = 0.014 / 2**30
"""Seconds, measured: walking the page tables."""
_TIMES_MAPS = 9
"""Measured: the cost of formatting smaps, relative to maps."""
_MAPS_PER_REGION_AT_MOST = 20e-6
"""Seconds, several times what a slow machine needs: anything longer was an interruption, not the reading."""


def expected_seconds(rss: int, maps_seconds: float, regions: int) -> float:
    """Estimate the seconds needed to read smaps: `maps_seconds` is what reading the maps of `regions` took."""
    return seconds_of(rss) + _TIMES_MAPS * min(maps_seconds, _MAPS_PER_REGION_AT_MOST * regions)


def may_read(waited: float, expected: float) -> bool:
    """Return whether smaps may be read now, `waited` seconds after its last reading or after the first look."""
    return waited * SHARE >= expected


def seconds_of(resident: int) -> float:
    """Return how long a walk of `resident` bytes stalls the process: a region is walked in one go."""
    return _PER_RESIDENT_BYTE * resident


def holds_too_long(expected: float, measured: float | None) -> bool:
    """Return whether reading smaps would stall the process for too long; `measured` is what the last reading took."""
    plausible = measured is not None and expected > LONGEST_HOLD / _SLOWER
    return (measured if measured is not None and plausible else expected) > LONGEST_HOLD
