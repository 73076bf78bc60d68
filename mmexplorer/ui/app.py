"""The application: its modes, its themes, and how it exits."""

import asyncio
import gc
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TextIO

from rich.console import RenderableType
from textual import work
from textual.app import App, SystemCommand
from textual.command import CommandPalette
from textual.css.query import NoMatches
from textual.dom import DOMNode
from textual.events import Event, Key, MouseDown
from textual.notifications import Notification, Notify
from textual.screen import Screen
from textual.widgets import Input
from textual.widgets._toast import Toast

from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.snapshot import Machine, Snapshot
from mmexplorer.present.text.line import Line
from mmexplorer.ui.explore.screen import ExploreScreen
from mmexplorer.ui.failures import SOFTWARE, Failures, cause_of, forever, keep_going, report_lines
from mmexplorer.ui.help import HelpScreen
from mmexplorer.ui.keys import ACTIONS, bindings
from mmexplorer.ui.looking_back import ShownMoment
from mmexplorer.ui.messages import search_once
from mmexplorer.ui.modes import MODES, Mode, Services, Start
from mmexplorer.ui.terminal.compositor import PictureUpdate
from mmexplorer.ui.terminal.driver import TerminalDriver
from mmexplorer.ui.terminal.mode import TerminalMode
from mmexplorer.ui.terminal.picture import Picture
from mmexplorer.ui.terminal.stylesheet import ParsedOnce
from mmexplorer.ui.terminal.watch import Watch
from mmexplorer.ui.themes import THEMES, short_name, theme_name
from mmexplorer.ui.typed_ahead import TypedAhead
from mmexplorer.ui.widgets.footer import Footer
from mmexplorer.ui.widgets.text_box import TextBox

if TYPE_CHECKING:  # imported later, after the first frame
    from mmexplorer.model.system.oom import KillNotice
    from mmexplorer.ui.system.poller import SystemPoller

_SWITCH_INTERVAL = 0.0005
"""Seconds before a thread gives up the GIL; at the default of 5 ms, keys wait for a parser (p99 37 ms against 31)."""

_UNTIL_READ = 2.0
"""Seconds for which a kill notice stays, whatever keys are pressed."""

_YOUNG = 10_000
"""How many new objects trigger a garbage collection once the first frame is shown: it then takes less than 1 ms."""
_OLDER, _ALL = 10, 3
"""Every tenth collection includes older objects, and every third of these all of them.

Python's would be every tenth: with so many new objects, minutes and 10 MB of what is no longer shown pass by.
"""

_UNTIL_MOUNTED = 2.0
"""Longest time in seconds that a key waits for the screen that the previous key opened."""

_REPORT_WIDTH = 140

_UNTIL_POLLED = 1.0
"""Seconds before polling the machine's memory, so that the first frame comes first."""


class MmexplorerApp(App[int]):
    """Owns the screens; state that belongs to one screen lives in that screen."""

    CSS_PATH = [f"{mode.name}/screen.tcss" for mode in MODES]
    DEFAULT_MODE = "explore"
    BINDINGS = bindings("everywhere")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-medium"), (140, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (36, "-high")]
    ENABLE_COMMAND_PALETTE = True
    TITLE = "mmexplorer"

    def __init__(self, services: Services, start: Start, when_shown: Callable[[], object] = lambda: None) -> None:
        """Set up the modes and themes; `when_shown` is called once, after the first frame."""
        self.DEFAULT_MODE = start.mode  # type: ignore[misc] # Textual reads it once, from this object, in its __init__
        super().__init__(driver_class=TerminalDriver)
        self.stylesheet = ParsedOnce(variables=self.get_css_variables())
        self.services = services
        self.start = start
        self.moment = ShownMoment(start.at)
        """Which moment Explore and System show."""
        self._when_shown = when_shown
        self.terminal = TerminalMode()
        self._picture = Picture()
        self.terminal_watch: Watch | None = None
        """Kills the program if the app fails to exit; None without a real terminal."""
        self.failures: Failures | None = None
        """Exceptions caught so far; None where the first exception ends the app, as in tests."""
        self._poller_wanted = asyncio.Event()
        self._killed: KillNotice | None = None
        """The kills announced in the footer."""
        self._killed_at = 0.0
        self._clock = time.monotonic
        self.typed_ahead = TypedAhead(self, self._press)
        """Keys that aren't handled yet."""
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = theme_name(start.theme)
        for mode in MODES:
            self.add_mode(mode.name, partial(self._made, mode))

    def _made(self, mode: Mode) -> Screen[None]:
        """Create a screen with its size classes already set, since adding them later would restyle everything."""
        screen = mode.make(self)
        for size, steps in zip(self.size, (self.HORIZONTAL_BREAKPOINTS, self.VERTICAL_BREAKPOINTS), strict=True):
            reached = [name for least, name in sorted(steps or []) if size >= least]
            screen.update_classes(dict.fromkeys(reached[-1:], True), update=False)
        return screen

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Write an update, and forget the remembered picture if Textual itself wrote it."""
        if isinstance(renderable, PictureUpdate):
            renderable.onto = self._picture
        elif renderable is not None:
            self._picture.forget()
        super()._display(screen, renderable)

    @cached_property
    def system_poller(self) -> "SystemPoller":
        """The poller of the machine's memory. It runs on every screen, to miss no kill and leave no gap in sar."""
        from mmexplorer.ui.system.poller import SystemPoller  # noqa: PLC0415 - after the first frame

        self._poller_wanted.set()
        return SystemPoller(
            self.services.system(), self.start.interval, self._announce, self.moment, self.services.system_past
        )

    def explored(self) -> Snapshot | None:
        """Return the last snapshot that Explore showed; None if it was never shown."""
        found = next(iter(self._screen_stacks.get("explore", ())), None)
        view = found.view if isinstance(found, ExploreScreen) else None
        return view.snapshot if view is not None else None

    def machine(self) -> Machine | None:
        """Return the machine as last polled; None if the poller hasn't started, and this doesn't start it."""
        view = self.system_poller.view if "system_poller" in vars(self) else None
        return view.snapshot.machine if view is not None else None

    @work(group="poll")
    async def _poll_system(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._poller_wanted.wait(), _UNTIL_POLLED)
        self._when_shown()
        await forever(self, self.system_poller.loop.run)

    def _announce(self, killed: "KillNotice") -> None:
        """Announce a kill on every open screen, in place of the footer, so that it covers nothing else."""
        from mmexplorer.present.system.oom import notice  # noqa: PLC0415 - after the first frame

        self._killed = self._killed.and_then(killed) if self._killed is not None else killed
        self._killed_at = self._clock()
        self._replace_keys(partial(notice, self._killed))

    def _replace_keys(self, text: Callable[[int], Line] | None) -> None:
        for screen in self.screen_stack:
            for footer in screen.query(Footer):
                footer.replace_keys(text)

    def _read(self) -> None:
        """Clear the kill notice at a key press, if it has been visible long enough to be read."""
        if self._killed is not None and self._clock() - self._killed_at >= _UNTIL_READ:
            self._killed = None
            self._replace_keys(None)

    @work(group="open", description="open in Explore")
    async def open_in_explore(self, target: ProcessKey) -> None:
        """Show a process chosen on another screen in Explore."""
        await self.switch_mode("explore")
        if isinstance(self.screen, ExploreScreen):
            self.screen.open(target)

    def on_mount(self) -> None:
        """Start polling."""
        self._poll_system()

    def ask_to_end(self, status: int) -> None:
        """Exit with `status` at another thread's request; does nothing before the event loop runs."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop was closed in the meantime
                self._loop.call_soon_threadsafe(self.exit, status)

    def exit(self, result: int | None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """Exit; the watch ends the process if that hangs."""
        if self.terminal_watch is not None:
            self.terminal_watch.leaving(return_code or result or 0)
        super().exit(result, return_code, message)

    def report(self, error: Exception) -> None:
        """Report an exception, from any thread."""
        if self._loop is not None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._handle_exception, error)

    def _handle_exception(self, error: Exception) -> None:
        """Show an exception in one line; exit if there is no screen to show it on, or if they come too fast.

        Textual's own handler ends the app at the first exception and prints every local variable.
        """
        if self._exit and isinstance(cause_of(error), NoMatches):
            return  # the app is closing, and the widgets being queried are already gone
        if self.failures is None:
            super()._handle_exception(error)
        elif not self.failures.take(error) or not self._running or not self._screen_stack:
            self.failures.fatal = True
            self.exit(return_code=SOFTWARE)
        elif not self._exit:
            words = f"{self.failures.last_line}\n! shows the report"
            self.notify(words, title="Error in mmexplorer", severity="error", timeout=30, markup=False)

    def _on_notify(self, event: Notify) -> None:
        """Show a toast in place of one that says the same."""
        for shown in [each for each in self._notifications if _says(each) == _says(event.notification)]:
            self._unnotify(shown, refresh=False)
        screens = [screen for stack in self._screen_stacks.values() for screen in stack]
        for toast in [each for screen in screens for each in screen.query(Toast)]:
            if toast._notification not in self._notifications:  # noqa: SLF001 - nothing public says so
                toast._expire()  # noqa: SLF001 - Textual's own removal leaves the toast's holder behind
        super()._on_notify(event)

    def action_failures(self) -> None:
        """Show the exceptions caught so far."""
        failures = self.failures or Failures()
        self.push_screen(TextBox("What went wrong", _REPORT_WIDTH, lambda width: tuple(report_lines(failures, width))))

    def action_command_palette(self) -> None:
        """Show the command palette."""
        if not isinstance(self.screen, CommandPalette):
            from mmexplorer.ui.palette import Palette  # noqa: PLC0415 - not for the first picture

            self.push_screen(Palette())  # without Textual's id, which a palette that is closing may still have

    def on_unmount(self) -> None:
        """Stop the lab process and any recording, however the app ends."""
        self.services.lab.close()
        if self.services.recorder is not None:
            self.services.recorder.stop()

    async def on_event(self, event: Event) -> None:
        """Run a key's binding before the next key is processed.

        Textual sends a key to the focused widget, and runs its binding only once it has bubbled up through every
        parent. If `/libc` is typed ahead, the letters would already be on their way to the table.
        """
        if isinstance(event, MouseDown) and self._is_leaving(event):
            return
        if isinstance(event, Key) and not event.is_forwarded:
            await self._until_mounted()
            self._read()
            await self.typed_ahead.press(event)
        else:
            await super().on_event(event)

    async def _press(self, key: Key) -> None:
        await self._until_mounted()
        if not await self._acts(key.key):
            await super().on_event(key)

    def _is_leaving(self, event: MouseDown) -> bool:
        """Return whether the clicked widget is being removed, as a toast is: still visible, but without a parent."""
        widget, _ = self.screen.get_widget_and_offset_at(event.x, event.y) if self._screen_stack else (None, None)
        return widget is not None and widget.parent is None and not isinstance(widget, Screen)

    async def _until_mounted(self) -> None:
        """Wait until the widgets of a screen that was just opened are mounted."""
        if self._screen_stack and not self.screen.is_mounted:
            mounted: asyncio.Event = self.screen._mounted_event  # noqa: SLF001 - nothing public can be awaited
            with suppress(TimeoutError):
                await asyncio.wait_for(mounted.wait(), _UNTIL_MOUNTED)

    async def _acts(self, key: str) -> bool:
        """Run a key's binding, unless an input has the focus: it must first process the characters typed before."""
        return not isinstance(self.focused, Input) and await self._check_bindings(key)

    def delay_update(self, delay: float = 0.05) -> None:
        """Delay painting briefly; repeated calls don't extend the delay, however many modes are switched meanwhile."""
        if not self._batch_count:
            super().delay_update(delay)

    def action_mode(self, name: str) -> None:
        """Switch to a mode."""
        self.switch_mode(name)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave letters to the focused input."""
        return not (isinstance(self.focused, Input) and action in ("mode", "help", "quit")) and super().check_action(
            action, parameters
        )

    def action_help_quit(self) -> None:
        """Say at Ctrl+C how to quit: Textual would name a key that no page of ours does."""
        self.notify("Press [b]q[/b] to quit.", title="Do you want to quit?")

    def action_help(self) -> None:
        """Show every key."""
        self.push_screen(HelpScreen())

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer every action of the registry that works now, and the themes.

        Textual's own commands would duplicate some, and one of them writes a file without asking where.
        """
        colours = "Choose the colours: dark, light, for the colour-blind, the terminal's own."
        yield SystemCommand("Theme", colours, self.action_change_theme)
        for theme in THEMES:
            choose = partial(setattr, self, "theme", theme.name)
            yield SystemCommand(f"Theme {short_name(theme)}", "Use these colours.", choose, discover=False)
        works = {active.binding.id: active.node for active in screen.active_bindings.values() if active.enabled}
        for action in ACTIONS:
            if action.id in works:
                yield SystemCommand(action.label, action.help, _runner(self, action.name, works[action.id]))


def _says(notification: Notification) -> tuple[str, ...]:
    return notification.severity, notification.title, notification.message


def _runner(app: App[int], action: str, node: DOMNode) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        await app.run_action(action, node)

    return run


def _collect_from_now_on() -> None:
    """Collect what is made from now on, a little at a time."""
    gc.freeze()
    gc.set_threshold(_YOUNG, _OLDER, _ALL)


def run_app(services: Services, start: Start, log: TextIO | None = None) -> int:
    """Run until the user quits; return 0, 128 + the signal that ended it, or 70 (EX_SOFTWARE) after exceptions.

    `log`: where the tracebacks are written.
    """
    sys.setswitchinterval(_SWITCH_INTERVAL)
    # Freeze what was imported, and later what the first frame is made of. No key is handled during a collection, which
    # takes 50 ms or more with these objects and 10 ms without.
    gc.freeze()
    app = MmexplorerApp(services, start, when_shown=_collect_from_now_on)
    app.failures = Failures(log)
    keep_going()
    search_once()
    app.terminal_watch = Watch(app, app.terminal.restore)
    app.terminal_watch.begin()
    status = app.run()
    if app.failures.fatal:
        sys.stderr.write(
            f"{app.failures.reports[-1]}mmexplorer: ended by a mistake of its own: {app.failures.last_line}\n"
        )
        return SOFTWARE
    return app.return_code or status or 0
