"""What screens and commands need of labs and the lab process; implemented by the kernel package."""

from mmexplorer.labs.lab import Lab
from mmexplorer.labs.outcome import Outcome
from mmexplorer.labs.protocol import LabReply
from mmexplorer.labs.state import LabState
from mmexplorer.model.memory.pages import PageStates
from mmexplorer.model.region import Range
from mmexplorer.model.typed import Protocol
from mmexplorer.model.unavailable import Unavailable


class LabSession(Protocol):
    """A lab being played, with its process. Its methods may be called from any thread."""

    @property
    def state(self) -> LabState:
        """The progress."""
        ...

    @property
    def pid(self) -> int | None:
        """The pid of the lab process; None while there is none."""
        ...

    @property
    def watched(self) -> Range | None:
        """The range whose pages the current step watches; None if there is none."""
        ...

    def pages(self) -> PageStates | Unavailable | None:
        """Read the pages that the step watches, also while it is under way; None if there are none.

        Of a large range, above a gigabyte, a part is read.
        """
        ...

    @property
    def calls(self) -> tuple[LabReply, ...]:
        """All replies since the start or the last restart, for the log of calls."""
        ...

    def answer(self, text: str) -> str:
        """Predict; return "", or a sentence about the kind of answer expected."""
        ...

    def perform(self) -> Outcome | None:
        """Do the current step and measure; blocks meanwhile. Returns None if it was already done, or after `close`."""
        ...

    def forward(self) -> None:
        """Go to the next step."""
        ...

    def back(self) -> None:
        """Go back to the previous step."""
        ...

    def restart(self) -> None:
        """Restart with a new process."""
        ...

    def close(self) -> None:
        """End the process and clean up; interrupts `perform`, which then returns what it has so far."""
        ...


class OwnProgram(Protocol):
    """A copy of a lab's C program for the learner to edit. Its methods block, and may be called from any thread."""

    @property
    def path(self) -> str:
        """Its path; "" if it couldn't be made."""
        ...

    def run(self) -> LabReply:
        """Compile it and run it to its end, with limits on time, memory, processes and files."""
        ...

    def close(self) -> None:
        """End the program and remove the copy."""
        ...


class LabStage(Protocol):
    """Opens labs."""

    def lacks(self, lab: Lab) -> Unavailable | None:
        """Return why the lab can't be played here; None if it can."""
        ...

    def open(self, lab: Lab) -> LabSession:
        """Open a lab; its process is started by the first step."""
        ...

    def own_program(self, lab: Lab) -> OwnProgram:
        """Copy the C program of a lab that has one."""
        ...


class LabProcess(Protocol):
    """Our own child, the only process that we change."""

    @property
    def pid(self) -> int | None:
        """The child's pid; None while it isn't running."""
        ...

    @property
    def mapped(self) -> int:
        """The number of mappings made by `map` that still exist."""
        ...

    def start(self) -> None:
        """Spawn the child if it isn't running, from any thread; it dies with this program."""
        ...

    def wait_ready(self) -> None:
        """Wait until the child has started; after that, its map only changes on request."""
        ...

    def map(self, size: int) -> LabReply:
        """Map `size` bytes of private anonymous memory, readable and writable.

        The figures say by how many bytes `VmSize` and `VmRSS` of `proc_pid_status(5)` changed on it; so with the
        other calls.
        """
        ...

    def touch(self, size: int) -> LabReply:
        """Write one byte into each page of the next `size` bytes of the newest mapping."""
        ...

    def unmap(self) -> LabReply:
        """Unmap the newest mapping."""
        ...

    def close(self) -> None:
        """End the child and wait for it."""
        ...
