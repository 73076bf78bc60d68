"""The arguments for sorting a command's rows."""

from argparse import ArgumentParser
from collections.abc import Sequence


def add_sort_arguments(parser: ArgumentParser, keys: Sequence[str]) -> None:
    """Add the arguments for the sort column and for reversing the order."""
    parser.add_argument("--sort", metavar="COLUMN", choices=keys, help=f"the order: {', '.join(keys)}; sizes descend")
    parser.add_argument("--reverse", action="store_true", help="reverse the order")
