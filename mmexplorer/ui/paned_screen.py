"""A screen of panes: Tab cycles through them, and a small terminal shows only the one with the focus."""

from collections.abc import Mapping
from functools import cached_property
from typing import ClassVar

from textual import events, on
from textual.dom import DOMNode
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget

from mmexplorer.present.text.border import tab_at, tab_line
from mmexplorer.ui.terminal.compositor import PartCompositor
from mmexplorer.ui.terminal.current_size import CurrentSize
from mmexplorer.ui.terminal.frames import Frames
from mmexplorer.ui.terminal.stylesheet import ParsedOnce
from mmexplorer.ui.widgets.lines import Lines
from mmexplorer.ui.widgets.pane import Pane

_FRONT = "-at-"
"""The prefix of the class that names the pane in front."""


class PanedScreen(CurrentSize, Screen[None]):
    """Screen with panes. A subclass names them in `PANES`, and composes them and a `Lines` with the id `pane-tabs`.

    Its screen.tcss uses the screen's classes `-at-NAME` to show one pane where there is no room for all.
    """

    PANES: ClassVar[tuple[tuple[str, str], ...]]
    """The panes in Tab order: id and title."""
    STOPS: ClassVar[Mapping[str, str]] = {}
    """The Tab stops in order: the id of a pane or focusable widget, mapped to the pane that comes to the front.

    If empty, each pane is a stop.
    """
    FIRST_PANE: ClassVar[str]
    """The id of the stop that starts with the focus."""

    def __init__(self) -> None:
        super().__init__()
        self._compositor = PartCompositor()
        self.frames = Frames(self._paint_frame)
        self._is_styled = False
        """Whether it has been shown, so that everything mounted before then has its styles."""

    @property
    def has_widgets(self) -> bool:
        """Whether the widgets exist: a late answer may arrive while the app starts or closes."""
        return self.is_attached and self.app.is_running and any(child.id == "pane-tabs" for child in self.children)

    @property
    def is_of_other_mode(self) -> bool:
        """Whether another mode is shown, rather than this one or a dialog over it."""
        return self not in self.app.screen_stack

    def _screen_resized(self, size: Size) -> None:
        """Lay out for a new size. Textual also does so for an unchanged size, at each mode switch."""
        if size != self._size:
            super()._screen_resized(size)

    @property
    def _update_timer(self) -> Frames:  # type: ignore[override] # no Timer: Textual only pauses and resumes it
        """What Textual tells that something has to be painted."""
        return self.frames

    def _paint_frame(self) -> None:
        if self.app._exit:  # noqa: SLF001 - as Textual's timers do
            return
        try:
            self._on_timer_update()
        except Exception as error:  # noqa: BLE001 - as Textual's timers do
            self.app._handle_exception(error)  # noqa: SLF001 - Textual's handler of all exceptions

    def _compositor_refresh(self) -> None:
        """Paint later while updates are batched, as before the first frame: Textual would paint only to discard it."""
        if self.app._batch_count:  # noqa: SLF001 - as Textual does
            self.app.call_later(self.refresh)
        else:
            super()._compositor_refresh()

    def _on_screen_resume(self, event: events.ScreenResume) -> None:
        """Come to the front; the first time, without styling the widgets again."""
        event.refresh_styles = event.refresh_styles and self._is_styled
        self._is_styled = True

    def action_next_pane(self, step: int) -> None:
        """Focus the next pane, or the previous one."""
        ids = list(self._stops)
        self._focus_pane(ids[(ids.index(self._current_pane) + step) % len(ids)])

    @cached_property
    def _subjects_of_front(self) -> frozenset[str]:
        sheet = self.app.stylesheet
        return sheet.subjects(_FRONT) if isinstance(sheet, ParsedOnce) else frozenset(("*",))

    def _style_by_front(self) -> None:
        """Style the widgets that depend on which pane is in front. Textual would style every widget again."""
        names = self._subjects_of_front
        self.app.stylesheet.update_nodes(
            node
            for node in self.walk_children(with_self=True)
            if not names.isdisjoint(node._selector_names)  # noqa: SLF001 - as Textual matches rules
        )

    def _update_focus_styles(self, focused: Widget | None = None, blurred: Widget | None = None) -> None:
        """Style what contains the focus, or did. Textual would also style every widget inside it again."""
        changed = {
            node
            for widget in (focused, blurred)
            if widget is not None
            for node in widget.ancestors_with_self
            if node._has_focus_within  # noqa: SLF001 - as Textual does
        }
        self.app.stylesheet.update_nodes(changed)

    @property
    def _stops(self) -> Mapping[str, str]:
        return self.STOPS or {name: name for name, _ in self.PANES}

    @property
    def _current_pane(self) -> str:
        """The stop that has the focus, else that of the front pane, else the first."""
        in_front = next((name for name, _ in self.PANES if self.has_class(f"{_FRONT}{name}")), self.FIRST_PANE)
        return self._stop_of(self.focused) or self._stop_at(in_front)

    def _stop_at(self, name: str) -> str:
        """Return the stop of that name, or the first one that brings the pane of that name to the front."""
        return name if name in self._stops else next(stop for stop, pane in self._stops.items() if pane == name)

    def _stop_of(self, node: DOMNode | None) -> str | None:
        """Return the stop that contains `node`; None outside the panes."""
        while node is not None and node.id not in self._stops:
            node = node.parent
        return node.id if node is not None else None

    @on(events.DescendantFocus)
    def follow_focus(self, event: events.DescendantFocus) -> None:
        """Bring the pane that a click focused to the front."""
        if event.widget is not self.focused:
            return  # late: a key has already moved the focus
        stop = self._stop_of(event.widget)
        if stop is not None and not self.has_class(f"{_FRONT}{self._stops[stop]}"):
            self._bring_forward(self._stops[stop])

    def on_click(self, event: events.Click) -> None:
        """Go to the pane whose tab was clicked."""
        if event.widget is not None and event.widget.id == "pane-tabs":
            offset = event.get_content_offset(event.widget)
            name = tab_at(self.PANES, offset.x) if offset is not None else None
            if name is not None:
                self._focus_pane(name)

    def action_zoom(self) -> None:
        """Show the focused pane only, or return to all."""
        self.toggle_class("-zoomed")

    def _focus_pane(self, name: str) -> None:
        """Focus a stop, or the first stop of a pane."""
        at = self._stop_at(name)
        self._bring_forward(self._stops[at])
        stop = self.query_one(f"#{at}")
        if isinstance(stop, Pane):
            stop.take_focus()
        else:
            self.set_focus(stop)

    def _bring_forward(self, current: str) -> None:
        before = self.classes
        self.update_classes({f"{_FRONT}{name}": name == current for name, _ in self.PANES}, update=False)
        if self.classes != before:
            self._style_by_front()
        self.query_one("#pane-tabs", Lines).show(lambda _width: (tab_line(self.PANES, current),))
