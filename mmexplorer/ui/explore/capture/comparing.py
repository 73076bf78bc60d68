"""What a, A and b of Explore do: the Regions pane becomes the difference of A and of what is shown."""

import asyncio
from collections.abc import Callable

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
from mmexplorer.present.region.table import RegionRow
from mmexplorer.present.text.border import filter_hint
from mmexplorer.present.text.clean import clean
from mmexplorer.present.text.line import Line
from mmexplorer.ui.widgets.list_pane import ListPane
from mmexplorer.ui.widgets.prompt import Prompt
from mmexplorer.ui.widgets.table.table import Table

ELSEWHERE = "elsewhere"
"""What the line at the bottom asks for."""
_EXAMPLES = "before.mmx   before.mmx@22:31:07   core.8402   smaps.txt   8402   python3"


class Comparing:
    """Owned by the screen. B is whatever is shown: live, a moment of the timeline, another process."""

    def __init__(
        self,
        screen: Screen[None],
        elsewhere: Elsewhere | None,
        changed: Callable[[], None],
        turned: Callable[[], None],
    ) -> None:
        """`changed` is called when something else is to be compared, `turned` when the pane is another."""
        self._screen = screen
        self._elsewhere = elsewhere
        self._changed = changed
        self._turned = turned
        self._a: Side | None = None
        self._view: ExploreView | None = None
        self._unchanged = False
        self.is_on = False
        """Whether the difference stands in the place of the regions."""

    def compose(self) -> ListPane:
        """Make the pane."""
        table = Table(
            DIFFERENCE_COLUMNS,
            key=lambda row: row.key,
            tone=difference_tone,
            mark=difference_mark,
            id="difference-table",
        )
        return ListPane(table, DIFFERENCE_COLUMNS, DIFFERENCE_FIELDS, "rss_change", id="difference")

    @property
    def pane(self) -> ListPane:
        """The list of what is different."""
        return self._screen.query_one("#difference", ListPane)

    @property
    def has_elsewhere(self) -> bool:
        """Whether something else than what was shown can be A."""
        return self._elsewhere is not None

    @property
    def options(self) -> DifferenceOptions | None:
        """What is to be compared; None for nothing."""
        if not self.is_on or self._a is None:
            return None
        pane, boot = self.pane, self._boot
        return DifferenceOptions(self._a, boot, pane.filter, pane.sort_key, pane.descending, self._unchanged)

    @property
    def _boot(self) -> str:
        return self._elsewhere.boot if self._elsewhere is not None else ""

    def remember(self, view: ExploreView | None) -> None:
        """Remember what is shown as A."""
        space = view.snapshot.target if view is not None else None
        if view is None or space is None or not space.regions:
            self._screen.notify("There are no regions to be compared.", severity="warning")
            return
        self._a = Side(space, self._boot, side_name(space, view.snapshot.taken_at))
        self._changed()
        if not self.is_on:
            self._screen.notify(clean(f"A is {self._a.name}. b compares what is shown then with it."), markup=False)

    def complete(self, view: ExploreView | None) -> None:
        """Take for A what was read of it a moment later, if it is still the same process."""
        space = view.snapshot.target if view is not None else None
        a = self._a
        if view is not None and space is not None and a is not None and space.process.key == a.space.process.key:
            self._a = Side(space, a.boot, side_name(space, view.snapshot.taken_at))
            self._changed()

    def toggle(self) -> None:
        """Compare what is shown with A, or return to the regions."""
        if self._a is None:
            self._screen.notify("First remember with a what to compare with, or name it with A.", severity="warning")
        else:
            self._show(on=not self.is_on)

    def leave(self) -> None:
        """Return to the regions."""
        self._show(on=False)

    def toggle_unchanged(self) -> None:
        """Show or hide what stayed as it was."""
        self._unchanged = not self._unchanged
        self._changed()

    def ask(self) -> None:
        """Ask what to compare with."""
        self._screen.query_one(Prompt).ask(ELSEWHERE, "compare with", "", _EXAMPLES)

    def find(self, text: str) -> str:
        """Compare what is shown with what was named; give what is wrong with the name, or ""."""
        if not text.strip():
            return "it needs a name: a file, FILE@TIME, a pid or a process's name"
        self._screen.run_worker(self._find(text.strip()), group="compare", exclusive=True)
        return ""

    async def _find(self, text: str) -> None:
        found = await asyncio.to_thread(self._elsewhere.find, text) if self._elsewhere is not None else None
        if isinstance(found, Side) and self._screen.is_attached:
            self._a = found
            self._show(on=True)
        elif isinstance(found, Unavailable) and self._screen.is_attached:
            self._screen.notify(clean(found.reason), severity="error", markup=False)

    def _show(self, *, on: bool) -> None:
        self.is_on = on
        self._screen.set_class(on, "-comparing")
        self._changed()
        self._turned()

    def show(self, view: ExploreView) -> None:
        """Show what is different, with the cursor on its row."""
        self._view = view
        if not self.is_on:
            return
        pane, found = self.pane, view.difference
        pane.table.set_empty(no_difference(found, pane.filter_text))
        pane.table.set_rows(found.shown if found is not None else ())
        if found is not None:
            pane.set_title(*difference_title(found))
        keys = (("/", "filter"), ("o", "what stayed, too"), ("Esc", "back to the regions"))
        pane.hint(filter_hint(pane.query_text, keys))

    @property
    def row(self) -> RegionRow | None:
        """The region in B that is under the cursor; None where it is in A alone."""
        return row_of_region(self._under_cursor, self._view.map.regions) if self._view is not None else None

    @property
    def lines(self) -> tuple[Line, ...]:
        """What the details tell of the row under the cursor before anything else."""
        return parts_lines(self._under_cursor) if self.is_on else ()

    def move_to(self, start: int) -> bool:
        """Put the cursor on the row that a region of B is a part of; False if it isn't seen."""
        row = row_at(self._view.difference, start) if self._view is not None else None
        return row is not None and self.pane.table.move_to(row.key)

    @property
    def _under_cursor(self) -> DifferenceRow | None:
        row: DifferenceRow | None = self.pane.table.cursor_row
        return row
