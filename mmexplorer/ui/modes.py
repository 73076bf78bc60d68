"""The modes: the big screens, each shown by a key of its own. Keys, header and app are made from this one table."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.screen import Screen

if TYPE_CHECKING:  # it is made from the table
    from mmexplorer.ui.app import MmexplorerApp

# A screen is imported when it is first shown: Explore comes without the other ones.


def _explore(app: "MmexplorerApp") -> Screen[None]:
    from mmexplorer.ui.explore.screen import ExploreScreen  # noqa: PLC0415

    return ExploreScreen(app.services.memory, app.services.lab, app.start.target, app.start.interval)


def _system(app: "MmexplorerApp") -> Screen[None]:
    from mmexplorer.ui.system.screen import SystemScreen  # noqa: PLC0415

    return SystemScreen(app.system_poller, app.explored, app.open_in_explore)


def _labs(app: "MmexplorerApp") -> Screen[None]:
    from mmexplorer.ui.labs.screen import LabsScreen  # noqa: PLC0415

    return LabsScreen(app.services.labs(), app.start.labs, app.machine)


@dataclass(frozen=True, slots=True)
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
    Mode("system", "2", "System", "Show free, sar and who the OOM killer would take.", _system),
    Mode("labs", "3", "Labs", "Show the experiments: predict, do it, see what happened.", _labs),
)
"""In the order of their keys."""
