"""The value that stands where a value could not be read: a reason, never a 0."""

from enum import Enum

from mmexplorer.model.value import frozen


class Cause(Enum):
    """Why something could not be had. The classes an errno of /proc falls into."""

    GONE = "gone"
    DENIED = "denied"
    UNSUPPORTED = "unsupported"
    MALFORMED = "malformed"
    NO_ANSWER = "no answer"
    """A file system, served by a program or over a network, lets whoever asks wait."""
    NOT_READ = "not read"
    """Not asked for yet, or given up to keep the cost of looking bounded."""


@frozen
class Unavailable:
    """A sentence in the place of a value."""

    cause: Cause
    reason: str
    """Lower case, no full stop: it follows a dash on the screen and `prog: PID: ` on stderr."""
    remedy: str = ""
    """The way out, when there is one: "run with sudo, or grant CAP_SYS_PTRACE"."""

    def __str__(self) -> str:
        """Give the reason, and the way out after a semicolon."""
        return f"{self.reason}; {self.remedy}" if self.remedy else self.reason
