"""What the app is started with: the services that its screens reach the machine through, and where it begins."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from mmexplorer.labs.interfaces import LabProcess, LabStage
from mmexplorer.model.process import ProcessKey
from mmexplorer.model.source import MemorySource, SystemSource


@dataclass(frozen=True, slots=True)
class Services:
    """Live, recorded or fake. Those that only some screens need are made when the first of these is shown."""

    memory: MemorySource
    lab: LabProcess
    system: Callable[[], SystemSource]
    """Called once, when the first picture is on the screen."""
    labs: Callable[[], LabStage]


class LabsStart(NamedTuple):
    """How the Labs screen begins."""

    lab: str = ""
    """The name of the lab that is chosen; "" for the first."""
    auto: bool = False
    """Whether it plays by itself; every lab, one after the other, if none was named."""


@dataclass(frozen=True, slots=True)
class Start:
    """Where the app begins."""

    mode: str = "explore"
    """The name of one of `MODES`."""
    target: ProcessKey | None = None
    """The process that Explore begins with; None: the first of its list."""
    interval: float = 1.0
    """Seconds between two looks."""
    labs: LabsStart = field(default_factory=LabsStart)
