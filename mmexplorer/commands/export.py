"""`mmexplorer export FILE`: a capture in formats for a spreadsheet, a program, a browser or ui.perfetto.dev."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator
from itertools import chain

from mmexplorer.commands.shared.exit import DONE, CommandFailure
from mmexplorer.commands.shared.sources import capture_and_process
from mmexplorer.kernel.capture.capture import Capture
from mmexplorer.kernel.capture.history import history
from mmexplorer.model.capture.growth import GrowthTracker
from mmexplorer.model.capture.timeline import Tick, Timeline
from mmexplorer.present.capture.export import Looked, csv_lines, json_lines, perfetto_lines, rows
from mmexplorer.present.capture.growth import samples
from mmexplorer.present.capture.page import Seen, course_tick, page_lines


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the capture and the format."""
    parser.add_argument("file", metavar="FILE", help="a capture")
    parser.add_argument("--pid", dest="pid_in_file", metavar="N", help="which process, where it has several")
    formats = parser.add_mutually_exclusive_group(required=True)
    for name, what in (
        ("csv", "a row for each region at each moment"),
        ("json-lines", "the same, an object a line"),
        ("html", "one page with the course of memory, the map and what grows"),
        ("perfetto", "a Chrome JSON trace with counter tracks, for ui.perfetto.dev"),
    ):
        formats.add_argument(f"--{name}", dest="format", action="store_const", const=name, help=what)
    formats.add_argument("--json", dest="format", action="store_const", const="json-lines", help="as --json-lines")


def run(arguments: Namespace) -> int:
    """Write the export to standard output. Raises CommandFailure."""
    capture, pid = capture_and_process(arguments.file, arguments.pid_in_file)
    pieces = _pieces(arguments.format, capture, pid)
    first = next(pieces, None)
    if first is None:
        raise CommandFailure(f"{arguments.file}: it shows no regions of {pid} at any moment")
    sys.stdout.write(first)
    sys.stdout.writelines(pieces)
    return DONE


def _pieces(wanted: str, capture: Capture, pid: int) -> Iterator[str]:
    seen = history(capture, pid, elf=True)
    looked = (Looked(each.moment, each.clocks, each.space) for each in seen)
    first = next(looked, None)
    if first is None:
        return iter(())
    everything = chain((first,), looked)
    if wanted == "html":
        return _page(capture, everything)
    if wanted == "perfetto":
        return perfetto_lines(everything)
    table = rows(capture.moments.manifest, everything)
    return csv_lines(table) if wanted == "csv" else json_lines(table)


def _page(capture: Capture, looked: Iterable[Looked]) -> Iterator[str]:
    tracker = GrowthTracker()
    ticks: list[Tick] = []
    for each in looked:
        tracker.add(each.clocks.boottime, samples(each.space))
        ticks.append(course_tick(each))
        last = each
    return page_lines(capture.moments.manifest, Seen(Timeline(tuple(ticks)), last, tracker.growths()))
