"""The line at the top of every main screen."""

from textual import events

from mmexplorer.model.snapshot import Machine
from mmexplorer.present.text.header import RefreshStatus, header
from mmexplorer.ui.modes import MODES
from mmexplorer.ui.widgets.lines import Lines

_MODES = tuple((mode.key, mode.title) for mode in MODES)


class TopLine(Lines):
    """Shows the screen's name, the machine's memory, and how the screen is refreshed and at what cost."""

    DEFAULT_CSS = "TopLine { height: 1; background: $surface; }"

    def __init__(self, mode: str) -> None:
        super().__init__()
        self._mode = mode
        self.update(None, None)

    def on_click(self, event: events.Click) -> None:
        """Go to the screen whose name was clicked."""
        for key, title in _MODES:
            start = self.text.find(f"{key} {title}")
            if 0 <= start <= event.x < start + len(f"{key} {title}"):
                self.app.simulate_key(key)

    def update(self, machine: Machine | None, status: RefreshStatus | None) -> None:
        """Show the machine's memory and the refresh status; None for what isn't known."""
        self.show(lambda width: (header(_MODES, self._mode, machine, status, width),))
