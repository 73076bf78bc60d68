"""The keys `a`, `A` and `b` of Explore: the Regions pane becomes the difference between A and the current view."""

import asyncio
from collections.abc import Callable
from functools import cached_property, partial

from textual.screen import Screen

from mmexplorer.model.capture.comparison import Side
from mmexplorer.model.source import Elsewhere
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.capture.difference import (
    DIFFERENCE_COLUMNS,
    DIFFERENCE_FIELDS,
    DifferenceRow,
    difference_mark,
    difference_tone,
)
from mmexplorer.present.explore.difference import (
    DifferenceOptions,
    difference_title,
    no_difference,
    parts_lines,
    row_at,
    row_of_region,
    side_name,
)
from mmexplorer.present.explore.view import ExploreView
from mmexplorer.present.region.row import RegionRow
from mmexplorer.present.text.border import filter_hint
from mmexplorer.present.text.clean import clean
from mmexplorer.present.text.line import Line
from mmexplorer.ui.widgets.list_pane import ListPane
from mmexplorer.ui.widgets.prompt import Prompt
from mmexplorer.ui.widgets.shared_row import SharedRow
from mmexplorer.ui.widgets.table.table import Table
from mmexplorer.ui.workers import start_worker

ELSEWHERE = "elsewhere"
"""The subject of the prompt."""
_EXAMPLES = "before.mmx   before.mmx@22:31:07   core.8402   smaps.txt   8402   python3"


class Comparing:
    """Compares A with B, the current view: live, an earlier moment or another process. Owned by the screen."""

    def __init__(
        self,
        screen: Screen[None],
        elsewhere: Elsewhere | None,
        changed: Callable[[], None],
        turned: Callable[[], None],
    ) -> None:
        """Keep `changed`, called when the comparison changes, and `turned`, called when the panes swap."""
        self._screen = screen
        self._elsewhere = elsewhere
        self._changed = changed
        self._turned = turned
        self._a: Side | None = None
        self._view: ExploreView | None = None
        self._unchanged = False
        self._mounting = asyncio.Lock()
        self.is_on = False
        """Whether the difference is shown instead of the regions."""

    @cached_property
    def pane(self) -> ListPane:
        """The list of differences, which is mounted once they are asked for."""
        table = Table(
            DIFFERENCE_COLUMNS,
            key=lambda row: row.key,
            tone=difference_tone,
            mark=difference_mark,
            id="difference-table",
        )
        return ListPane(
            table, DIFFERENCE_COLUMNS, DIFFERENCE_FIELDS, "rss_change", changed=self._changed, id="difference"
        )

    async def _mount_pane(self) -> None:
        """Mount the pane, still hidden, beside the regions that it will replace."""
        async with self._mounting:
            if not self.pane.is_attached and self._screen.is_attached:
                await self._screen.query_one(SharedRow).mount(self.pane, after="#regions")

    @property
    def has_elsewhere(self) -> bool:
        """Whether A can come from elsewhere: a file or another process."""
        return self._elsewhere is not None

    @property
    def options(self) -> DifferenceOptions | None:
        """What to compare; None while the difference isn't shown."""
        if not self.is_on or self._a is None:
            return None
        pane, boot = self.pane, self._boot
        return DifferenceOptions(self._a, boot, pane.filter, pane.sort_key, pane.descending, self._unchanged)

    @property
    def _boot(self) -> str:
        return self._elsewhere.boot if self._elsewhere is not None else ""

    def remember(self, view: ExploreView | None) -> None:
        """Remember the current view as A."""
        space = view.snapshot.target if view is not None else None
        if view is None or space is None or not space.regions:
            self._screen.notify("There are no regions to compare.", severity="warning")
            return
        self._a = Side(space, self._boot, side_name(space, view.snapshot.taken_at))
        self._changed()
        if not self.is_on:
            self._screen.notify(clean(f"A is {self._a.name}. Press b to compare it with what is shown."), markup=False)

    def complete(self, view: ExploreView | None) -> None:
        """Replace A by the view read a moment later, if it is still the same process."""
        space = view.snapshot.target if view is not None else None
        a = self._a
        if view is not None and space is not None and a is not None and space.process.key == a.space.process.key:
            self._a = Side(space, a.boot, side_name(space, view.snapshot.taken_at))
            self._changed()

    async def toggle(self) -> None:
        """Compare the current view with A, or return to the regions."""
        if self._a is None:
            self._screen.notify("First remember with a what to compare with, or name it with A.", severity="warning")
        elif self.is_on:
            self.leave()
        else:
            await self._enter()

    async def _enter(self) -> None:
        """Show the difference instead of the regions."""
        await self._mount_pane()
        if self._screen.is_attached:
            self._switch(on=True)

    def leave(self) -> None:
        """Return to the regions."""
        self._switch(on=False)

    def toggle_unchanged(self) -> None:
        """Show or hide unchanged regions."""
        self._unchanged = not self._unchanged
        self._changed()

    def ask(self) -> None:
        """Ask what to compare with."""
        self._screen.query_one(Prompt).ask(ELSEWHERE, "compare with", "", _EXAMPLES)

    def find(self, text: str) -> str:
        """Compare the current view with the named source; return an error in the name, or ""."""
        if not text.strip():
            return "it needs a name: a file, FILE@TIME, a pid or a process's name"
        start_worker(self._screen, partial(self._find, text.strip()), group="compare", exclusive=True)
        return ""

    async def _find(self, text: str) -> None:
        found = await asyncio.to_thread(self._elsewhere.find, text) if self._elsewhere is not None else None
        if isinstance(found, Side) and self._screen.is_attached:
            self._a = found
            await self._enter()
        elif isinstance(found, Unavailable) and self._screen.is_attached:
            self._screen.notify(clean(found.reason), severity="error", markup=False)

    def _switch(self, *, on: bool) -> None:
        self.is_on = on
        self._screen.set_class(on, "-comparing")
        self._changed()
        self._turned()

    def show(self, view: ExploreView) -> None:
        """Show the differences, if comparing."""
        self._view = view
        if not self.is_on:
            return
        pane, found = self.pane, view.difference
        b = view.snapshot.target
        pane.table.set_empty(no_difference(found, pane.filter_text, pending=b is not None and bool(b.regions)))
        pane.table.set_rows(found.shown if found is not None else ())
        if found is not None:
            pane.set_title(*difference_title(found))
        keys = (("/", "filter"), ("o", "what stayed, too"), ("Esc", "back to the regions"))
        pane.hint(filter_hint(pane.query_text, keys))

    @property
    def row(self) -> RegionRow | None:
        """The region in B under the cursor; None if it is only in A."""
        return row_of_region(self._under_cursor, self._view.map.regions) if self._view is not None else None

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines about the row under the cursor that begin the details."""
        return parts_lines(self._under_cursor) if self.is_on else ()

    def move_to(self, start: int) -> bool:
        """Move the cursor to the row that contains a region of B; return False if it isn't listed."""
        row = row_at(self._view.difference, start) if self._view is not None else None
        return row is not None and self.pane.table.move_to(row.key)

    @property
    def _under_cursor(self) -> DifferenceRow | None:
        row: DifferenceRow | None = self.pane.table.cursor_row
        return row
