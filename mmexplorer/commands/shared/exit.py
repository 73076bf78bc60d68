"""How a command ends: the exit statuses, and the only exception passed from the commands to the cli."""

from collections.abc import Sequence

DONE = 0
CANNOT_READ = 1
WRONG_USAGE = 2
INTERRUPTED = 130
"""128 + SIGINT, as a shell would report it."""
CLOSED_PIPE = 141
"""128 + SIGPIPE."""


class CommandFailure(Exception):  # noqa: N818 - an exit with a reason, not a fault of the program
    """Ends the command with `status`. `line` goes to stderr after the program's name, then `details`, all cleaned."""

    def __init__(self, line: str, status: int = CANNOT_READ, details: Sequence[str] = ()) -> None:
        super().__init__(line)
        self.line = line
        self.status = status
        self.details = details
