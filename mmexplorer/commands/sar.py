"""`mmexplorer sar`: a row an interval as sar(1) prints it, or one JSON document a line."""

import shutil
import sys
import time
from argparse import Namespace
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from itertools import count, islice

from mmexplorer.commands.failure import DONE, CommandFailure
from mmexplorer.kernel.sysstat import read_host
from mmexplorer.kernel.system import LiveSystem
from mmexplorer.model.sar import (
    Figure,
    MemoryRow,
    PagingRow,
    SwapRow,
    Tally,
    UsedFormula,
    memory_row,
    paging_row,
    swap_row,
)
from mmexplorer.model.source_system import SystemRequest
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.json import document
from mmexplorer.present.sar import Row, banner, formula_words, header_text, row_text, time_of_day

_KINDS: Mapping[str, type[Row]] = {"r": MemoryRow, "S": SwapRow, "B": PagingRow}
_LINES_BETWEEN_TITLES = 2
"""The line of titles and the blank one before it."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """One look at the machine."""

    at: float
    clock: float
    meminfo: Mapping[str, int]
    vmstat: Mapping[str, int]


def run(arguments: Namespace) -> int:
    """Print `count` rows, one every `interval` seconds; without a count until interrupted.

    `arguments`: `interval` in seconds, `count` or None, `report` ("r", "S" or "B") and `json`.
    """
    source = LiveSystem()
    formula, kind = source.sar_formula, _KINDS[arguments.report]
    readings = islice(_readings(source, arguments.interval), None if arguments.count is None else arguments.count + 1)
    if arguments.json:
        _print_documents(readings, kind, formula)
    else:
        _print_table(readings, kind, formula)
    return DONE


def _readings(source: LiveSystem, interval: float) -> Iterator[_Reading]:
    start = time.monotonic()
    for turn in count():
        time.sleep(max(0.0, start + turn * interval - time.monotonic()))
        snapshot = source.sample(SystemRequest(details=False))
        if isinstance(snapshot.meminfo, Unavailable):
            raise CommandFailure(f"/proc/meminfo: {snapshot.meminfo}")
        if isinstance(snapshot.vmstat, Unavailable):
            raise CommandFailure(f"/proc/vmstat: {snapshot.vmstat}")
        yield _Reading(snapshot.taken_at, snapshot.clock, snapshot.meminfo, snapshot.vmstat)


def _row(kind: type[Row], before: _Reading, after: _Reading, formula: UsedFormula) -> Row:
    if kind is PagingRow:
        return paging_row(before.vmstat, after.vmstat, after.clock - before.clock)
    return swap_row(after.meminfo) if kind is SwapRow else memory_row(after.meminfo, formula)


def _print_table(readings: Iterator[_Reading], kind: type[Row], formula: UsedFormula) -> None:
    first = before = next(readings)
    words = f"\t{formula_words(formula)}" if kind is MemoryRow else ""
    print(f"{banner(read_host(), first.at)}{words}")
    tally = Tally()
    room = 0
    try:
        for after in readings:
            if room <= 0:
                print(f"\n{header_text(kind, time_of_day(before.at))}")
                room = _rows_until_titles()
            print(row_text(_row(kind, before, after, formula), time_of_day(after.at)), flush=True)
            tally, before, room = tally.add(after.meminfo), after, room - 1
    except KeyboardInterrupt:
        # As sar does: the averages still come, and it counts as a regular end.
        print()
    if tally.count:
        print(row_text(_average(kind, tally, first, before, formula)))


def _rows_until_titles() -> int:
    """Rows that fit on a terminal under one line of titles; in a file or a pipe there is only one."""
    if not sys.stdout.isatty():
        return sys.maxsize
    return max(1, shutil.get_terminal_size().lines - _LINES_BETWEEN_TITLES - 1)


def _average(kind: type[Row], tally: Tally, first: _Reading, last: _Reading, formula: UsedFormula) -> Row:
    if kind is PagingRow:
        return _row(kind, first, last, formula)
    return swap_row(tally.mean()) if kind is SwapRow else memory_row(tally.mean(), formula)


def _print_documents(readings: Iterator[_Reading], kind: type[Row], formula: UsedFormula) -> None:
    before = next(readings)
    for after in readings:
        row = _row(kind, before, after, formula)
        shown: dict[str, object] = {each.name: _number(each.name, getattr(row, each.name)) for each in fields(row)}
        extra = {"kbmemused_formula": formula.value} if kind is MemoryRow else {}
        print(document("sar", {"timestamp": round(after.at, 3), **shown, **extra}), flush=True)
        before = after


def _number(name: str, figure: Figure) -> float | Unavailable:
    """Give whole kB, and the rest with sar's two decimals."""
    if isinstance(figure, Unavailable):
        return figure
    return int(figure) if name.startswith("kb") else round(figure, 2)
