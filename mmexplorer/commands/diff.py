"""`mmexplorer diff A B`: what is different between two moments of a process, or between two processes."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace

from mmexplorer.commands.shared.exit import CANNOT_READ, DONE, CommandFailure
from mmexplorer.commands.shared.sources import Found, find_anywhere
from mmexplorer.kernel.capture.replay import ReplayProcfs
from mmexplorer.model.capture.comparison import Difference
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.source import Request
from mmexplorer.present.capture.compared import DIFFERENCE_COLUMNS, Comparison, compare, comparison_fields
from mmexplorer.present.capture.limit import Limit, exceeded, parse_limit
from mmexplorer.present.json.document import document
from mmexplorer.present.text.clean import clean
from mmexplorer.present.text.column import plain_table
from mmexplorer.present.text.format import signed_size


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the two sides and the limit."""
    side = "PID, NAME, a capture (FILE or FILE@TIME or FILE@INDEX), a core file, a text"
    parser.add_argument("a", metavar="A", help=side)
    parser.add_argument("b", metavar="B", help="the same")
    parser.add_argument(
        "--fail-if", type=_limit, metavar="LIMIT", help="end with 1 if B exceeds it: rss>+5%%, size>+10M, swap>0"
    )
    parser.add_argument("--all", action="store_true", help="print the rows that didn't change, too")


def run(arguments: Namespace) -> int:
    """Print the rows. Raises CommandFailure also where the limit is exceeded."""
    sides = find_anywhere(arguments.a), find_anywhere(arguments.b)
    spaces = [found.address_space(Request(counters_now=True)) for found in sides]
    found = compare(*spaces, same_process=_same_process(sides, spaces))
    if arguments.json:
        print(document("diff", comparison_fields(found, arguments.a, arguments.b)))
    else:
        _print(found, unchanged=arguments.all)
    limit: Limit | None = arguments.fail_if
    said = "" if limit is None else exceeded(limit, found)
    if said:
        raise CommandFailure(said, CANNOT_READ)
    return DONE


def _same_process(sides: tuple[Found, Found], spaces: list[AddressSpace]) -> bool:
    """Whether addresses mean the same on both sides: one pid, start and boot; or, where untold, much the same map."""
    a, b = (space.process.key for space in spaces)
    if not (a.start_time and b.start_time):
        starts = [{region[:4] for region in space.regions} for space in spaces]
        return 2 * len(starts[0] & starts[1]) > min(map(len, starts))
    return a == b and _boot(sides[0]) == _boot(sides[1])


def _boot(found: Found) -> str:
    """Tell one boot from another."""
    procfs = found.source.procfs
    if isinstance(procfs, ReplayProcfs):
        return procfs.moments.manifest.boot_id
    text = procfs.read("sys/kernel/random/boot_id")
    return text.decode("ascii", "replace").strip() if isinstance(text, bytes) else ""


def _print(found: Comparison, *, unchanged: bool) -> None:
    rows = [row for row in found.rows if unchanged or _changed(row)]
    for text in plain_table(DIFFERENCE_COLUMNS, rows):
        print(text)
    sums = (f"{name} {signed_size(count)}" for name, count in found.change._asdict().items() if count is not None)
    print(clean(f"{len(rows)} of {len(found.rows)} rows changed: {', '.join(sums)}"))


def _changed(row: Difference) -> bool:
    return not row.a or not row.b or any(row.change)


def _limit(typed: str) -> Limit:
    limit = parse_limit(typed)
    if limit is None:
        raise ArgumentTypeError(f"not a limit such as rss>+5%, size>+10M or swap>0: {typed!r}")
    return limit
