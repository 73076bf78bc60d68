"""The timeline below the strip: how the process grew, what happened when, and which moment is shown."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache, partial
from operator import attrgetter

from mmexplorer.model.capture.timeline import KEPT_BYTES, KEPT_SECONDS, Beginning, Event, Tick, Timeline
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.text.braille import fitted
from mmexplorer.present.text.format import duration, size, size_range, time_of_day
from mmexplorer.present.text.line import EMPTY, Line, Span, Tone, line, plain, span

_SIGNS = (
    (Event.END, "x", Tone.ERROR),
    (Event.OOM, "k", Tone.ERROR),
    (Event.EXEC, "!", Tone.WARN),
    (Event.CAME, "+", Tone.ADDED),
    (Event.WENT, "-", Tone.REMOVED),
    (Event.GREW, "~", Tone.CHANGED),
)
"""The first of these that happened in a column is drawn."""
_SELDOM = frozenset({Event.END, Event.OOM, Event.EXEC})
"""Marked in the line itself if there is no row for marks."""
_HERE = "▲"
_LEFT = 14
"""Cells for the time of the first moment and the row's name."""
_RIGHT = 20
"""Cells for the amounts and NOW."""
_BEGINNINGS = {
    Beginning.FILE: ("", "This is the first moment of the file."),
    Beginning.OPENED: ("since opened", "This is the first moment: mmexplorer was started then."),
    Beginning.AGE: (
        f"last {duration(KEPT_SECONDS)}",
        f"This is the oldest moment: only the last {duration(KEPT_SECONDS)} are remembered.",
    ),
    Beginning.SIZE: (
        f"{size(KEPT_BYTES)} are full",
        f"This is the oldest moment: the moments since then fill the {size(KEPT_BYTES)} of memory they may take.",
    ),
}
"""Why there are no earlier moments, in at most 12 cells and as a sentence."""
_NONE_BEFORE = (
    "none before",
    f"This is the oldest moment of the last {duration(KEPT_SECONDS)}: nothing was read in the minutes before it.",
)
_NEARLY_ALL = 0.9 * KEPT_SECONDS
"""Seconds. If the moments left span less, there was a pause before them, or nothing to read yet."""
_LEGEND = "▏+ - ~  ! exec x end"
_LEGEND_OOM = "▏! exec x end k OOM"


class Shown(NamedTuple):
    """The moment shown."""

    tick: Tick
    number: int
    """Its index among all moments."""
    newest: Tick

    @property
    def is_newest(self) -> bool:
        """Whether it is the last one."""
        return self.tick is self.newest


def moment_text(shown: Shown, *, live: bool) -> str:
    """Return `22:31:07, 3 min ago`; for a capture `22:31:07, 3 min before the end`."""
    away = duration(shown.newest.clocks.boottime - shown.tick.clocks.boottime)
    return f"{time_of_day(shown.tick.clocks.realtime)}, {away} {'ago' if live else 'before the end'}"


def reading_text(tick: Tick) -> str:
    """Return `reading 22:31:07…`: what is being done while a moment isn't shown yet."""
    return f"reading {time_of_day(tick.clocks.realtime)}…"


def beginning_text(timeline: Timeline) -> str:
    """Return why there are no earlier moments."""
    return _beginning(timeline)[1]


def _beginning(timeline: Timeline) -> tuple[str, str]:
    spanned = timeline.ticks[-1].clocks.boottime - timeline.ticks[0].clocks.boottime if timeline.ticks else 0.0
    after_a_gap = timeline.begins is Beginning.AGE and spanned < _NEARLY_ALL
    return _NONE_BEFORE if after_a_gap else _BEGINNINGS[timeline.begins]


def cell_width(width: int) -> int:
    """Return the number of cells of the line itself."""
    return max(0, width - _LEFT - _RIGHT)


def tick_at(timeline: Timeline, x: int, width: int) -> int | None:
    """Return the moment that was clicked; None outside the line."""
    cells, cell = cell_width(width), x - _LEFT
    if not 0 <= cell < cells or not timeline.ticks:
        return None
    first, last = timeline.ticks[0].clocks.boottime, timeline.ticks[-1].clocks.boottime
    return timeline.nearest(first + (last - first) * (cell + 0.5) / cells)


def timeline_lines(
    timeline: Timeline, shown: Shown | None, width: int, height: int, name: str = "RSS"
) -> tuple[Line, ...]:
    """Compose rows of RSS, VSZ and marks; RSS gets the rows beyond three. Below three rows, one of RSS with the marks.

    `name` labels the first row, in three letters.
    """
    cells = cell_width(width)
    if not timeline.ticks or cells < 1:
        return (line(span(" timeline: no moments yet", Tone.DIM)),)
    columns, gaps = cache(partial(timeline.columns, cells * 2)), timeline.may_have_gaps(cells * 2)
    rss, amount = _chart(timeline, columns, "rss", cells, max(1, height - 2), gaps=gaps)
    happened = _happened(timeline, cells)
    killed = any(Event.OOM in events for events in happened.values())
    if height < 3:  # noqa: PLR2004 - the number of rows
        marked = _marked(rss[0], happened, shown, timeline, cells)
        return (_row(_time(timeline), name, marked, amount, _now(shown, killed=killed)),)
    vsz, vsz_amount = _chart(timeline, columns, "vsz", cells, 1, gaps=gaps)
    begins = f" {_beginning(timeline)[0]}".ljust(_LEFT)
    return (
        _row(_time(timeline), name, line(span(rss[0], Tone.HEAP)), amount, _now(shown)),
        *(_row("", " " * len(name), line(span(each, Tone.HEAP)), "", EMPTY) for each in rss[1:]),
        _row("", "VSZ", line(span(vsz[0], Tone.DIM)), vsz_amount, EMPTY),
        (
            span(begins, Tone.DIM),
            *_put(_signs(happened, shown, timeline, cells), " " * cells, Tone.NORMAL),
            span(_LEGEND_OOM if killed else _LEGEND, Tone.DIM),
        ),
    )


def _time(timeline: Timeline) -> str:
    return time_of_day(timeline.ticks[0].clocks.realtime)


def _now(shown: Shown | None, *, killed: bool = False) -> Line:
    now = span("NOW", Tone.DIM if shown is None or shown.is_newest else Tone.PAST)
    return line(span("k OOM ", Tone.DIM), now) if killed else line(now)


def _row(start: str, name: str, drawn: Line, amount: str, end: Line) -> Line:
    left = (span(f" {start:<8} {name} ".rjust(_LEFT), Tone.DIM),)
    room = _RIGHT - len(plain(end)) - 2
    return (*left, *drawn, span(f" {amount[:room]:<{room}} "), *end)


def _chart(
    timeline: Timeline,
    columns: Callable[[], Sequence[int | None]],
    name: str,
    cells: int,
    height: int,
    *,
    gaps: bool,
) -> tuple[Sequence[str], str]:
    """Draw `height` rows, and format their range. Where nothing changed, the columns needn't be found."""
    found: list[int | None] = list(map(attrgetter(name), timeline.ticks))
    values = set(found)
    known = {value for value in values if value is not None}
    if not known:
        return (" " * cells,) * height, "—"
    low, high = min(known), max(known)
    is_level = values == {low} and not gaps
    drawn = (low,) * (cells * 2) if is_level else [None if at is None else found[at] for at in columns()]
    return fitted(drawn, cells, height, low, high), size_range(low, high)


def _cell(tick: Tick, timeline: Timeline, cells: int) -> int:
    first, last = timeline.ticks[0].clocks.boottime, timeline.ticks[-1].clocks.boottime
    part = (tick.clocks.boottime - first) / (last - first) if last > first else 1.0
    return min(cells - 1, int(part * cells))


def _happened(timeline: Timeline, cells: int) -> dict[int, set[Event]]:
    """Return the events, by the cell of the line they are in."""
    happened: dict[int, set[Event]] = {}
    for tick in [tick for tick in timeline.ticks if tick.events]:
        happened.setdefault(_cell(tick, timeline, cells), set()).update(tick.events)
    return happened


def _signs(
    happened: Mapping[int, Collection[Event]], shown: Shown | None, timeline: Timeline, cells: int
) -> Mapping[int, Span]:
    """Return the signs, by the cell of the line they are in: of events, and of the moment shown."""
    signs = {cell: _mark(events) for cell, events in happened.items()}
    if shown is not None:
        signs[_cell(shown.tick, timeline, cells)] = span(_HERE, Tone.PAST)
    return signs


def _put(signs: Mapping[int, Span], drawn: str, tone: Tone) -> Line:
    """Replace cells of a drawn line by signs."""
    whole: list[Span] = []
    end = 0
    for cell in sorted(signs):
        whole += [span(drawn[end:cell], tone), signs[cell]]
        end = cell + 1
    return (*whole, span(drawn[end:], tone))


def _mark(events: Collection[Event]) -> Span:
    return next(span(sign, tone) for event, sign, tone in _SIGNS if event in events)


def _marked(
    drawn: str, happened: Mapping[int, Collection[Event]], shown: Shown | None, timeline: Timeline, cells: int
) -> Line:
    """Put the mark of the moment, and those of rare events, into the line itself."""
    seldom = {cell: rare for cell, events in happened.items() if (rare := _SELDOM.intersection(events))}
    return _put(_signs(seldom, shown, timeline, cells), drawn, Tone.HEAP)
