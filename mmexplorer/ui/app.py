"""The application: its modes, its themes, and how it ends."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from textual.app import App, SystemCommand
from textual.dom import DOMNode
from textual.screen import Screen

from mmexplorer.model.process import ProcessKey
from mmexplorer.model.source import LabHost, MemorySource
from mmexplorer.ui.actions import ACTIONS, bindings
from mmexplorer.ui.screens.explore import ExploreScreen
from mmexplorer.ui.screens.help import HelpScreen
from mmexplorer.ui.themes import DEFAULT_THEME, THEMES

_SWITCH_INTERVAL = 0.0005
"""Seconds a thread keeps the interpreter: with the usual 5 ms a key waits for a parser (p99 37 ms against 31)."""


@dataclass(frozen=True, slots=True)
class Services:
    """What the screens reach the machine through; live, recorded or fake."""

    memory: MemorySource
    lab: LabHost


class MmexplorerApp(App[int]):
    """Holds the screens together; what a screen knows lives in the screen."""

    CSS_PATH = "app.tcss"
    DEFAULT_MODE = "explore"
    BINDINGS = bindings("everywhere")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-medium"), (140, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (36, "-high")]
    ENABLE_COMMAND_PALETTE = True
    TITLE = "mmexplorer"

    def __init__(self, services: Services, target: ProcessKey | None = None, interval: float = 1.0) -> None:
        super().__init__()
        self.services = services
        self._target = target
        self._interval = interval
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DEFAULT_THEME
        self.add_mode("explore", self._explore)

    def _explore(self) -> Screen[None]:
        return ExploreScreen(self.services.memory, self.services.lab, self._target, self._interval)

    def on_mount(self) -> None:
        """End decently when told to."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            # Without these the terminal is left in the alternate screen with mouse reporting on.
            loop.add_signal_handler(number, self.exit, 128 + number)

    def on_unmount(self) -> None:
        """End the lab process, however the app ends."""
        self.services.lab.close()

    def action_mode(self, name: str) -> None:
        """Show one of the big screens."""
        self.switch_mode(name)

    def action_help(self) -> None:
        """Show every key."""
        self.push_screen(HelpScreen())

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer every action of the registry that works now, and the themes.

        Textual's own commands would say some of them twice, and one writes a file without asking where.
        """
        yield SystemCommand("Theme", "Choose the colours: dark, light, the terminal's own.", self.action_change_theme)
        works = {active.binding.action: active.node for active in screen.active_bindings.values() if active.enabled}
        for action in ACTIONS:
            if action.name in works:
                yield SystemCommand(action.label, action.help, _runner(self, action.name, works[action.name]))


def _runner(app: App[int], action: str, node: DOMNode) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        await app.run_action(action, node)

    return run


def run_app(services: Services, target: ProcessKey | None, interval: float) -> int:
    """Run until the person quits; give the exit status: 0, or 128 + the signal that ended it."""
    sys.setswitchinterval(_SWITCH_INTERVAL)
    app = MmexplorerApp(services, target, interval)
    status = app.run()
    return app.return_code or status or 0
