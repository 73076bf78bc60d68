"""`mmexplorer users FILE|PID:ADDRESS`: which processes map a file or hold it open."""

import os
from argparse import ArgumentParser, Namespace

from mmexplorer.commands.shared.exit import DONE, CommandFailure
from mmexplorer.commands.shared.inspected import address_in, inspect, region_at
from mmexplorer.commands.shared.output import print_lines
from mmexplorer.kernel.process.users import SHARES_AT_MOST, find_users
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.kernel.used_file import Asked, file_at, file_behind
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.json.users import users_document
from mmexplorer.present.region.users import USER_COLUMNS, unseen_lines, users_lines
from mmexplorer.present.text.column import table_lines


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the file."""
    parser.add_argument(
        "file", metavar="FILE|PID:ADDRESS", help="a file by its name, or by an address of a process that maps it"
    )
    parser.add_argument(
        "--pss", action="store_true", help=f"read PSS of all that map it, not only of the first {SHARES_AT_MOST}"
    )


def run(arguments: Namespace) -> int:
    """Print who uses the file; nobody is a valid answer."""
    procfs = LiveProcfs()
    users = find_users(procfs, _asked(procfs, arguments.file), all_shares=arguments.pss)
    if arguments.json:
        print(users_document(users))
        return DONE
    print_lines(users_lines(users, procfs.page_size))
    if users.uses:
        print_lines(table_lines(USER_COLUMNS, users.uses))
    print_lines(unseen_lines(users.unseen))
    return DONE


def _asked(procfs: LiveProcfs, text: str) -> Asked:
    """Determine which file is meant; an existing file of exactly that name takes precedence."""
    who, colon, address = text.rpartition(":")
    if colon and "/" not in who and not os.path.lexists(text):
        inspected = inspect(who)
        if not isinstance(inspected.source.procfs, LiveProcfs):
            raise CommandFailure(f"a {inspected.source.kind} doesn't tell which file it was: name the file itself")
        found = file_behind(procfs, inspected.memory_pid, region_at(inspected, address_in(inspected, address)))
    else:
        found = file_at(text)
    if isinstance(found, Unavailable):
        raise CommandFailure(f"{text}: {found}")
    return found
