"""Key sequences through Explore for tests on a real terminal."""

from mmexplorer.ui.themes import DEFAULT_THEME, THEMES
from tests.support.pilots.terminal import Terminal

_LIT = next(theme.variables["border"].removeprefix("#") for theme in THEMES if theme.name == DEFAULT_THEME)


def choose_process(terminal: Terminal, pid: int) -> None:
    """Go from the regions to the processes, filter down to one, and show its regions."""
    terminal.send("\x1b[Z")
    # Keys that arrive before the focus has moved go to the regions; the focused pane is highlighted.
    terminal.wait_for(lambda text: "Processes ─" in text and _is_lit(terminal))
    terminal.send("/")
    terminal.wait_for("user:root")
    terminal.send(f"pid={pid}")
    terminal.wait_for("Processes ─ 1 of")
    terminal.send("\r")
    terminal.wait_for(lambda text: f"\n / pid={pid}" not in text and _is_lit(terminal))
    terminal.send("\r")
    # The first Enter has already shown its regions; keys go to them once their pane has the focus.
    terminal.wait_for(lambda text: f"({pid}) ─" in text and not ("Processes ─" in text and _is_lit(terminal)))


def _is_lit(terminal: Terminal) -> bool:
    """Return whether the border of the left pane is that of a focused pane."""
    return str(terminal.screen.buffer[4][0].fg) == _LIT
