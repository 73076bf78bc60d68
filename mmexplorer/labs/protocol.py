"""What is said to the lab process, and what it answers."""

from collections.abc import Mapping

from mmexplorer.model.value import field, frozen


@frozen
class Operation:
    """One thing the lab process does. `labs/operations.py` makes them."""

    name: str
    """The system call or library function, as the lab process knows it."""
    arguments: Mapping[str, int | str | bool]


@frozen
class Fault:
    """The signal that a fault ended in: `siginfo_t`, sigaction(2)."""

    signal: str
    """SIGSEGV or SIGBUS."""
    code: str
    """si_code: SEGV_MAPERR, SEGV_ACCERR, BUS_ADRERR ...; an unknown one in digits."""
    address: int
    """si_addr."""


@frozen
class LabReply:
    """What the lab child answered."""

    call: str
    """The system call as strace(1) prints it, with its result: `mmap(NULL, ...) = 0x7f...`; one a line of several."""
    ok: bool
    error: str = ""
    """Why not, when not ok: "ENOMEM: cannot allocate memory; RLIMIT_AS allows 64M"."""
    start: int = 0
    """The range the call was about; both 0 where it has none."""
    end: int = 0
    figures: Mapping[str, int] = field(default_factory=dict)
    """What the child itself counted: the faults of just these touches, for example."""
    fault: Fault | None = None
    """The signal it got on the way, whether it ended by it or not."""
    ended: str = ""
    """How the process ended on it: "ended by SIGSEGV", "exited with status 3"; "" while it runs."""
    output: str = ""
    """What the lab's program printed meanwhile; not cleaned."""
