"""The live picture of a lab: counters, pages and map of the lab process and of its children."""

from functools import partial

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from mmexplorer.model.memory.pages import PageStates
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.labs.counters import counter_lines
from mmexplorer.present.labs.map import (
    LAB_MAP_COLUMNS,
    LabMapRow,
    first_of_interest,
    map_mark,
    map_rows,
    map_tone,
    watched_keys,
)
from mmexplorer.present.labs.picture import LabPicture, View, named_counters
from mmexplorer.present.text.border import hint
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span
from mmexplorer.present.text.wrap import folded, wrapped
from mmexplorer.ui.widgets.lines import Lines, LinesFor
from mmexplorer.ui.widgets.page_grid import PageGrid
from mmexplorer.ui.widgets.pane import Pane
from mmexplorer.ui.widgets.table.table import Table

_GRIDS = 4
"""Most processes whose pages are shown at once."""
_ANY_WIDTH = 80
_BELOW = 2
"""Rows of the map kept visible below the most interesting one."""


class LabPictureBox(Pane):
    """Shows a `LabPicture`; of several processes, only one at a time with its map and counters."""

    DEFAULT_CSS = """
    LabPictureBox {
        VerticalScroll { scrollbar-size: 0 1; }
        Lines { padding-left: 1; margin-bottom: 1; }
        Table { height: 1fr; min-height: 5; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._picture = LabPicture()
        self._chosen = 0
        self._pid: int | None = None
        self._live: PageStates | Unavailable | None = None
        """The watched pages of the lab process during a step."""

    def compose(self) -> ComposeResult:
        """Lay out the parts; those that a lab doesn't need are hidden."""
        with VerticalScroll():
            yield Lines(id="lab-sentence")
            yield Lines(id="lab-drawing")
            yield Lines(id="lab-counters")
            for index in range(_GRIDS):
                yield PageGrid(id=f"lab-pages-{index}")
            yield Table(LAB_MAP_COLUMNS, key=lambda row: row.key, tone=map_tone, mark=map_mark, id="lab-map")

    def show(self, picture: LabPicture, pid: int | None) -> None:
        """Show another picture; `pid` is the lab process, or None."""
        changed, self._picture = picture != self._picture or self._live is not None, picture
        self._live = None
        if changed:
            self._chosen = picture.main
            self._draw()
        self._pid = pid
        self._set_title()

    def show_live(self, pages: PageStates | Unavailable) -> None:
        """Show the watched pages during a step, highlighting those that the step has changed."""
        self._live = pages
        self._draw_pages()

    def show_next(self) -> None:
        """Show the map and the counters of the next process."""
        if self._picture.views:
            self._chosen = (self._chosen + 1) % len(self._picture.views)
            self._draw()
            self._set_title()

    def take_focus(self) -> None:
        """Focus the map, or the box if not all parts fit, so that keys scroll it."""
        self.screen.set_focus(self.query_one(VerticalScroll))
        # What was hidden has to be laid out before it is known what fits.
        self.call_after_refresh(self._focus_map)

    def _focus_map(self) -> None:
        box, table = self.query_one(VerticalScroll), self.query_one("#lab-map", Table)
        if self.screen.focused is box and table.display and not box.max_scroll_y:
            self.screen.set_focus(table)

    @property
    def has_several(self) -> bool:
        """Whether there is more than one process to show."""
        return len(self._picture.views) > 1

    def on_resize(self) -> None:
        """Lay out the grids for the new height."""
        self._draw_pages()

    def _set_title(self) -> None:
        view = self._view
        number = "" if self._pid is None or self._chosen else f", {self._pid}"
        title = line(span(view.name if view is not None else self._picture.title, Tone.BRIGHT), span(number))
        summary: Line = EMPTY
        if view is not None and view.regions:
            count = "1 region" if len(view.regions) == 1 else f"{len(view.regions)} regions"
            summary = (span("ended; its last map", Tone.WARN),) if view.ended else (span(count, Tone.DIM),)
        self.set_title(title, summary)
        self.hint(hint((("o", "other process"),)) if self.has_several else EMPTY)

    @property
    def _view(self) -> View | None:
        return self._picture.views[self._chosen] if self._picture.views else None

    def _draw(self) -> None:
        picture, view = self._picture, self._view
        sentence = line(span(picture.sentence, Tone.DIM))
        self._block("#lab-sentence", lambda width: tuple(wrapped(sentence, width)) if picture.sentence else ())
        self._block("#lab-drawing", lambda width: tuple(folded(picture.drawing, width)))
        counters = counter_lines(view.before, view.after, picture.machine) if view is not None else ()
        self._block("#lab-counters", lambda _width: counters)
        self._draw_pages()
        self._draw_map(view)

    def _block(self, part: str, lines: LinesFor) -> None:
        block = self.query_one(part, Lines)
        block.display = bool(lines(_ANY_WIDTH))
        block.show(lines)

    def _draw_pages(self) -> None:
        views = self._picture.views
        watched = [view for view in views if view.pages is not None]
        rows = self.screen.size.height // 4 // max(1, len(watched))
        live = self._live
        if live is not None and not watched:
            self.query(PageGrid).first().show_pages(live, max(2, rows))
            return
        for index, grid in enumerate(self.query(PageGrid)):
            if index >= len(watched):
                grid.show_pages(None, 0)
                continue
            view = watched[index]
            heading = partial(named_counters, view) if len(views) > 1 else None
            if live is not None and view is views[0]:
                grid.show_pages(live, max(2, rows), heading, since=view.pages)
            else:
                grid.show_pages(view.pages, max(2, rows), heading)

    def _draw_map(self, view: View | None) -> None:
        table: Table[LabMapRow] = self.query_one("#lab-map", Table)
        table.display = view is not None
        if view is None:
            return
        before = view.regions_before if self._picture.compared else view.regions
        fault = self._picture.fault if not self._chosen else None
        rows = map_rows(before, view.regions, fault)
        table.set_rows(rows, reset=True)
        touched = self._picture.touched
        table.set_linked(watched_keys(rows, touched))
        at = first_of_interest(rows, touched)
        if at is not None:
            table.move_to(rows[min(at + _BELOW, len(rows) - 1)].key)
            table.move_to(rows[at].key)
