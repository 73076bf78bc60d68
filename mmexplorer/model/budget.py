"""How often smaps may be read: it stalls the process that is looked at (kernel/README.md, "smaps").

Of the wall time at most `SHARE` goes into smaps; maps, which is cheap, is read every tick whatever it costs.
"""

SHARE = 0.01
"""Of the time that passes."""
CHEAP = 0.02
"""Seconds. A first reading that is expected to take less is made at once, so that the first picture has counters."""

_PER_RESIDENT_BYTE = 0.014 / 2**30
"""Seconds, measured: the walk of the page tables."""
_TIMES_MAPS = 9
"""Measured: what writing the text of smaps costs, against that of maps."""
_MAPS_PER_REGION_AT_MOST = 20e-6
"""Seconds, several times what is measured on a slow machine: what took longer was an interruption, not the reading."""


def expected_seconds(rss: int, maps_seconds: float, regions: int) -> float:
    """Give what reading smaps will cost a process with `rss` resident bytes whose maps of `regions` took so long."""
    return _PER_RESIDENT_BYTE * rss + _TIMES_MAPS * min(maps_seconds, _MAPS_PER_REGION_AT_MOST * regions)


def may_read(waited: float, expected: float) -> bool:
    """Whether smaps may be read now, `waited` seconds after it was last read or the process first looked at."""
    return waited * SHARE >= expected
