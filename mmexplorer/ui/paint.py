"""The only module that maps tones to colours: lines become Textual content, segments and strips."""

from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter
from typing import Literal

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.content import Content
from textual.content import Span as ContentSpan
from textual.geometry import Region
from textual.strip import Strip
from textual.style import Style
from textual.widget import Widget

from mmexplorer.present.text.line import Line, Span, Tone, plain
from mmexplorer.present.text.wrap import HELD

_ELLIPSIS = "…"

_STANDARD = {
    Tone.DIM: "foreground-muted",
    Tone.OLDER: "foreground-muted",
    Tone.BRIGHT: "foreground",
    Tone.ACCENT: "text-accent",
    Tone.WARN: "text-warning",
    Tone.ERROR: "text-error",
    Tone.ADDED: "text-success",
    Tone.REMOVED: "text-error",
    Tone.CHANGED: "text-warning",
    Tone.CODE: "text-primary",
    Tone.RODATA: "foreground-muted",
    Tone.DATA: "text-warning",
    Tone.HEAP: "text-error",
    Tone.STACK: "text-accent",
    Tone.ANON: "text-success",
    Tone.FILE: "text-secondary",
    Tone.SHARED: "text-primary",
    Tone.GUARD: "foreground-muted",
    Tone.KERNEL: "text-secondary",
    Tone.PAST: "text-warning",
}
"""A variable that every theme defines, for themes that aren't ours and lack `tone-code`, `tone-dim` and so on."""

_ATTRIBUTES = {
    Tone.BRIGHT: "bold",
    Tone.ACCENT: "bold",
    Tone.WARN: "bold",
    Tone.ERROR: "bold",
    Tone.ADDED: "bold",
    Tone.REMOVED: "strike",
    Tone.CHANGED: "bold",
    Tone.PAST: "bold reverse",
}
"""The attributes that mark a tone where there are no colours."""


def tone_style(widget: Widget, tone: Tone) -> Style:
    """Return the style of a tone in the app's theme, to be added to the widget's own style."""
    if tone is Tone.NORMAL:
        return Style()
    ours = f"tone-{tone.value}"
    variable = ours if ours in widget.app.theme_variables else _STANDARD[tone]
    return widget.app.stylesheet.parse_style(f"{_ATTRIBUTES.get(tone, '')} ${variable}".strip())


def content(widget: Widget, line: Line) -> Content:
    """Return a line as content for a `Static`, a title or a toast; never parsed for markup.

    It has the colours of the current theme: build it again when the theme changes.
    """
    return contents(widget, (line,))


def broken(text: Content, width: int, style: Style) -> list[Strip]:
    """Break a content, made of `held_together` lines, at its blanks; a word that is too long, inside it."""
    return [
        Strip([segment._replace(text=segment.text.replace(HELD, " ")) for segment in row.render_segments(style)])
        for row in text.wrap(width)
    ]


def contents(widget: Widget, lines: Iterable[Line]) -> Content:
    """Return several lines as one content."""
    texts: list[str] = []
    spans: list[ContentSpan] = []
    at = 0
    for line in lines:
        texts.append(plain(line))
        for text, tone in line:
            if tone is not Tone.NORMAL:
                spans.append(ContentSpan(at, at + len(text), tone_style(widget, tone)))
            at += len(text)
        at += len("\n")
    return Content("\n".join(texts), spans)


def line_regions(lines: Iterable[int], width: int) -> list[Region]:
    """Return regions that cover these lines of a widget, ascending; adjacent lines share one, as each has a cost."""
    regions: list[Region] = []
    for y in lines:
        if regions and regions[-1].bottom == y:
            regions[-1] = Region(0, regions[-1].y, width, regions[-1].height + 1)
        else:
            regions.append(Region(0, y, width, 1))
    return regions


def fit(line: Line, width: int, align: Literal["left", "right"] = "left") -> Line:
    """Cut or pad a line to exactly `width` cells; an ellipsis marks the cut.

    Right-aligned lines are numbers: one that is too long keeps its last digits.
    """
    length = sum(cell_len(text) for text, _ in line)
    if length > width:
        return _last(line, width) if align == "right" else _cut(line, width)
    padding = Span(" " * (width - length))
    if not padding.text:
        return line
    return (padding, *line) if align == "right" else (*line, padding)


def _last(line: Line, width: int) -> Line:
    """Keep the end of a line: the digits that distinguish a number from the next."""
    if width < 1:
        return ()
    room = width - 1
    kept: list[Span] = []
    for text, tone in reversed(line):
        length = cell_len(text)
        if length > room:
            kept.append(Span(_ELLIPSIS + _tail(text, room), tone))
            break
        kept.append(Span(text, tone))
        room -= length
    return tuple(reversed(kept))


def _tail(text: str, width: int) -> str:
    """Return the end of a text in exactly `width` cells, with a blank for half a wide character."""
    start = next(start for start in range(len(text) + 1) if cell_len(text[start:]) <= width)
    return " " * (width - cell_len(text[start:])) + text[start:]


def _cut(line: Line, width: int) -> Line:
    if width < 1:
        return ()
    room = width - 1
    kept: list[Span] = []
    for text, tone in line:
        length = cell_len(text)
        if length > room:
            # A blank replaces a wide character that only half fits, to keep the width exact.
            kept.append(Span(set_cell_size(text, room) + _ELLIPSIS, tone))
            break
        kept.append(Span(text, tone))
        room -= length
    return tuple(kept)


def merged(line: Iterable[Span]) -> Line:
    """Join adjacent spans of the same tone."""
    return tuple(Span("".join([text for text, _ in spans]), tone) for tone, spans in groupby(line, itemgetter(1)))


def crop_extend(strip: Strip, start: int, end: int, style: RichStyle) -> Strip:
    """Return the cells from `start` to `end`, padded in `style`.

    `Strip.crop_extend` caches the result in the strip. If that is the strip itself, it stays in memory until a garbage
    collection.
    """
    return strip.extend_cell_length(end, style).crop(start, end)


class Brush:
    """Paints the lines of one widget; caches the style for each pair of component class and tone."""

    def __init__(self, widget: Widget) -> None:
        self._widget = widget
        self._styles: dict[tuple[str, Tone], RichStyle] = {}

    def forget(self) -> None:
        """Drop the cached styles; call this from `notify_style_update`."""
        self._styles.clear()

    def style(self, component: str = "", tone: Tone = Tone.NORMAL) -> RichStyle:
        """Return the style of a tone over a component class of the widget; "" for the widget itself.

        A reversed component (the cursor without colours) gets no tone colours: each would become a patch of background.
        """
        if (component, tone) not in self._styles:
            self._styles[component, tone] = self._style(component, tone).rich_style
        return self._styles[component, tone]

    def _style(self, component: str, tone: Tone) -> Style:
        widget = self._widget
        if not component:
            return widget.visual_style + tone_style(widget, tone)
        # get_visual_style() leaves `reverse` out.
        if widget.get_component_styles(component).text_style.reverse:
            return widget.get_visual_style(component) + tone_style(widget, tone).without_color + Style(reverse=True)
        return widget.get_visual_style(component) + tone_style(widget, tone)

    def segments(self, line: Line, component: str = "") -> list[Segment]:
        """Paint a line."""
        return [Segment(text, self.style(component, tone)) for text, tone in line if text]
