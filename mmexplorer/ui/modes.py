"""The modes, which are the main screens, each with its own key, and the services they need.

Keys, header and app are built from this one table; `commands/screens/live.py` supplies the live machine's services.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.screen import Screen

from mmexplorer.model.memory.inspection import Inspector, NoInspector
from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.source import Elsewhere, MemorySource, NoPast, Past, Recorder
from mmexplorer.model.value import NamedTuple, field, frozen

if TYPE_CHECKING:  # needed by the other modes and files; the app is made from the table
    from mmexplorer.labs.interfaces import LabProcess, LabStage
    from mmexplorer.labs.lab import Lab
    from mmexplorer.labs.lesson import Lesson
    from mmexplorer.model.system.past import SystemPast
    from mmexplorer.model.system.source import SystemSource
    from mmexplorer.present.capture.opened import OpenedFile
    from mmexplorer.ui.app import MmexplorerApp


@frozen
class Services:
    """The sources behind the screens: live, recorded or fake. Those that only some screens need are created lazily."""

    memory: MemorySource
    lab: "LabProcess"
    system: "Callable[[], SystemSource]"
    """Called once, after the first frame."""
    labs: "Callable[[], LabStage]"
    inspector: Inspector = field(default_factory=NoInspector)
    """Reads the memory behind regions; that of a file knows only what the file has (`Inspector.live`)."""
    past: Past = field(default_factory=NoPast)
    recorder: Recorder | None = None
    """None if there is nothing to record."""
    system_past: "SystemPast | None" = None
    """The moments in a file; None if the machine's last minutes are kept in memory."""
    elsewhere: Elsewhere | None = None
    """Opens other things to compare with; None if there are none."""


class LabsStart(NamedTuple):
    """How the Labs screen starts."""

    lab: str = ""
    """The name of the selected lab; "" for the first."""
    auto: bool = False
    """Whether it plays by itself; if no lab was named, all of them in turn."""
    own: "Lab | None" = None
    """A lab from a file, listed after those of the chapter."""
    lesson: "Lesson | None" = None
    """The lesson to teach; None for none."""
    at: int = 0
    """The stop of the lesson, or step of the lab, to go to first; 0 for none."""
    big: bool = False
    """Whether to lay it out for a projector."""


@frozen
class Start:
    """How the app starts."""

    mode: str = "explore"
    """The name of one of `MODES`."""
    target: ProcessKey | None = None
    """The process that Explore selects first; None for the first in its list."""
    filter: str = ""
    """The initial filter of Explore's process list."""
    interval: float = 1.0
    """Seconds between refreshes."""
    labs: LabsStart = field(default_factory=LabsStart)
    at: float | None = None
    """The moment to show first (CLOCK_BOOTTIME); None for the newest."""
    file: "OpenedFile | None" = None
    """The file to show instead of the live machine."""
    theme: str = ""
    """The short name of one of `THEMES`, as given to `--theme`; "" for the default."""


# Each screen is imported when first shown: Explore loads without the others.


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
    """One of the main screens."""

    name: str
    """Its name in the code: its package in ui, and the place of its keys."""
    key: str
    title: str
    """Its name on the screen."""
    help: str
    """What its key does, in one sentence."""
    make: Callable[["MmexplorerApp"], Screen[None]]
    """Creates the screen from the app's services; called once."""


MODES = (
    Mode("explore", "1", "Explore", "Show processes, regions and ELF side by side.", _explore),
    Mode("system", "2", "System", "Show free, sar and which process the OOM killer would choose.", _system),
    Mode("labs", "3", "Labs", "Show the experiments: predict, do, see what happened.", _labs),
)
"""In the order of their keys."""
