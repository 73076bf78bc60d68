"""What a screen or a command needs of labs and the lab process: the kernel package serves it."""

from typing import Protocol

from mmexplorer.labs.lab import Lab
from mmexplorer.labs.outcome import Outcome
from mmexplorer.labs.protocol import LabReply
from mmexplorer.labs.state import LabState
from mmexplorer.model.memory.pages import PageStates
from mmexplorer.model.region import Range
from mmexplorer.model.unavailable import Unavailable


class LabSession(Protocol):
    """One lab being played, and the process it is played with. All of it may be called from any thread."""

    @property
    def state(self) -> LabState:
        """How far it is."""
        ...

    @property
    def pid(self) -> int | None:
        """The lab process; None while there is none."""
        ...

    @property
    def watched(self) -> Range | None:
        """The range whose pages the current step watches; None while it isn't there."""
        ...

    def pages(self) -> PageStates | Unavailable | None:
        """Read the pages that the step watches, also while it is being done; None while there are none.

        Of a large range, above a gigabyte, a part is read.
        """
        ...

    @property
    def calls(self) -> tuple[LabReply, ...]:
        """Every reply since the start or the last restart: the log of system calls."""
        ...

    def answer(self, text: str) -> str:
        """Predict; gives "" or a sentence that says what kind of answer is wanted."""
        ...

    def perform(self) -> Outcome | None:
        """Do the current step and measure; blocks for as long as that takes. None if it is done already or closed."""
        ...

    def forward(self) -> None:
        """Look at the next step."""
        ...

    def back(self) -> None:
        """Look at the step before."""
        ...

    def restart(self) -> None:
        """Begin again, with a new process."""
        ...

    def close(self) -> None:
        """End the process; nothing of it is left. Also interrupts `perform`, which then gives what it got."""
        ...


class OwnProgram(Protocol):
    """A copy of a lab's C program that the learner may change. All of it blocks, and may be called from any thread."""

    @property
    def path(self) -> str:
        """Where it is; "" if it can't be made."""
        ...

    def run(self) -> LabReply:
        """Compile it as it is now and run it to its end, with limits on time, memory, processes and files."""
        ...

    def close(self) -> None:
        """End it, and take it away."""
        ...


class LabStage(Protocol):
    """Where labs are played."""

    def lacks(self, lab: Lab) -> Unavailable | None:
        """Why the lab can't be played here; None if it can."""
        ...

    def open(self, lab: Lab) -> LabSession:
        """Begin to play; the process is started by the first step."""
        ...

    def own_program(self, lab: Lab) -> OwnProgram:
        """Make a copy of the C program of a lab that has one."""
        ...


class LabProcess(Protocol):
    """The one process that we change: our own child."""

    @property
    def pid(self) -> int | None:
        """The child's pid; None while it doesn't run."""
        ...

    @property
    def mapped(self) -> int:
        """How many of the mappings that `map` made are still there."""
        ...

    def start(self) -> None:
        """Spawn the child if it doesn't run, from any thread; it dies with this program."""
        ...

    def wait_ready(self) -> None:
        """Wait until the child has started up: from then on its map changes only by what it is told."""
        ...

    def map(self, size: int) -> LabReply:
        """Map `size` bytes of private anonymous memory, readable and writable.

        The figures say by how many bytes `VmSize` and `VmRSS` of `proc_pid_status(5)` changed on it; so with the
        other calls.
        """
        ...

    def touch(self, size: int) -> LabReply:
        """Write one byte into each of the next `size` bytes' pages of the newest mapping."""
        ...

    def unmap(self) -> LabReply:
        """Unmap the newest mapping."""
        ...

    def close(self) -> None:
        """End the child and wait for it; nothing of it is left."""
        ...
