"""The list of labs, with what is done, open, or can't be played here."""

from mmexplorer.labs.lab import Lab
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import NamedTuple
from mmexplorer.present.text.column import Column
from mmexplorer.present.text.format import kilobytes
from mmexplorer.present.text.line import Line, Tone, line, span


class LabRow(NamedTuple):
    """A lab in the list."""

    number: int
    """Its place in the chapter's order, from 1."""
    lab: Lab
    lack: Unavailable | None = None
    """Why it can't be played here; None if it can."""
    steps_done: int = 0
    """How many steps are done since it was opened or restarted; 0 if it isn't open."""
    is_open: bool = False
    done: bool = False
    """Whether it was played to the end at least once with every check passed."""


def lab_mark(row: LabRow) -> str:
    """Return the sign before the row: ✓ done, ▸ open, ✗ can't be played here."""
    if row.done:
        return "✓"
    return "✗" if row.lack is not None else "▸" if row.is_open else ""


def lab_tone(row: LabRow) -> Tone | None:
    """Return the tone of a lab that can't be played here; None for others."""
    return Tone.DIM if row.lack is not None else None


def _title(row: LabRow) -> Line:
    return line(span(f"{row.number:>2} ", Tone.DIM), span(row.lab.title, Tone.ACCENT if row.is_open else Tone.NORMAL))


def _steps(row: LabRow) -> Line:
    count = len(row.lab.steps)
    return line(f"{row.steps_done}/{count}" if row.is_open else span(str(count), Tone.DIM))


LAB_COLUMNS: tuple[Column[LabRow], ...] = (
    Column("title", "LAB", 20, _title, flexible=True, help="What the lab is about, in the chapter's order."),
    Column(
        "steps", "STEPS", 5, _steps, align="right", help=("How many steps it has; for the open lab, how many are done.")
    ),
)

LISTING_COLUMNS: tuple[Column[LabRow], ...] = (
    Column("name", "NAME", 16, lambda row: line(row.lab.name)),
    Column("title", "TITLE", 32, lambda row: line(row.lab.title)),
    Column("row", "ROW", 9, lambda row: line(row.lab.row)),
    Column("here", "RUNS HERE", 9, lambda row: line("yes" if row.lack is None else f"no: {row.lack}"), flexible=True),
)
"""The columns of `mmexplorer lab --list`."""


def needs(lab: Lab) -> list[str]:
    """Return what a lab needs, in words, the address space first; nothing for a simulation."""
    if lab.simulator is not None:
        return []
    return [f"{kilobytes(lab.address_space)} of address space", *(need.value for need in lab.needs)]
