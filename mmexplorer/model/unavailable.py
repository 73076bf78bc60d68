"""The value used for something that could not be read: a reason, never 0."""

from enum import Enum

from mmexplorer.model.value import frozen


class Cause(Enum):
    """Why something is unavailable. Errnos from /proc fall into these classes."""

    GONE = "gone"
    DENIED = "denied"
    UNSUPPORTED = "unsupported"
    MALFORMED = "malformed"
    NO_ANSWER = "no answer"
    """A file system served by a program or over a network blocks its callers."""
    NOT_READ = "not read"
    """Not requested yet, or skipped to limit the cost of looking."""


@frozen
class Unavailable:
    """A reason in place of a value."""

    cause: Cause
    reason: str
    """Lower case, no full stop: it follows a dash on the screen and `prog: PID: ` on stderr."""
    remedy: str = ""
    """What the user can do, if anything: "run with sudo, or grant CAP_SYS_PTRACE"."""

    def __str__(self) -> str:
        """Return the reason, with the remedy after a semicolon."""
        return f"{self.reason}; {self.remedy}" if self.remedy else self.reason
