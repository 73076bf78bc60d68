"""The modes: the big screens, each shown by a key of its own, and what they are made from.

Keys, header and app are made from this one table, which the live machine (`commands/live.py`) is put behind.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from textual.screen import Screen

from mmexplorer.labs.interfaces import LabProcess, LabStage
from mmexplorer.labs.lab import Lab
from mmexplorer.labs.lesson import Lesson
from mmexplorer.model.memory.inspection import Inspector, NoInspector
from mmexplorer.model.process import ProcessKey
from mmexplorer.model.source import Elsewhere, MemorySource, NoPast, Past, Recorder
from mmexplorer.model.system.past import SystemPast
from mmexplorer.model.system.source import SystemSource
from mmexplorer.model.value import field, frozen
from mmexplorer.present.capture.opened import OpenedFile

if TYPE_CHECKING:  # it is made from the table
    from mmexplorer.ui.app import MmexplorerApp


@frozen
class Services:
    """Live, recorded or fake. Those that only some screens need are made when the first of these is shown."""

    memory: MemorySource
    lab: LabProcess
    system: Callable[[], SystemSource]
    """Called once, when the first picture is on the screen."""
    labs: Callable[[], LabStage]
    inspector: Inspector = field(default_factory=NoInspector)
    """Of the memory below regions; what is shown from a file has none."""
    past: Past = field(default_factory=NoPast)
    recorder: Recorder | None = None
    """None where nothing goes on that could be recorded."""
    system_past: SystemPast | None = None
    """The moments of a file; None where the last minutes of the machine are remembered."""
    elsewhere: Elsewhere | None = None
    """What else can be compared with; None where there is nothing but what is shown."""


class LabsStart(NamedTuple):
    """How the Labs screen begins."""

    lab: str = ""
    """The name of the lab that is chosen; "" for the first."""
    auto: bool = False
    """Whether it plays by itself; every lab, one after the other, if none was named."""
    own: Lab | None = None
    """A lab from a file, which stands after those of the chapter."""
    lesson: Lesson | None = None
    """The lesson that is given; None for none."""
    at: int = 0
    """The stop of the lesson, or the step of the lab, that is gone to first; 0 for none."""
    big: bool = False
    """Whether it is shown as for a projector."""


@frozen
class Start:
    """Where the app begins."""

    mode: str = "explore"
    """The name of one of `MODES`."""
    target: ProcessKey | None = None
    """The process that Explore begins with; None: the first of its list."""
    filter: str = ""
    """What Explore's list of processes is filtered by at first."""
    interval: float = 1.0
    """Seconds between two looks."""
    labs: LabsStart = field(default_factory=LabsStart)
    at: float | None = None
    """The moment to begin with (CLOCK_BOOTTIME); None for the newest."""
    file: OpenedFile | None = None
    """What is looked at instead of the machine."""
    theme: str = ""
    """The short name of one of `THEMES`, as `--theme` has it; "" for the default."""


# A screen is imported when it is first shown: Explore comes without the other ones.


def _explore(app: "MmexplorerApp") -> Screen[None]:
    from mmexplorer.ui.explore.screen import ExploreScreen  # noqa: PLC0415

    return ExploreScreen(app.services, app.start, app.moment)


def _system(app: "MmexplorerApp") -> Screen[None]:
    from mmexplorer.ui.system.screen import SystemScreen  # noqa: PLC0415

    return SystemScreen(app.system_poller, app.moment, app.explored, app.open_in_explore, file=app.start.file)


def _labs(app: "MmexplorerApp") -> Screen[None]:
    from mmexplorer.ui.labs.screen import LabsScreen  # noqa: PLC0415

    return LabsScreen(app.services.labs(), app.start.labs, app.machine)


@frozen
class Mode:
    """One of the big screens."""

    name: str
    """What it is called in the code: its package in ui, and the place of its keys."""
    key: str
    title: str
    """What it is called on the screen."""
    help: str
    """What its key does, in one sentence."""
    make: Callable[["MmexplorerApp"], Screen[None]]
    """Makes the screen from the services and the other things of the app that it needs; called once."""


MODES = (
    Mode("explore", "1", "Explore", "Show processes, regions and ELF side by side.", _explore),
    Mode("system", "2", "System", "Show free, sar and which process the OOM killer would choose.", _system),
    Mode("labs", "3", "Labs", "Show the experiments: predict, do, see what happened.", _labs),
)
"""In the order of their keys."""
