"""The pages of a range: which of them are in memory, and in what state."""

from collections.abc import Callable, Iterator, Sequence

from mmexplorer.model.memory.pages import PageStates, changed_ranges
from mmexplorer.model.region import Range
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.memory.page_grid import grid_lines
from mmexplorer.present.text.line import Line, Tone, line, span
from mmexplorer.ui.widgets.lines import Lines


class PageGrid(Lines):
    """Shows `PageStates` in as many lines as they need; a sentence if they can't be read."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "PageGrid { display: none; }"

    def show_pages(
        self,
        pages: PageStates | Unavailable | None,
        rows: int,
        heading: Callable[[int], Line] | None = None,
        *,
        since: PageStates | Unavailable | None = None,
    ) -> None:
        """Show these pages in at most `rows` rows, highlighting changes from `since`. None hides the widget.

        `heading` composes a line above them.
        """
        self.display = pages is not None
        changed: tuple[Range, ...] = ()
        if isinstance(pages, PageStates) and isinstance(since, PageStates):
            changed = changed_ranges(since, pages)
        self.show(lambda width: tuple(_lines(pages, rows, heading, changed, width)))


def _lines(
    pages: PageStates | Unavailable | None,
    rows: int,
    heading: Callable[[int], Line] | None,
    changed: Sequence[Range],
    width: int,
) -> Iterator[Line]:
    if heading is not None:
        yield heading(width)
    if isinstance(pages, PageStates):
        yield from grid_lines(pages, max(1, width), rows, changed)
    elif pages is not None:
        yield line(span(f"pages: — {pages}", Tone.WARN))
