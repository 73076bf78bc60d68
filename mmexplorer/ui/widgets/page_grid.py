"""The pages of a range: which of them are in memory, and as what."""

from collections.abc import Callable, Iterator

from mmexplorer.model.memory.pages import PageStates
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.memory.page_grid import grid_lines
from mmexplorer.present.text.line import Line, Tone, line, span
from mmexplorer.ui.widgets.lines import Lines


class PageGrid(Lines):
    """Shows `PageStates`, as many lines high as they need; a sentence where they can't be read."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "PageGrid { display: none; }"

    def show_pages(
        self, pages: PageStates | Unavailable | None, rows: int, heading: Callable[[int], Line] | None = None
    ) -> None:
        """Show these pages in at most `rows` rows; `heading` composes a line above them. None hides the widget."""
        self.display = pages is not None
        self.show(lambda width: tuple(_lines(pages, rows, heading, width)))


def _lines(
    pages: PageStates | Unavailable | None, rows: int, heading: Callable[[int], Line] | None, width: int
) -> Iterator[Line]:
    if heading is not None:
        yield heading(width)
    if isinstance(pages, PageStates):
        yield from grid_lines(pages, max(1, width), rows)
    elif pages is not None:
        yield line(span(f"pages: — {pages}", Tone.WARN))
