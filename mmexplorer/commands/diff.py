"""`mmexplorer diff A B`: the differences between two moments of a process, or between two processes."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace

from mmexplorer.commands.shared.exit import CANNOT_READ, DONE, CommandFailure
from mmexplorer.commands.shared.sources import find_side
from mmexplorer.model.capture.comparison import same_process
from mmexplorer.present.capture.compared import Comparison, compare, comparison_fields
from mmexplorer.present.capture.difference import DIFFERENCE_COLUMNS, difference_row
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
    """Print the rows. Raises CommandFailure, also if the limit is exceeded."""
    a, b = find_side(arguments.a), find_side(arguments.b)
    found = compare(a.space, b.space, same_process=same_process(a, b))
    if arguments.json:
        print(document("diff", comparison_fields(found, arguments.a, arguments.b)))
    else:
        _print(found, unchanged=arguments.all)
    limit: Limit | None = arguments.fail_if
    said = "" if limit is None else exceeded(limit, found)
    if said:
        raise CommandFailure(said, CANNOT_READ)
    return DONE


def _print(found: Comparison, *, unchanged: bool) -> None:
    rows = [row for row in found.rows if unchanged or row.differs]
    for text in plain_table(DIFFERENCE_COLUMNS, map(difference_row, rows)):
        print(text)
    sums = (f"{name} {signed_size(count)}" for name, count in found.change._asdict().items() if count is not None)
    print(clean(f"{len(rows)} of {len(found.rows)} rows changed: {', '.join(sums)}"))


def _limit(typed: str) -> Limit:
    limit = parse_limit(typed)
    if limit is None:
        raise ArgumentTypeError(f"not a limit such as rss>+5%, size>+10M or swap>0: {typed!r}")
    return limit
