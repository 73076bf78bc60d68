"""The table of free(1) on the screen, with a cursor on one figure; below it, the bar and the limit that applies."""

from mmexplorer.model.system.memory import Free, free
from mmexplorer.model.system.snapshot import SystemSnapshot
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.system.amounts import fine_size
from mmexplorer.present.system.free import COLUMNS, Unit, amount, free_notes, rows, swap_note
from mmexplorer.present.system.memory_bar import composition_lines
from mmexplorer.present.system.settings import cgroup_lines
from mmexplorer.present.text.line import EMPTY, Line, Span, Tone, line, span

_LABEL = 5
_CELL = 12
"""Enough for a terabyte in bytes."""

_CURSOR = "▸"

UNITS = (Unit.HUMAN, Unit.BYTES, Unit.KIB, Unit.MIB, Unit.GIB)
"""In the order in which the key cycles through them."""

UNIT_WORDS = {
    Unit.HUMAN: "human: what fits, in K M G",
    Unit.BYTES: "bytes",
    Unit.KIB: "KiB",
    Unit.MIB: "MiB",
    Unit.GIB: "GiB",
}


def free_block(snapshot: SystemSnapshot, unit: Unit, topic: str, width: int, height: int) -> tuple[Line, ...]:
    """Return the rows of the pane: the table, the bar that adds up to the total, its legend, the limit that applies."""
    figures = snapshot.meminfo if isinstance(snapshot.meminfo, Unavailable) else free(snapshot.meminfo)
    if isinstance(snapshot.meminfo, Unavailable) or isinstance(figures, Unavailable):
        return (line(span(f"/proc/meminfo — {figures}", Tone.WARN)),)
    table = (*free_table(figures, unit, topic), *free_notes(figures), EMPTY)
    # The limit comes first, unless the cgroup can't be read: then the reason does.
    binds = cgroup_lines(snapshot.cgroup, figures.total)[1 if isinstance(snapshot.cgroup, Unavailable) else 0]
    return (*table, *composition_lines(snapshot.meminfo, width, height - len(table) - 1), binds)


def free_table(figures: Free, unit: Unit, topic: str) -> tuple[Line, Line, Line]:
    """Return the three rows of free(1) with `topic` marked, a column title or `swap`."""
    memory, swap = rows(figures)
    note = swap_note(figures)
    titles = [_title(name, marked=name == topic) for name in COLUMNS]
    return (
        (span(" " * _LABEL), *titles),
        (span("Mem".ljust(_LABEL), Tone.DIM), *(_figure(value, unit) for value in memory)),
        (_swap_label(marked=topic == "swap"), *(_figure(value, unit) for value in swap), span("  "), *note),
    )


def _title(name: str, *, marked: bool) -> Span:
    return span(f"{_CURSOR if marked else ''}{name}".rjust(_CELL), Tone.ACCENT if marked else Tone.DIM)


def _swap_label(*, marked: bool) -> Span:
    return span(f"{_CURSOR if marked else ''}Swap".ljust(_LABEL), Tone.ACCENT if marked else Tone.DIM)


def _figure(value: int | Unavailable, unit: Unit) -> Span:
    if isinstance(value, Unavailable):
        return span("—".rjust(_CELL), Tone.DIM)
    shown = fine_size(value) if unit is Unit.HUMAN else amount(value, unit)
    return span(shown.rjust(_CELL), Tone.BRIGHT if value else Tone.DIM)


def topic_at(x: int, y: int) -> str | None:
    """Return the figure at a cell of the table, for a click."""
    column = (x - _LABEL) // _CELL
    if y == 2:  # noqa: PLR2004 - the row of swap
        return "swap"
    return COLUMNS[column] if y in (0, 1) and 0 <= column < len(COLUMNS) else None
