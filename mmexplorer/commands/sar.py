"""`mmexplorer sar`: one row per interval as sar(1) prints it, or one JSON document per line."""

import shutil
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator, Mapping
from itertools import count, islice

from mmexplorer.commands.arguments.interval import USUAL, interval
from mmexplorer.commands.shared.exit import DONE, CommandFailure
from mmexplorer.kernel.system.live_source import LiveSystem
from mmexplorer.kernel.system.sysstat import read_host
from mmexplorer.model.system.history import sar_sample
from mmexplorer.model.system.sar import Figure, MemoryRow, PagingRow, SwapRow, Tally, memory_row, swap_row
from mmexplorer.model.system.snapshot import SystemSnapshot
from mmexplorer.model.system.source import SystemRequest
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import names
from mmexplorer.present.json.document import document
from mmexplorer.present.system.sar import (
    REPORTS,
    Row,
    banner,
    formula_words,
    header_text,
    kbmemused_formula,
    row_of,
    row_text,
)
from mmexplorer.present.text.format import time_of_day

_LINES_BETWEEN_TITLES = 2
"""The line of titles and the blank one before it."""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the pace, the number of rows, and the report by sar's letters."""
    parser.add_argument("seconds", nargs="?", type=interval, default=USUAL, metavar="INTERVAL", help="seconds")
    parser.add_argument("count", nargs="?", type=_rows, metavar="COUNT", help="rows; without it until interrupted")
    reports = parser.add_mutually_exclusive_group()
    for letter, report in (("r", "memory, the default"), ("S", "swap space"), ("B", "paging")):
        reports.add_argument(f"-{letter}", dest="report", action="store_const", const=letter, help=report)
    parser.set_defaults(report="r")


def _rows(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < len(text) < len("1000000000") and int(text)):
        raise ArgumentTypeError(f"not a number of rows: {text!r}")
    return int(text)


def run(arguments: Namespace) -> int:
    """Print `count` rows, one every `seconds`; without a count, until interrupted.

    `arguments` has `seconds`, `count` or None, `report` ("r", "S" or "B") and `json`.
    """
    source = LiveSystem()
    kind = REPORTS[arguments.report]
    readings = islice(_readings(source, arguments.seconds), None if arguments.count is None else arguments.count + 1)
    if arguments.json:
        _print_documents(readings, kind)
    else:
        _print_table(readings, kind)
    return DONE


def _readings(source: LiveSystem, interval: float) -> Iterator[SystemSnapshot]:
    start = time.monotonic()
    for turn in count():
        time.sleep(max(0.0, start + turn * interval - time.monotonic()))
        snapshot = source.sample(SystemRequest(details=False))
        _known("meminfo", snapshot.meminfo)
        _known("vmstat", snapshot.vmstat)
        yield snapshot


def _known(file: str, figures: Mapping[str, int] | Unavailable) -> Mapping[str, int]:
    if isinstance(figures, Unavailable):
        raise CommandFailure(f"/proc/{file}: {figures}")
    return figures


def _row(before: SystemSnapshot, after: SystemSnapshot, kind: type[Row]) -> Row:
    sample = sar_sample(before, after)
    row = None if isinstance(sample, Unavailable) else row_of(sample, kind)
    # Can't happen: a reading without meminfo or vmstat has already ended the command.
    if row is None:
        raise CommandFailure("no figures to report")
    return row


def _print_table(readings: Iterator[SystemSnapshot], kind: type[Row]) -> None:
    first = before = next(readings)
    words = f"\t{formula_words(first.sar_formula)}" if kind is MemoryRow else ""
    print(f"{banner(read_host(), first.taken_at)}{words}")
    tally = Tally()
    room = 0
    try:
        for after in readings:
            if room <= 0:
                print(f"\n{header_text(kind, time_of_day(before.taken_at))}")
                room = _rows_until_titles()
            print(row_text(_row(before, after, kind), time_of_day(after.taken_at)), flush=True)
            tally, before, room = tally.add(_known("meminfo", after.meminfo)), after, room - 1
    except KeyboardInterrupt:
        # As in sar: the averages are still printed, and this is a normal end.
        print()
    if tally.count:
        print(row_text(_average(kind, tally, first, before)))


def _rows_until_titles() -> int:
    """Return how many rows fit on a terminal under one line of titles; a file or a pipe has only one such line."""
    if not sys.stdout.isatty():
        return sys.maxsize
    return max(1, shutil.get_terminal_size().lines - _LINES_BETWEEN_TITLES - 1)


def _average(kind: type[Row], tally: Tally, first: SystemSnapshot, last: SystemSnapshot) -> Row:
    if kind is PagingRow:
        return _row(first, last, kind)
    return swap_row(tally.mean()) if kind is SwapRow else memory_row(tally.mean(), last.sar_formula)


def _print_documents(readings: Iterator[SystemSnapshot], kind: type[Row]) -> None:
    before = next(readings)
    for after in readings:
        row = _row(before, after, kind)
        shown: dict[str, object] = {name: _number(name, getattr(row, name)) for name in names(kind)}
        extra = {"kbmemused_formula": kbmemused_formula(after.sar_formula)} if kind is MemoryRow else {}
        print(document("sar", {"timestamp": round(after.taken_at, 3), **shown, **extra}), flush=True)
        before = after


def _number(name: str, figure: Figure) -> float | Unavailable:
    """Truncate kB to whole numbers; round the rest to sar's two decimals."""
    if isinstance(figure, Unavailable):
        return figure
    return int(figure) if name.startswith("kb") else round(figure, 2)
