"""The arguments for the moment of a capture and the process in a file that a command looks at."""

from argparse import ArgumentParser


def add_source_arguments(parser: ArgumentParser) -> None:
    """Add the arguments for the moment in a file and the process in it."""
    parser.add_argument(
        "--at", metavar="TIME|INDEX", help="of a capture: 22:31:07, 22:31, 2026-11-26T22:31, or 0 for the first moment"
    )
    parser.add_argument("--pid", dest="pid_in_file", metavar="N", help="of a file with several processes: which one")
