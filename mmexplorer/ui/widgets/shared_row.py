"""Panes side by side that share the width by what their columns need: the one with the focus first.

One whose list is short may stand above the others, over the whole width.
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
"""Panes that stand beside each other in any case."""
_HIGH = 18
"""Rows from which on a pane may stand above the others."""


@runtime_checkable
class Needy(Protocol):
    """A pane that says how wide it has to be."""

    @property
    def needs(self) -> Needs:
        """Cells, its border included."""
        ...


def share(width: int, needs: Sequence[Needs], first: int) -> list[int]:
    """Divide `width` cells: each gets the least it needs, then `first` all it needs, then the others alike.

    What nobody needs goes to all; where there isn't enough, each gets less in proportion.
    """
    least = [each.least for each in needs]
    if sum(least) > width:
        edges = [width * sum(least[:index]) // sum(least) for index in range(len(least) + 1)]
        return [after - before for before, after in pairwise(edges)]
    widths, spare = least, width - sum(least)
    others = sorted((index for index in range(len(needs)) if index != first), key=lambda index: needs[index].whole)
    for waiting, index in zip((1, *range(len(others), 0, -1)), (first, *others), strict=True):
        more = min(spare // waiting, max(0, needs[index].whole - widths[index]))
        widths[index] += more
        spare -= more
    return [cells + (spare + index) // len(widths) for index, cells in enumerate(widths)]


class _Shares(Layout):
    name = "shares"

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:  # noqa: ARG002, FBT001, FBT002 - Textual's
        """Place the panes that are displayed from left to right."""
        parent.pre_layout(self)
        above = getattr(parent, "above", {}) if len(children) > _SIDE_BY_SIDE and size.height >= _HIGH else {}
        placements, y = [], 0
        for child in [child for child in children if child.id in above]:
            placements.append(_placed(child, Region(0, y, size.width, above[child.id])))
            y += above[child.id]
        row = [child for child in children if child.id not in above]
        first = next((index for index, child in enumerate(row) if child.id == getattr(parent, "first", "")), 0)
        needs = [child.needs if isinstance(child, Needy) else Needs(0, 0) for child in row]
        x = 0
        for child, width in zip(row, share(size.width, needs, first), strict=True):
            placements.append(_placed(child, Region(x, y, width, size.height - y)))
            x += width
        return placements


def _placed(child: Widget, region: Region) -> WidgetPlacement:
    return WidgetPlacement(region, NULL_OFFSET, NULL_SPACING, child)


class SharedRow(Widget):
    """Holds panes that say what they need."""

    DEFAULT_CSS = "SharedRow { width: 1fr; height: 1fr; }"

    def __init__(self, *panes: Widget, first: str, id: str | None = None) -> None:
        super().__init__(*panes, id=id)
        self.first = first
        """The id of the pane that gets its columns before the others."""
        self.above: dict[str, int] = {}
        """The rows of each pane that stands above the others, by its id."""
        self._shares = _Shares()

    @property
    def layout(self) -> Layout:
        """What places the panes."""
        return self._shares

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Give the room to the pane that has the focus."""
        node = event.widget
        while node.parent is not self and isinstance(node.parent, Widget):
            node = node.parent
        if node.parent is self and node.id is not None and node.id != self.first:
            self.first = node.id
            self.share_again()

    def put_above(self, name: str, rows: int) -> None:
        """Have a pane stand above the others, with so many rows; 0: beside them."""
        above = {**self.above, name: rows} if rows else {key: self.above[key] for key in self.above if key != name}
        if above != self.above:
            self.above = above
            self.share_again()

    def share_again(self) -> None:
        """Divide the width again: another pane is to come first, or one has other columns."""
        # A widget forgets how its children stood when one of these asks for it, not when it does itself.
        self.children[0].refresh(layout=True)
