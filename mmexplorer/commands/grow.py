"""`mmexplorer grow FILE`: which regions of a capture grow, how fast, and how certain that is."""

from argparse import ArgumentParser, Namespace

from mmexplorer.commands.shared.exit import DONE, CommandFailure
from mmexplorer.commands.shared.sources import capture_and_process
from mmexplorer.kernel.capture.history import history
from mmexplorer.model.capture.growth import GrowthTracker
from mmexplorer.present.capture.growth import GROWTH_COLUMNS, growth_record, samples
from mmexplorer.present.json.document import document
from mmexplorer.present.text.column import plain_table


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the capture."""
    parser.add_argument("file", metavar="FILE", help="a capture")
    parser.add_argument("--pid", dest="pid_in_file", metavar="N", help="which process, where it has several")


def run(arguments: Namespace) -> int:
    """Print the regions that changed, steady growth first."""
    capture, pid = capture_and_process(arguments.file, arguments.pid_in_file)
    seen = list(history(capture, pid, elf=False))
    if not seen:
        raise CommandFailure(f"{arguments.file}: it shows no regions of {pid} at any moment")
    tracker = GrowthTracker()
    counted = [each for each in seen if each.fresh]
    for each in counted or seen:
        tracker.add(each.clocks.boottime, samples(each.space))
    growths = tracker.growths()
    if arguments.json:
        print(document("grow", {"rows": [growth_record(growth) for growth in growths]}))
        return DONE
    for line in plain_table(GROWTH_COLUMNS, growths):
        print(line)
    return DONE
