"""The timeline under the strip."""

from textual import events
from textual.geometry import Size
from textual.message import Message

from mmexplorer.model.capture.timeline import EMPTY_TIMELINE, Timeline
from mmexplorer.present.capture.timeline import Shown, tick_at, timeline_lines
from mmexplorer.ui.keys import bindings
from mmexplorer.ui.widgets.lines import Lines


class TimelineBar(Lines, can_focus=True):
    """Shows how the process grew; a click shows the moment that was clicked, at the right end the newest.

    It takes the focus by a click alone: Tab goes through the panes.
    """

    ALLOW_SELECT = False
    BINDINGS = bindings("timeline")
    DEFAULT_CSS = "TimelineBar:focus { background: $boost; }"

    class Picked(Message):
        """A click on a moment, or a key for the first or the last."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index
            """Its number in the timeline; one past the last for the newest."""

    class Stepped(Message):
        """A key for a moment later, or earlier."""

        def __init__(self, count: int) -> None:
            super().__init__()
            self.count = count

    class Left(Message):
        """A key that gives the focus back."""

    def __init__(self, *, name: str = "RSS", id: str | None = None) -> None:
        """`name`: what the line draws where there is room for one alone, in three letters."""
        super().__init__(id=id)
        self._of = name
        self._timeline: Timeline = EMPTY_TIMELINE

    def show_timeline(self, timeline: Timeline, shown: Shown | None) -> None:
        """Show what became of the process, and which moment is shown."""
        self._timeline = timeline
        self.show(lambda width: timeline_lines(timeline, shown, width, self.size.height, self._of))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's
        """The style sheet says how many rows."""
        return 1

    def on_click(self, event: events.Click) -> None:
        """Say which moment was clicked."""
        offset = event.get_content_offset(self)
        if offset is None or not self._timeline.ticks:
            return
        index = tick_at(self._timeline, offset.x, self.size.width)
        if index is not None:
            self.post_message(self.Picked(index))
        elif offset.x > self.size.width // 2:
            self.post_message(self.Picked(len(self._timeline.ticks)))

    def action_step(self, count: int) -> None:
        """Ask for the moment that many steps later, or earlier."""
        self.post_message(self.Stepped(count))

    def action_oldest(self) -> None:
        """Ask for the oldest moment."""
        self.post_message(self.Picked(0))

    def action_newest(self) -> None:
        """Ask for the newest moment."""
        self.post_message(self.Picked(len(self._timeline.ticks)))

    def action_leave(self) -> None:
        """Give the focus back."""
        self.post_message(self.Left())
