"""What a lab that takes time read on the way: one reading before it, one after each step or each part of a step."""

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
    """The process and the machine at one moment. None is what was not read."""

    step: int
    """From 1 on; 0 before the first."""
    vm_size: int | None
    """Bytes; so with the next."""
    rss: int | None
    faults: int | None = None
    """Page faults of the process in this part."""
    machine_faults: float | None = None
    """Page faults of the whole machine a second in this part."""
    machine_free: int | None = None
    """Bytes free on the whole machine."""
    seconds: float = 0.0
    """How long the step had taken."""


def takes_time(lab: Lab) -> bool:
    """Whether a step of the lab reads on the way."""
    return any(operation.name == _OVER_TIME for step in lab.steps for operation in step.operations)


def readings(outcomes: Sequence[Outcome]) -> Iterator[Reading]:
    """Give the readings of the steps that are done, in the order of time."""
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
    """Read the table that the lab process printed; what is no row of it is left out."""
    for row in reply.output.splitlines():
        try:
            seconds, size, rss, faults, rate, free = map(float, row.split())
            reading = Reading(
                step, round(size * MIB), round(rss * MIB), round(faults), rate, round(free * MIB), seconds
            )
        except (ValueError, OverflowError):
            continue
        yield reading
