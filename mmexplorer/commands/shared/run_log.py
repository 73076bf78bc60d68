"""A record of the labs that were played, to be handed in: `--log FILE` after `lab` and `lesson`."""

from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mmexplorer.commands.shared.exit import CommandFailure
from mmexplorer.labs.lab import Lab
from mmexplorer.labs.outcome import Outcome


def add_log(parser: ArgumentParser) -> None:
    """Declare the option; before the command, `--log` is the program's own, for error reports."""
    parser.add_argument(
        "--log",
        dest="record",
        metavar="FILE",
        help="write predictions, answers and figures to a new FILE as JSON (unlike the --log before the command)",
    )


@contextmanager
def logged(path: str | None) -> Iterator[Callable[[Lab, Outcome], None] | None]:
    """Yield a function that writes each step to a new file at `path`; None for no record. Raises CommandFailure."""
    if path is None:
        yield None
        return
    from mmexplorer.commands.shared.run_log_file import RunLog  # noqa: PLC0415 - brings all of the labs' JSON with it

    log = RunLog(path)
    try:
        yield log.note
    finally:
        log.close()
    if log.error is not None:
        raise CommandFailure(f"{path}: the record is incomplete: {log.error}")
