"""Ways through the Explore screen that several tests on a real terminal go."""

from mmexplorer.ui.themes import DEFAULT_THEME, THEMES
from tests.support.pilots.terminal import Terminal

_LIT = next(theme.variables["border"].removeprefix("#") for theme in THEMES if theme.name == DEFAULT_THEME)


def choose_process(terminal: Terminal, pid: int) -> None:
    """From the regions, with which it starts, to the processes; filter down to one and look at its regions."""
    terminal.send("\x1b[Z")
    # Keys that come before the focus has moved go to the regions; the pane that has it is lit.
    terminal.wait_for(lambda text: "Processes ─" in text and _is_lit(terminal))
    terminal.send("/")
    terminal.wait_for("user:root")
    terminal.send(f"pid={pid}")
    terminal.wait_for("Processes ─ 1 of")
    terminal.send("\r")
    terminal.wait_for(lambda text: f"\n / pid={pid}" not in text and _is_lit(terminal))
    terminal.send("\r")
    # The first Enter has shown its regions already; keys go to them once their pane has the focus.
    terminal.wait_for(lambda text: f"({pid}) ─" in text and not ("Processes ─" in text and _is_lit(terminal)))


def _is_lit(terminal: Terminal) -> bool:
    """Whether the border of the pane at the left is that of the pane with the focus."""
    return str(terminal.screen.buffer[4][0].fg) == _LIT
