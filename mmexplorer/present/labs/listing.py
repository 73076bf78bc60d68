"""The text of a lab's C program, with the next line marked."""

from collections.abc import Iterator, Sequence

from mmexplorer.labs.c_program import source, stops
from mmexplorer.labs.lab import Lab
from mmexplorer.labs.outcome import Outcome
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span

_NEXT, _DONE, _FATAL = "▸", "·", "✗"


def listing(lab: Lab, outcomes: Sequence[Outcome] = ()) -> Iterator[Line]:
    """Yield the program with marks for lines done, the next one, or the one that ended it; nothing without a program.

    While it runs, only main is shown, so that the map below has room.
    """
    if not lab.source:
        return
    text = source(lab.source)
    last = outcomes[-1] if outcomes else None
    at = last.figures.numbers.get("line", 0) if last is not None else 0
    ended = last.figures.words.get("ended", "") if last is not None else ""
    waits = stops(text)
    yield line(span(f"{lab.source}: {_legend(at, ended)}", Tone.DIM))
    rows = list(enumerate(text.rstrip("\n").split("\n"), 1))
    main = next((number for number, row in rows if " main(" in row), 1) if at else 1
    for number, row in rows[main - 1 :]:
        mark, tone = _marked(number, at, ended) if number in waits else (" ", Tone.NORMAL)
        yield line(span(f"{mark} ", tone), span(f"{number:>2}  ", Tone.DIM), span(row, tone))
    yield EMPTY


def _marked(number: int, at: int, ended: str) -> tuple[str, Tone]:
    if number == at and not ended:
        return _NEXT, Tone.ACCENT
    if number == at and ended.startswith("was"):
        return _FATAL, Tone.ERROR
    return (_DONE, Tone.DIM) if number <= at else (" ", Tone.NORMAL)


def _legend(at: int, ended: str) -> str:
    if not at:
        return "not run yet"
    return f"the program {ended}" if ended else f"{_NEXT} comes next, {_DONE} was done"
