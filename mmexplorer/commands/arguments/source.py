"""Which moment of a capture, and which process in a file, a command is to look at."""

from argparse import ArgumentParser


def add_source_arguments(parser: ArgumentParser) -> None:
    """Declare which moment of a file, and which process in it."""
    parser.add_argument(
        "--at", metavar="TIME|INDEX", help="of a capture: 22:31:07, 2026-11-26T22:31:07, or 0 for the first moment"
    )
    parser.add_argument("--pid", dest="pid_in_file", metavar="N", help="of a file with several processes: which one")
