"""A compositor that paints only the dirty parts of a screen.

Textual's own renders every widget within one crop around everything dirty, and divides each of the lines.
"""

from collections.abc import Iterable, Iterator

from rich.color import ColorSystem
from rich.console import COLOR_SYSTEMS, Console, ConsoleOptions, RenderResult
from rich.control import Control
from textual._compositor import Compositor, CompositorUpdate, ReflowResult
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from mmexplorer.ui.terminal.picture import Picture

Painted = tuple[Region, list[Strip]]
"""A part of the screen, and its lines."""


class PictureUpdate(CompositorUpdate):
    """Painted parts, of which only the differences from the current picture are written."""

    def __init__(self, painted: list[Painted], *, whole: bool) -> None:
        self.painted = painted
        self.onto = Picture()
        """What is on the terminal."""
        self._whole = whole

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield all lines as segments that Rich can print."""
        for region, strips in self.painted:
            for y, strip in zip(region.line_range, strips, strict=True):
                yield Control.move_to(region.x, y).segment
                yield from strip

    def render_segments(self, console: Console) -> str:
        """Return the text to write; called only for an update that will be written."""
        if self._whole:
            self.onto.forget()
        colors = COLOR_SYSTEMS.get(console.color_system or "", ColorSystem.TRUECOLOR)
        return self.onto.write(self.painted, colors, in_order=self._whole)


class PartCompositor(Compositor):
    """Asks each widget only for the lines to paint."""

    def reflow(self, parent: Widget, size: Size) -> ReflowResult:
        """Lay out the widgets, and return all whose size isn't the one that they know.

        Textual compares with the last places. If somebody asks for one while a layout is due, these are the new ones
        already, and so nobody would be told.
        """
        result = super().reflow(parent, size)
        resized = {widget for widget, place in self._full_map.items() if widget.outer_size != place.region.size}
        return result._replace(resized=result.resized | resized)

    @property
    def visible_widgets(self) -> dict[Widget, tuple[Region, Region]]:
        """The regions of the widgets, except those removed since the last layout, which no longer have styles."""
        found = super().visible_widgets
        for gone in [widget for widget in found if self._is_gone(widget)]:
            del found[gone]
        return found

    def _is_gone(self, widget: Widget) -> bool:
        return widget.parent is None and widget is not self.root

    def update_widgets(self, widgets: set[Widget]) -> None:
        """Note what of these has to be painted. Textual looks through all widgets three times to find them."""
        visible = super().visible_widgets
        if not widgets <= visible.keys():
            self._full_map_invalidated = True
        for widget in visible.keys() & widgets:
            region, clip = visible[widget]
            parts = (clip.intersection(part.translate(region.offset)) for part in widget._exchange_repaint_regions())  # noqa: SLF001 - as Textual does
            self._dirty_regions.update(filter(None, parts))

    def render_full_update(self, simplify: bool = False) -> CompositorUpdate:  # type: ignore[override] # noqa: FBT001, FBT002 - Textual's, which displays any CompositorUpdate
        """Paint everything."""
        if simplify:
            return super().render_full_update(simplify)
        self._dirty_regions.clear()
        return PictureUpdate(_downwards(self._paint(self.size.region)), whole=True)

    def render_strips(self, size: Size | None = None) -> list[Strip]:
        """Return the lines of the screen, as a dialog shows them behind it.

        Textual's own divides each line where any widget begins. An undivided one is then cached in itself, and stays in
        memory until a garbage collection.
        """
        size = size or self.size
        lines: list[list[Strip]] = [[] for _ in range(size.height)]
        for region, strips in _downwards(self._paint(size.region)):
            lines[region.y] += strips
        return [Strip.join(line) for line in lines]

    def render_partial_update(self) -> CompositorUpdate | None:  # type: ignore[override] # Textual displays any CompositorUpdate
        """Paint the dirty parts."""
        dirty, screen = self._dirty_regions.copy(), self.size.region
        self._dirty_regions.clear()
        parts = [part for region in _apart(self._regions_to_spans(dirty)) if (part := region.intersection(screen))]
        if not parts:
            return None
        return PictureUpdate([each for part in parts for each in self._paint(part)], whole=False)

    def _paint(self, part: Region) -> Iterator[Painted]:
        """Paint one part of the screen, from the front widget to those it leaves uncovered."""
        uncovered = [part]
        for widget, (region, clip) in super().visible_widgets.items():
            if not region.overlaps(part) or self._is_gone(widget):
                continue
            seen = region.intersection(clip)
            for hole in tuple(uncovered):
                covered = hole.intersection(seen)
                if covered:
                    yield covered, widget.render_lines(covered.translate(-region.offset))
                    uncovered.remove(hole)
                    uncovered += _around(hole, covered)
            if not uncovered:
                return


def _downwards(painted: Iterable[Painted]) -> list[Painted]:
    """Return the lines from top to bottom, and from left to right."""
    lines = (
        (Region(region.x, y, region.width, 1), [strip])
        for region, strips in painted
        for y, strip in zip(region.line_range, strips, strict=True)
    )
    return sorted(lines, key=lambda line: (line[0].y, line[0].x))


def _apart(spans: Iterable[tuple[int, int, int]]) -> list[Region]:
    """Join spans of adjacent lines with the same columns."""
    parts: dict[tuple[int, int], list[Region]] = {}
    for y, x1, x2 in spans:
        column = parts.setdefault((x1, x2), [])
        if column and column[-1].bottom == y:
            column[-1] = Region(x1, column[-1].y, x2 - x1, column[-1].height + 1)
        else:
            column.append(Region(x1, y, x2 - x1, 1))
    return [part for column in parts.values() for part in column]


def _around(hole: Region, covered: Region) -> list[Region]:
    """Return what is left of `hole` above, below, left and right of `covered`."""
    left = [
        Region.from_corners(hole.x, hole.y, hole.right, covered.y),
        Region.from_corners(hole.x, covered.bottom, hole.right, hole.bottom),
        Region.from_corners(hole.x, covered.y, covered.x, covered.bottom),
        Region.from_corners(covered.right, covered.y, hole.right, covered.bottom),
    ]
    return [part for part in left if part]
