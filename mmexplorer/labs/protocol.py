"""Requests to the lab process, and its replies."""

from collections.abc import Mapping

from mmexplorer.model.value import field, frozen


@frozen
class Operation:
    """A request to the lab process. `labs/operations.py` makes them."""

    name: str
    """The system call or library function, as the lab process knows it."""
    arguments: Mapping[str, int | str | bool]


@frozen
class Fault:
    """The signal caused by a fault: `siginfo_t`, sigaction(2)."""

    signal: str
    """SIGSEGV or SIGBUS."""
    code: str
    """si_code: SEGV_MAPERR, SEGV_ACCERR, BUS_ADRERR ...; a number if unknown."""
    address: int
    """si_addr."""


@frozen
class LabReply:
    """The lab process's answer."""

    call: str
    """The calls as strace(1) prints them, with results, one per line: `mmap(NULL, ...) = 0x7f...`."""
    ok: bool
    error: str = ""
    """Why it failed: "ENOMEM: cannot allocate memory; RLIMIT_AS allows 64M"; "" if `ok`."""
    start: int = 0
    """Start and end of the range concerned; both 0 if there is none."""
    end: int = 0
    figures: Mapping[str, int] = field(default_factory=dict)
    """What the lab process itself counted, such as the faults of these touches alone."""
    fault: Fault | None = None
    """The signal it received, whether it ended by it or not."""
    ended: str = ""
    """How the process ended: "was ended by SIGSEGV", "exited with status 3"; "" if it didn't."""
    output: str = ""
    """What the program printed meanwhile; not cleaned."""
