"""The list of commands. Each is a module of the same name, which is imported only when the command is used."""

import importlib
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping

from mmexplorer.model.typed import Protocol, cast

RECORD = "record"
"""The command whose `--` is followed by another command."""

OPEN = "open"
"""The command used when a file is given in place of a command."""

COMMANDS: Mapping[str, str] = {
    "ps": "the processes of the machine",
    OPEN: "the explorer on a capture, a core file or a text of maps; the same without the word open",
    "maps": "the regions of a process with their counters",
    "elf": "the program headers and sections of a file, or of all that a process loaded",
    "free": "the memory of the machine as free(1) counts it",
    "sar": "memory, swap or paging over time as sar(1) counts them",
    "lab": "an experiment: predict, do it, see what happened",
    "lesson": "an order of experiments for 20, 50 or 90 minutes, with a teacher's notes",
    "symbols": "the symbols of an ELF file, or the one that an address belongs to",
    "pages": "the state of each page of a process, of a region or of a range",
    "bytes": "the bytes at an address of a process, and how they differ from the file",
    "search": "where text, bytes or pointers are in the memory of a process",
    "security": "how a process is protected, as it is mapped, or what a file declares",
    "faults": "where a process's page faults occur, and who maps memory, for some seconds",
    "where": "what an address of a process is: region, segment, section, symbol, thread",
    "users": "which processes map a file or hold it open, and how much of it is cached",
    RECORD: "moments of a process, of all, or of a command until it ends, into a file",
    "diff": "the differences between two moments of a process, or between two processes",
    "grow": "which regions of a capture grow, how fast, and how certain that is",
    "export": "a capture as CSV, JSON lines, a page of HTML, or a trace for ui.perfetto.dev",
    "collect": "prints a script that makes a capture on a host where nothing may be installed",
    "translate": "how an address of a process is translated, and which processes share the page",
}
"""What `--help` says about each, in this order."""


class Command(Protocol):
    """The interface of a command's module."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare its arguments; `--json` is declared for all commands."""
        ...

    def run(self, arguments: Namespace) -> int:
        """Print the answer and return the exit status. Raises CommandFailure."""
        ...


def command(name: str) -> Command:
    """Import the command's module."""
    return cast("Command", importlib.import_module(f"mmexplorer.commands.{name}"))
