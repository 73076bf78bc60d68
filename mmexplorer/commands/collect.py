"""`mmexplorer collect`: prints a script for hosts where nothing may be installed; it sends a capture as a tar."""

from argparse import ArgumentParser, Namespace
from importlib.resources import files

from mmexplorer.commands.shared.exit import DONE
from mmexplorer.present.json.document import document


def add_arguments(parser: ArgumentParser) -> None:
    """Set the description: there are no arguments."""
    parser.epilog = "mmexplorer collect | ssh HOST sh -s PID [MOMENTS [SECONDS]] > x.tar; mmexplorer maps x.tar"


def run(arguments: Namespace) -> int:
    """Print the script, which runs in any POSIX shell: dash, busybox, bash."""
    script = files("mmexplorer.commands").joinpath("collect.sh").read_text()
    print(document("collect", {"script": script}) if arguments.json else script, end="\n" if arguments.json else "")
    return DONE
