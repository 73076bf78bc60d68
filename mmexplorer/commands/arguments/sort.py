"""By which column a command sorts its rows."""

from argparse import ArgumentParser
from collections.abc import Sequence


def add_sort_arguments(parser: ArgumentParser, keys: Sequence[str]) -> None:
    """Declare by which column the rows are sorted, and that it may be the other way round."""
    parser.add_argument("--sort", metavar="COLUMN", choices=keys, help=f"the order: {', '.join(keys)}; sizes descend")
    parser.add_argument("--reverse", action="store_true", help="turn the order round")
