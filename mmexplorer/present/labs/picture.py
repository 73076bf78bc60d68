"""What the picture of a lab shows: each process before and after a step, a fault, the memory of a simulator."""

from collections.abc import Iterator, Sequence
from itertools import chain

from mmexplorer.labs.lab import Lab, Step
from mmexplorer.labs.measurement import Measurement, Program
from mmexplorer.labs.outcome import Outcome
from mmexplorer.labs.simulated.simulator import PICTURE_CELLS
from mmexplorer.model.memory.pages import PageStates
from mmexplorer.model.region import Range, Region
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.elf.loader import loader_lines
from mmexplorer.present.labs.counters import Counter, Seen, brief_counters, machine_counters
from mmexplorer.present.labs.curves import curve_lines
from mmexplorer.present.labs.listing import listing
from mmexplorer.present.labs.side_by_side import maps_side_by_side
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span

_OWN = "the lab process"
_PROGRAM = "the program"
_SIMULATED = "the memory, simulated"
_PAGE = 4096
"""Bytes; the labs about programs need this page size."""


class View(NamedTuple):
    """One process before and after a step."""

    name: str
    before: Seen
    after: Seen

    @property
    def regions_before(self) -> tuple[Region, ...]:
        """The map before the step; empty if unknown."""
        return _regions(self.before)

    @property
    def regions(self) -> tuple[Region, ...]:
        """The map after the step; for a process that has ended, the one before."""
        return _regions(self.after) or _regions(self.before)

    @property
    def ended(self) -> bool:
        """Whether the process has ended, so that the map is its last one."""
        return not _regions(self.after) and bool(_regions(self.before))

    @property
    def pages(self) -> PageStates | Unavailable | None:
        """The states of the pages that the step watches; None if it watches none."""
        return self.after.pages if isinstance(self.after, Measurement) else None


class LabPicture(NamedTuple):
    """The contents of the picture."""

    views: tuple[View, ...] = ()
    """The lab process comes first; empty before the first step and in a simulation."""
    compared: bool = False
    """Whether the views show the changes of a step."""
    fault: int | None = None
    """The address of a fault."""
    touched: Range | None = None
    """The range of the last call."""
    drawing: tuple[Line, ...] = ()
    """The simulator's memory, a program's table or text, or curves."""
    program: tuple[Region, ...] = ()
    """The map of the program that the step runs."""
    machine: tuple[Counter, ...] = ()
    """Counters of the machine's memory."""
    sentence: str = ""
    """Why there is no picture."""
    actor: str = ""
    """The name of the process that did the whole step, if it isn't the lab process."""
    title: str = _OWN
    """The title if there is no process."""

    @property
    def main(self) -> int:
        """The index of the view to show first.

        This is the process that does the step, else the program that runs, else the lab process, or the next one if
        no pages are watched.
        """
        acting = (index for index, view in enumerate(self.views) if self.actor and view.name == self.actor)
        programs = (index for index, view in enumerate(self.views) if view.regions and view.regions == self.program)
        idle = len(self.views) > 1 and all(view.pages is None for view in self.views)
        return next(chain(acting, programs), int(idle))


def named_counters(view: View, width: int) -> Line:
    """Return one line with the name of the process and as many of its counters as fit `width` cells."""
    name = span(f"{view.name}  ", Tone.BRIGHT)
    return (name, *brief_counters(view.before, view.after, width - len(name.text)))


def brief_line(shown: LabPicture, width: int) -> Line:
    """Return the counters of the view shown first in one line, with its name if there are others; empty without."""
    if not shown.views:
        return EMPTY
    view = shown.views[shown.main]
    return named_counters(view, width) if len(shown.views) > 1 else brief_counters(view.before, view.after, width)


def picture(lab: Lab, outcomes: Sequence[Outcome], index: int) -> LabPicture:
    """Return what step `index` changed; while it isn't done, the state after the previous step."""
    done = index < len(outcomes)
    last = outcomes[index] if done else outcomes[-1] if outcomes else None
    if lab.simulator is not None:
        return LabPicture(drawing=tuple(_simulated(last)), title=_SIMULATED)
    drawing = tuple(_drawn(lab, outcomes, index))
    if last is None:
        return LabPicture(sentence="The first step starts the lab process.", drawing=drawing)
    if not done and lab.steps[index].fresh:
        return LabPicture(sentence="This step starts with a new process.", drawing=drawing)
    shown = _compared(last) if done else LabPicture(tuple(_views(None, last.after)), touched=_touched(last))
    return shown._replace(drawing=(*drawing, *shown.drawing))


def _drawn(lab: Lab, outcomes: Sequence[Outcome], index: int) -> Iterator[Line]:
    """Yield the lab's curves, or its program's text, or after the last step the maps compared."""
    yield from curve_lines(lab, outcomes[: index + 1])
    if index < len(lab.steps) - 1 or index >= len(outcomes):
        begins_anew = index >= len(outcomes) and lab.steps[index].fresh
        yield from listing(lab, () if begins_anew else outcomes[: index + 1])
        return
    compared = tuple(maps_side_by_side(lab, outcomes))
    yield from compared or listing(lab, outcomes)


def _compared(outcome: Outcome) -> LabPicture:
    faults = [reply.fault.address for reply in (*outcome.prepared, *outcome.replies) if reply.fault is not None]
    return LabPicture(
        tuple(_views(outcome.before, outcome.after)),
        compared=True,
        fault=faults[-1] if faults else None,
        touched=_touched(outcome),
        drawing=tuple(_program_table(outcome.after)),
        program=_program(outcome.after),
        machine=tuple(machine_counters(outcome.figures)),
        actor=_actor(outcome.step),
    )


def _actor(step: Step) -> str:
    """Return the name of the process that does all of the step; "" for the lab process or for several."""
    processes = {str(operation.arguments.get("process", "")) for operation in step.operations}
    return processes.pop() if len(processes) == 1 else ""


def _simulated(outcome: Outcome | None) -> Iterator[Line]:
    if outcome is not None and "units" in outcome.figures.numbers:
        yield line(span(_units_legend(outcome.figures["units"]), Tone.DIM))
        yield EMPTY
    for reply in outcome.replies if outcome is not None else ():
        yield from (line(span(text, Tone.BRIGHT)) for text in reply.output.splitlines())


def _units_legend(units: int) -> str:
    if units <= PICTURE_CELLS:
        return "A letter shows who owns a unit, a dot is a free unit."
    return f"Each sign is {units // PICTURE_CELLS} units, and shows who owns the first."


def _program_table(after: Seen) -> Iterator[Line]:
    program = after.program if isinstance(after, Measurement) else None
    if isinstance(program, Unavailable):
        yield line(span(f"the program's table: — {program}", Tone.WARN))
    elif program is not None:
        loaded = next((each for each in program.layout.images if each.image.path == program.image.path), None)
        yield line(span("the program's table: file offset, size, address", Tone.DIM))
        yield from loader_lines(program.image, loaded, _PAGE)


def _touched(outcome: Outcome) -> Range | None:
    if isinstance(outcome.after, Measurement) and isinstance(outcome.after.pages, PageStates):
        return outcome.after.pages.range
    ranges = [Range(reply.start, reply.end) for reply in outcome.replies if reply.end > reply.start]
    return ranges[-1] if ranges else None


def _views(before: Seen, after: Seen) -> Iterator[View]:
    yield View(_OWN, before, after)
    for name in _others(after) or _others(before):
        yield View(name, _others(before).get(name), _others(after).get(name))
    if _program(after) and not any(_regions(other) == _program(after) for other in _others(after).values()):
        yield View(_PROGRAM, _as_measured(before), _as_measured(after))


def _others(seen: Seen) -> dict[str, Measurement | Unavailable]:
    return dict(seen.others) if isinstance(seen, Measurement) else {}


def _program(seen: Seen) -> tuple[Region, ...]:
    found = seen.program if isinstance(seen, Measurement) else None
    return found.regions if isinstance(found, Program) else ()


def _as_measured(seen: Seen) -> Seen:
    return Measurement(_program(seen), {}) if isinstance(seen, Measurement) else seen


def _regions(seen: Seen) -> tuple[Region, ...]:
    return seen.regions if isinstance(seen, Measurement) else ()
