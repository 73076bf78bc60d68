"""A screen of panes: Tab walks through them, and where there is room for one only, it is the one with the focus."""

from collections.abc import Mapping
from typing import ClassVar

from textual import events, on
from textual.dom import DOMNode
from textual.geometry import Size
from textual.screen import Screen

from mmexplorer.present.text.border import tab_at, tab_line
from mmexplorer.ui.terminal.compositor import PartCompositor
from mmexplorer.ui.widgets.lines import Lines
from mmexplorer.ui.widgets.pane import Pane


class PanedScreen(Screen[None]):
    """A subclass names its panes, and composes them and a `Lines` with the id `pane-tabs`.

    Its screen.tcss shows by the classes `-at-NAME` of the screen what has no room beside the others.
    """

    PANES: ClassVar[tuple[tuple[str, str], ...]]
    """The panes in the order of Tab: id and name."""
    STOPS: ClassVar[Mapping[str, str]] = {}
    """Where Tab stops, in its order: the id of a pane or of a widget that takes the focus, and the pane in front then.

    Empty: each pane is a stop.
    """
    FIRST_PANE: ClassVar[str]
    """The id of the stop to begin with."""

    def __init__(self) -> None:
        super().__init__()
        self._compositor = PartCompositor()
        self._is_styled = False
        """Whether it was shown, and whatever was mounted before that has its styles."""

    @property
    def has_widgets(self) -> bool:
        """Whether there is something to show a late answer in: not yet, or no longer, when the app begins or closes."""
        return self.is_attached and self.app.is_running and any(child.id == "pane-tabs" for child in self.children)

    @property
    def is_of_other_mode(self) -> bool:
        """Whether another mode is shown, rather than this one or a dialog over it."""
        return self not in self.app.screen_stack

    def _screen_resized(self, size: Size) -> None:
        """Lay out for another size. Textual does so for the same one too, at each change of modes."""
        if size != self._size:
            super()._screen_resized(size)

    def _compositor_refresh(self) -> None:
        """Paint. What Textual paints while updates are held up, as until the first picture, it throws away."""
        if self.app._batch_count:  # noqa: SLF001 - as Textual asks it
            self.app.call_later(self.refresh)
        else:
            super()._compositor_refresh()

    def _on_screen_resume(self, event: events.ScreenResume) -> None:
        """Come forward; for the first time with the styles that all widgets were given a moment ago."""
        event.refresh_styles = event.refresh_styles and self._is_styled
        self._is_styled = True

    def action_next_pane(self, step: int) -> None:
        """Give the focus to the next pane, or the one before."""
        ids = list(self._stops)
        self._focus_pane(ids[(ids.index(self._current_pane) + step) % len(ids)])

    @property
    def _stops(self) -> Mapping[str, str]:
        return self.STOPS or {name: name for name, _ in self.PANES}

    @property
    def _current_pane(self) -> str:
        """The stop that has the focus, else that of the pane in front, else the first."""
        in_front = next((name for name, _ in self.PANES if self.has_class(f"-at-{name}")), self.FIRST_PANE)
        return self._stop_of(self.focused) or self._stop_at(in_front)

    def _stop_at(self, name: str) -> str:
        """Give the stop of that name, or the first that brings the pane of that name forward."""
        return name if name in self._stops else next(stop for stop, pane in self._stops.items() if pane == name)

    def _stop_of(self, node: DOMNode | None) -> str | None:
        """Give the stop that `node` belongs to; None outside the panes."""
        while node is not None and node.id not in self._stops:
            node = node.parent
        return node.id if node is not None else None

    @on(events.DescendantFocus)
    def follow_focus(self, event: events.DescendantFocus) -> None:
        """Bring the pane forward to which a click has given the focus."""
        if event.widget is not self.focused:
            return  # late: keys have moved the focus on meanwhile
        stop = self._stop_of(event.widget)
        if stop is not None and not self.has_class(f"-at-{self._stops[stop]}"):
            self._bring_forward(self._stops[stop])

    def on_click(self, event: events.Click) -> None:
        """Go to the pane whose name was clicked in the row of tabs."""
        if event.widget is not None and event.widget.id == "pane-tabs":
            offset = event.get_content_offset(event.widget)
            name = tab_at(self.PANES, offset.x) if offset is not None else None
            if name is not None:
                self._focus_pane(name)

    def action_zoom(self) -> None:
        """Give the pane that has the focus the place of all, or return to all."""
        self.toggle_class("-zoomed")

    def _focus_pane(self, name: str) -> None:
        """Give the focus to a stop, or to the first of a pane."""
        at = self._stop_at(name)
        self._bring_forward(self._stops[at])
        stop = self.query_one(f"#{at}")
        if isinstance(stop, Pane):
            stop.take_focus()
        else:
            self.set_focus(stop)

    def _bring_forward(self, current: str) -> None:
        self.update_classes({f"-at-{name}": name == current for name, _ in self.PANES})
        self.query_one("#pane-tabs", Lines).show(lambda _width: (tab_line(self.PANES, current),))
