"""The line at the top of every big screen."""

from mmexplorer.model.snapshot import Machine
from mmexplorer.present.text.header import RefreshStatus, header
from mmexplorer.ui.modes import MODES
from mmexplorer.ui.widgets.lines import Lines

_MODES = tuple((mode.key, mode.title) for mode in MODES)


class TopLine(Lines):
    """Says which screen this is, how the machine's memory stands, and what looking costs where the screen looks."""

    DEFAULT_CSS = "TopLine { height: 1; background: $surface; }"

    def __init__(self, mode: str) -> None:
        super().__init__()
        self._mode = mode
        self.update(None, None)

    def update(self, machine: Machine | None, status: RefreshStatus | None) -> None:
        """Show how the machine stands and how the screen is refreshed; None for what isn't known."""
        self.show(lambda width: (header(_MODES, self._mode, machine, status, width),))
