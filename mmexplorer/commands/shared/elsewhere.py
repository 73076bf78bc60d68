"""What the screens may compare with what they show: another process, a capture, a core file, a text."""

from mmexplorer.commands.shared.exit import CommandFailure
from mmexplorer.commands.shared.sources import find_side
from mmexplorer.kernel.capture.sources import STDIN
from mmexplorer.model.capture.comparison import Side
from mmexplorer.model.unavailable import Cause, Unavailable


class Elsewhere:
    """Understands what `mmexplorer diff` understands, but for standard input, which is the keyboard."""

    def __init__(self, boot: str) -> None:
        self._boot = boot

    @property
    def boot(self) -> str:
        """What tells the boot of the machine that is shown from all others; "" where that isn't known."""
        return self._boot

    def find(self, text: str) -> Side | Unavailable:
        """Read what is meant."""
        if text == STDIN:
            return Unavailable(Cause.UNSUPPORTED, "standard input is the keyboard here")
        try:
            found = find_side(text)
        except CommandFailure as failure:
            return Unavailable(Cause.UNSUPPORTED, str(failure))
        process = found.space.process
        return found._replace(name=f"{process.name} ({process.pid}) of {text}")
