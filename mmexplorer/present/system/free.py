"""The table of free(1), exactly as procps 4 prints it."""

from enum import Enum

from mmexplorer.model.system.memory import Free, Size
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.text.cells import DASH
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, plain, span

_KIB = 1024
_HUMAN_UNITS = "KMGTPE"
_HUMAN_WIDTH = 5
"""The width of `free -h`: `395Mi`, `1.0Gi`; a longer figure loses its decimals."""
_LABEL, _FIRST, _CELL = 9, 11, 11


class Unit(Enum):
    """The units of free(1), by option letter. Its default is kibibytes."""

    BYTES = "b"
    KIB = "k"
    MIB = "m"
    GIB = "g"
    HUMAN = "h"


_DIVISORS = {Unit.BYTES: 1, Unit.KIB: _KIB, Unit.MIB: _KIB**2, Unit.GIB: _KIB**3}

NO_SWAP: Line = line(span("no swap: nothing can be paged out", Tone.DIM))
"""What zero swap means."""

COLUMNS = ("total", "used", "free", "shared", "buff/cache", "available")
_WIDE_COLUMNS = ("total", "used", "free", "shared", "buffers", "cache", "available")
"""The columns of `free -w`."""


_SWAP = ("total swap", "used swap", "free swap")


def amount(count: int, unit: Unit) -> str:
    """Return bytes in `unit`, truncated to whole units as free(1) does: 1.9 GiB with `-g` is 1."""
    return _human(count) if unit is Unit.HUMAN else str(count // _DIVISORS[unit])


def _human(count: int) -> str:
    plain = f"{count}B"
    if len(plain) < _HUMAN_WIDTH:
        return plain
    for power, letter in enumerate(_HUMAN_UNITS, start=1):
        scaled = count / _KIB**power
        for text in (f"{scaled:.1f}{letter}i", f"{int(scaled)}{letter}i"):
            if len(text) <= _HUMAN_WIDTH:
                return text
    return text


def rows(free: Free) -> tuple[tuple[Size, ...], tuple[Size, ...]]:
    """Return the figures of memory under `COLUMNS`, and those of swap under the first three."""
    return (
        (free.total, free.used, free.free, free.shared, free.buff_cache, free.available),
        (free.swap_total, free.swap_used, free.swap_free),
    )


def free_lines(free: Free, unit: Unit, *, wide: bool = False) -> tuple[Line, Line, Line]:
    """Return the three lines of free(1) or `free -w`; a figure that the kernel doesn't provide is a dash."""
    memory, swap = rows(free)
    if wide:
        memory = (*memory[:4], free.buffers, free.cache, memory[-1])
    return (
        line(*_cells("", [span(title, Tone.DIM).text for title in (_WIDE_COLUMNS if wide else COLUMNS)], Tone.DIM)),
        line(*_cells("Mem:", [_figure(value, unit) for value in memory], Tone.BRIGHT)),
        line(*_cells("Swap:", [_figure(value, unit) for value in swap], Tone.BRIGHT)),
    )


def _figure(value: Size, unit: Unit) -> str:
    return plain(DASH) if isinstance(value, Unavailable) else amount(value, unit)


def _cells(label: str, texts: list[str], tone: Tone) -> Line:
    first, *others = texts
    cells = [f"{first:>{_FIRST}}", *(f" {text:>{_CELL}}" for text in others)]
    return (span(label.ljust(_LABEL), Tone.DIM), *(span(cell, tone) for cell in cells))


def free_formula(free: Free) -> str:
    """Return the formula for used."""
    return "total - free - buffers - cache" if isinstance(free.available, Unavailable) else "total - available"


def free_notes(free: Free) -> tuple[Line, ...]:
    """Return the reasons for the dashes in the table, each once."""
    memory, swap = rows(free)
    figures = (*zip(COLUMNS, memory, strict=True), *zip(_SWAP, swap, strict=True))
    names: dict[str, list[str]] = {}
    for name, value in figures:
        if isinstance(value, Unavailable):
            names.setdefault(str(value), []).append(name)
    formula = "" if isinstance(free.used, Unavailable) else f"; used is {free_formula(free)}"
    return tuple(
        line(f"{', '.join(each)}: {reason}{formula if 'available' in each else ''}") for reason, each in names.items()
    )


def swap_note(free: Free) -> Line:
    """Explain zero swap; empty if there is swap."""
    return NO_SWAP if free.swap_total == 0 else EMPTY
