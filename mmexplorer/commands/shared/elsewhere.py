"""What the screens can compare with the process shown: another process, a capture, a core file, a text."""

from mmexplorer.commands.shared.exit import CommandFailure
from mmexplorer.model.capture.comparison import Side
from mmexplorer.model.unavailable import Cause, Unavailable


class Elsewhere:
    """Accepts the same arguments as `mmexplorer diff`, except standard input, which is the keyboard."""

    def __init__(self, boot: str) -> None:
        self._boot = boot

    @property
    def boot(self) -> str:
        """Identifies the boot of the machine being shown; "" if unknown."""
        return self._boot

    def find(self, text: str) -> Side | Unavailable:
        """Read the process that `text` names."""
        from mmexplorer.commands.shared.sources import find_side  # noqa: PLC0415
        from mmexplorer.kernel.capture.sources import STDIN  # noqa: PLC0415

        if text == STDIN:
            return Unavailable(Cause.UNSUPPORTED, "standard input is the keyboard here")
        try:
            found = find_side(text)
        except CommandFailure as failure:
            return Unavailable(Cause.UNSUPPORTED, str(failure))
        process = found.space.process
        return found._replace(name=f"{process.name} ({process.pid}) of {text}")
