"""The process a command was asked about, and the source it comes from."""

import os
from argparse import Namespace

from mmexplorer.commands.shared.exit import CommandFailure
from mmexplorer.commands.shared.find_process import find_process, is_pid
from mmexplorer.kernel.source import Source, live
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.source import Request
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import NamedTuple


class Found(NamedTuple):
    """A process, and the source that provides it."""

    source: Source
    pid: int

    def address_space(self, request: Request) -> AddressSpace:
        """Read it. Raises CommandFailure."""
        space = self.source.address_space(self.pid, request)
        if isinstance(space, Unavailable):
            raise CommandFailure(f"{self.pid}: {space}")
        return space


def find_in_source(text: str, arguments: Namespace) -> Found:
    """Find the process meant by a pid, a name or a file. Raises CommandFailure."""
    if arguments.at is None and arguments.pid_in_file is None and not _may_be_a_file(text):
        return find_live(text)
    # This imports all that reads captures and core files.
    from mmexplorer.commands.shared.sources import find_live_or_in_file  # noqa: PLC0415

    return find_live_or_in_file(text, arguments)


def find_anywhere(text: str) -> Found:
    """Find the process meant by PID, NAME, FILE or FILE@TIME. Raises CommandFailure."""
    if "@" not in text and not _may_be_a_file(text):
        return find_live(text)
    from mmexplorer.commands.shared.sources import find_live_or_at_a_moment  # noqa: PLC0415 - see above

    return find_live_or_at_a_moment(text)


def find_live(text: str) -> Found:
    """Find the running process meant by a pid or a name. Raises CommandFailure."""
    source = live()
    return Found(source, find_process(source.procfs, text).pid)


def _may_be_a_file(text: str) -> bool:
    return not is_pid(text) and (text == "-" or "/" in text or os.path.lexists(text))
