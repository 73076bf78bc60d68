"""The readings of a lab over time: one before it, one after each step or part of a step."""

from collections.abc import Iterator, Sequence

from mmexplorer.labs.lab import MIB, Lab
from mmexplorer.labs.measurement import Measurement
from mmexplorer.labs.outcome import Outcome
from mmexplorer.labs.protocol import LabReply
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import frozen

_OVER_TIME = "touch_over_time"


@frozen
class Reading:
    """Process and machine at one moment. None: not read."""

    step: int
    """The number of the step, from 1; 0 before the first."""
    vm_size: int | None
    """Bytes, like the next."""
    rss: int | None
    faults: int | None = None
    """The process's page faults in this part."""
    machine_faults: float | None = None
    """The machine's page faults per second in this part."""
    machine_free: int | None = None
    """Bytes free on the whole machine."""
    seconds: float = 0.0
    """Seconds since the step began."""


def takes_time(lab: Lab) -> bool:
    """Return whether a step of the lab takes readings while it runs."""
    return any(operation.name == _OVER_TIME for step in lab.steps for operation in step.operations)


def readings(outcomes: Sequence[Outcome]) -> Iterator[Reading]:
    """Yield the readings of the steps done so far, in order."""
    if outcomes:
        yield _measured(0, outcomes[0].before)
    for number, outcome in enumerate(outcomes, 1):
        on_the_way = [
            reading
            for operation, reply in zip(outcome.step.operations, outcome.replies, strict=False)
            if operation.name == _OVER_TIME
            for reading in _rows(number, reply)
        ]
        yield from on_the_way or (_measured(number, outcome.after),)


def _measured(step: int, measured: Measurement | Unavailable) -> Reading:
    counters = measured.counters if isinstance(measured, Measurement) else {}
    return Reading(step, counters.get("VmSize"), counters.get("Rss"))


def _rows(step: int, reply: LabReply) -> Iterator[Reading]:
    """Yield the rows of the table that the lab process printed; other lines are skipped."""
    for row in reply.output.splitlines():
        try:
            seconds, size, rss, faults, rate, free = map(float, row.split())
            reading = Reading(
                step, round(size * MIB), round(rss * MIB), round(faults), rate, round(free * MIB), seconds
            )
        except (ValueError, OverflowError):
            continue
        yield reading
