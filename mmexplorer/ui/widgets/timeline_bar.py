"""The timeline below the strip."""

from textual import events
from textual.geometry import Size
from textual.message import Message

from mmexplorer.model.capture.timeline import EMPTY_TIMELINE, Timeline
from mmexplorer.present.capture.timeline import Shown, tick_at, timeline_lines
from mmexplorer.ui.keys import bindings
from mmexplorer.ui.widgets.lines import Lines


class TimelineBar(Lines, can_focus=True):
    """Shows the growth of the process; a click shows that moment, or the newest at the right end.

    Only a click focuses it: Tab cycles through the panes.
    """

    ALLOW_SELECT = False
    BINDINGS = bindings("timeline")
    DEFAULT_CSS = "TimelineBar:focus { background: $boost; }"

    class Picked(Message):
        """A moment was clicked."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index
            """Its index in the timeline; one past the last for the newest."""

    class Left(Message):
        """A key was pressed to return the focus."""

    def __init__(self, *, name: str = "RSS", id: str | None = None) -> None:
        """Keep `name`, three letters for what the line plots if there is room for only one line."""
        super().__init__(id=id)
        self._of = name
        self._timeline: Timeline = EMPTY_TIMELINE

    def show_timeline(self, timeline: Timeline, shown: Shown | None) -> None:
        """Show the history of the process, and which moment is shown."""
        self._timeline = timeline
        self.show(lambda width: timeline_lines(timeline, shown, width, self.size.height, self._of))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's
        """Return 1; the style sheet sets the number of rows."""
        return 1

    def on_click(self, event: events.Click) -> None:
        """Post the moment that was clicked."""
        offset = event.get_content_offset(self)
        if offset is None or not self._timeline.ticks:
            return
        index = tick_at(self._timeline, offset.x, self.size.width)
        if index is not None:
            self.post_message(self.Picked(index))
        elif offset.x > self.size.width // 2:
            self.post_message(self.Picked(len(self._timeline.ticks)))

    async def action_step(self, count: int) -> None:
        """Move by `count` moments, as the screen does; negative is earlier."""
        await self.run_action(f"screen.moment({count})")

    async def action_oldest(self) -> None:
        """Show the oldest moment, as the screen does."""
        await self.run_action("screen.first_moment")

    async def action_newest(self) -> None:
        """Return to now, as the screen does."""
        await self.run_action("screen.now")

    def action_leave(self) -> None:
        """Ask to return the focus."""
        self.post_message(self.Left())
