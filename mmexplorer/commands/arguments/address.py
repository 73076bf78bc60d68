"""The argument for an address of a process."""

from argparse import ArgumentParser


def add_address_argument(parser: ArgumentParser) -> None:
    """Add an address, as `parse_address` reads it."""
    parser.add_argument("address", metavar="ADDRESS", help="0x7f..., [heap]+8, libc.so.6+0x27410, libc.so.6@0x1cf8d0")
