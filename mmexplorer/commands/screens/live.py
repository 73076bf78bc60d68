"""Composes the screens with the live machine, and runs them. Importing this imports Textual."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from mmexplorer.commands.shared.elsewhere import Elsewhere
from mmexplorer.commands.shared.exit import CommandFailure
from mmexplorer.kernel.capture.boot import boot_of
from mmexplorer.kernel.capture.live_past import LivePast
from mmexplorer.kernel.capture.remembering_source import RememberingSource
from mmexplorer.kernel.errors import unavailable
from mmexplorer.kernel.lab.child_process import LabChild
from mmexplorer.kernel.process.inspector import LiveInspector
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.kernel.source import live
from mmexplorer.model.typed import TYPE_CHECKING
from mmexplorer.ui.app import run_app
from mmexplorer.ui.modes import Services, Start

if TYPE_CHECKING:  # not for the first picture
    from mmexplorer.labs.interfaces import LabStage
    from mmexplorer.labs.lab import Lab
    from mmexplorer.labs.outcome import Outcome
    from mmexplorer.model.system.source import SystemSource


def show(start: Start, log: str | None = None, when_done: "Callable[[Lab, Outcome], None] | None" = None) -> int:
    """Run until the user quits; return the exit status. `log` is a file to which error reports are appended.

    `when_done` is called after each completed step of a lab.
    """
    procfs = LiveProcfs()
    source = RememberingSource(procfs)
    services = Services(
        source,
        LabChild(),
        _system,
        partial(lab_stage, when_done),
        LiveInspector(procfs),
        past=LivePast(source),
        recorder=source,
        elsewhere=Elsewhere(boot_of(live())),
    )
    if log is None:
        return run_app(services, start)
    try:
        file = Path(log).open("a", encoding="utf-8", errors="backslashreplace")  # noqa: SIM115 - closed below
    except OSError as error:
        raise CommandFailure(f"{log}: {unavailable(error)}") from None
    with file:
        return run_app(services, start, file)


def _system() -> "SystemSource":
    from mmexplorer.kernel.system.live_source import LiveSystem  # noqa: PLC0415 - after the first picture

    return LiveSystem()


def lab_stage(when_done: "Callable[[Lab, Outcome], None] | None" = None) -> "LabStage":
    """Return the runner of labs, which calls `when_done` after each step."""
    from mmexplorer.kernel.lab.player import LabRunner  # noqa: PLC0415 - the other screens do not need it

    return LabRunner(when_done)
