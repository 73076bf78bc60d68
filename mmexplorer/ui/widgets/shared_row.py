"""Panes side by side that share the width according to their columns' needs, the focused pane first.

A pane with a short list may go above the others, across the full width.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol, runtime_checkable

from textual import events
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget

from mmexplorer.ui.widgets.table.layout import Needs

_SIDE_BY_SIDE = 2
"""Panes that always stay side by side."""
_HIGH = 18
"""Minimum rows at which a pane may go above the others."""


@runtime_checkable
class Needy(Protocol):
    """A pane that knows how wide it needs to be."""

    @property
    def needs(self) -> Needs:
        """In cells, including its border."""
        ...


def share(width: int, needs: Sequence[Needs], first: int, main: int | None = None) -> list[int]:
    """Divide `width` cells: each pane gets its minimum, then `first` all it needs, then `main`, then the others alike.

    What is left over is shared by all; if there isn't enough, each gets proportionally less.
    """
    least = [each.least for each in needs]
    if sum(least) > width:
        edges = [width * sum(least[:index]) // sum(least) for index in range(len(least) + 1)]
        return [after - before for before, after in pairwise(edges)]
    widths, spare = least, width - sum(least)
    served = [first] if main in (None, first) else [first, main]
    others = sorted((index for index in range(len(needs)) if index not in served), key=lambda index: needs[index].whole)
    waits = (*(1 for _ in served), *range(len(others), 0, -1))
    for waiting, index in zip(waits, (*served, *others), strict=True):
        more = min(spare // waiting, max(0, needs[index].whole - widths[index]))
        widths[index] += more
        spare -= more
    return [cells + (spare + index) // len(widths) for index, cells in enumerate(widths)]


class _Shares(Layout):
    name = "shares"

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:  # noqa: ARG002, FBT001, FBT002 - Textual's
        """Place the visible panes from left to right."""
        parent.pre_layout(self)
        above = getattr(parent, "above", {}) if len(children) > _SIDE_BY_SIDE and size.height >= _HIGH else {}
        placements, y = [], 0
        for child in [child for child in children if child.id in above]:
            placements.append(_placed(child, Region(0, y, size.width, above[child.id])))
            y += above[child.id]
        row = [child for child in children if child.id not in above]
        first, main = (
            next((index for index, child in enumerate(row) if child.id == getattr(parent, name, "")), 0)
            for name in ("first", "main")
        )
        needs = [child.needs if isinstance(child, Needy) else Needs(0, 0) for child in row]
        x = 0
        for child, width in zip(row, share(size.width, needs, first, main), strict=True):
            placements.append(_placed(child, Region(x, y, width, size.height - y)))
            x += width
        return placements


def _placed(child: Widget, region: Region) -> WidgetPlacement:
    return WidgetPlacement(region, NULL_OFFSET, NULL_SPACING, child)


class SharedRow(Widget):
    """Holds panes that know their needs."""

    DEFAULT_CSS = "SharedRow { width: 1fr; height: 1fr; }"

    def __init__(self, *panes: Widget, first: str, id: str | None = None) -> None:
        super().__init__(*panes, id=id)
        self.first = self.main = first
        """The ids of the panes that are served first, and next: the focused one, and the one that began so."""
        self.above: dict[str, int] = {}
        """The heights of the panes above the others, by id."""
        self._shares = _Shares()

    @property
    def layout(self) -> Layout:
        """The layout that places the panes."""
        return self._shares

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Serve the focused pane first."""
        node = event.widget
        while node.parent is not self and isinstance(node.parent, Widget):
            node = node.parent
        if node.parent is self and node.id is not None and node.id != self.first:
            self.first = node.id
            self.share_again()

    def put_above(self, name: str, rows: int) -> None:
        """Put a pane above the others with that many rows; 0 puts it beside them."""
        above = {**self.above, name: rows} if rows else {key: self.above[key] for key in self.above if key != name}
        if above != self.above:
            self.above = above
            self.share_again()

    def share_again(self) -> None:
        """Divide the width again, after a change of the first pane or of a pane's columns."""
        # A widget discards its cached arrangement when a child requests layout, not when it does itself.
        self.children[0].refresh(layout=True)
