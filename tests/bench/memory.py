"""The memory of Explore: after its start, with many regions, and after it was left alone."""

import re
from pathlib import Path
from typing import NamedTuple

from tests.bench.programs import ENVIRONMENT, FEW, FOLDER, SIZES, looking_at
from tests.bench.target import regions
from tests.bench.terminal import Drained

START_BOUND, IDLE_BOUND, GROWTH_BOUND = 45, 50, 20
"""Megabytes resident after the start, and after an hour; and how many more with the most regions."""
PER_REGION_BOUND = 250
"""Bytes of anonymous memory."""

_SETTLE = 6.0
_MEGABYTE = 1e6


class MemoryUse(NamedTuple):
    """Megabytes, except for the last."""

    start: float
    idle: float | None
    growth: float
    """What the most regions take in addition, before their counters are asked for."""
    per_region: float
    """Bytes that one more region takes, with its counters."""


class _Used(NamedTuple):
    resident: float
    with_counters: float
    """Anonymous."""
    idle: float | None


def memory_use(idle: float) -> MemoryUse:
    """Look at few and at many regions; at the few once more after so many minutes, unless that is 0."""
    most = SIZES[-1]
    with regions(FEW) as few, regions(most) as many:
        little, much = _use(few.pid, idle), _use(many.pid, 0)
    per_region = (much.with_counters - little.with_counters) / (most - FEW)
    growth = much.resident - little.resident
    after = None if little.idle is None else little.idle / _MEGABYTE
    return MemoryUse(little.resident / _MEGABYTE, after, growth / _MEGABYTE, per_region)


def _use(pid: int, idle: float) -> _Used:
    with Drained(looking_at(pid), ENVIRONMENT, FOLDER) as program:
        program.drain(_SETTLE)
        resident = _bytes(program, "VmRSS")
        program.type("r")
        program.drain(_SETTLE)
        with_counters = _bytes(program, "RssAnon")
        program.drain(60 * idle)
        return _Used(resident, with_counters, _bytes(program, "VmRSS") if idle else None)


def _bytes(program: Drained, name: str) -> float:
    found = re.search(rf"^{name}:\s+(\d+) kB$", Path(f"/proc/{program.process.pid}/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1]) << 10
