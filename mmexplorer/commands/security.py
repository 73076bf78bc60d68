"""`mmexplorer security PID|FILE`: how a process is protected, as it is mapped, or what a file declares."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator

from mmexplorer.commands.shared.exit import DONE, CommandFailure
from mmexplorer.commands.shared.inspected import Inspected, inspect
from mmexplorer.kernel.elf.dynamic import read_hardening
from mmexplorer.kernel.elf.images import ElfCache
from mmexplorer.kernel.files import open_regular
from mmexplorer.kernel.process.security import security_findings
from mmexplorer.model.process.security import Finding, judged
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.elf.security import FINDING_COLUMNS
from mmexplorer.present.json.security import security_document
from mmexplorer.present.text.column import plain_table


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the process or file."""
    parser.add_argument("what", metavar="PID|NAME|FILE", help="a process, or a file: a path with a slash in it")


def run(arguments: Namespace) -> int:
    """Print the findings."""
    findings = list(
        _of_file(arguments.what) if "/" in arguments.what else _of_process(inspect(arguments.what, counters=True))
    )
    if arguments.json:
        print(security_document(findings))
        return DONE
    for text in plain_table(FINDING_COLUMNS, findings):
        print(text)
    return DONE


def _of_file(path: str) -> Iterator[Finding]:
    image = ElfCache().open_path(path)
    opened = open_regular(path)
    if isinstance(image, Unavailable) or isinstance(opened, Unavailable):
        raise CommandFailure(f"{path}: {image if isinstance(image, Unavailable) else opened}")
    with opened:
        yield from judged(path, read_hardening(opened, image))


def _of_process(inspected: Inspected) -> Iterator[Finding]:
    return security_findings(inspected.procfs, inspected.memory_pid, inspected.space)
