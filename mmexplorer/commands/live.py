"""Composes the screens with the live machine or a file, and runs them. Importing this imports Textual."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from mmexplorer.commands.shared.elsewhere import Elsewhere
from mmexplorer.commands.shared.exit import CommandFailure
from mmexplorer.commands.shared.inspectors import inspector_of_file
from mmexplorer.commands.shared.sources import boot_of
from mmexplorer.kernel.capture.moment_source import MomentSource
from mmexplorer.kernel.capture.moment_system import MomentSystem
from mmexplorer.kernel.capture.past import CapturePast, LivePast
from mmexplorer.kernel.capture.remembering_source import RememberingSource
from mmexplorer.kernel.errors import unavailable
from mmexplorer.kernel.lab.child_process import LabChild
from mmexplorer.kernel.process.inspector import LiveInspector
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.kernel.source import live
from mmexplorer.labs.interfaces import LabStage
from mmexplorer.labs.lab import Lab
from mmexplorer.labs.outcome import Outcome
from mmexplorer.model.capture.moments import Moments
from mmexplorer.model.system.source import SystemSource
from mmexplorer.ui.app import run_app
from mmexplorer.ui.modes import Services, Start


def show(start: Start, log: str | None = None, when_done: Callable[[Lab, Outcome], None] | None = None) -> int:
    """Run until the user quits; return the exit status. `log` is a file to which error reports are appended.

    `when_done` is called after each completed step of a lab.
    """
    procfs = LiveProcfs()
    source = RememberingSource(procfs)
    services = Services(
        source,
        LabChild(),
        _system,
        partial(_labs, when_done),
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


def show_file(source: MomentSource, moments: Moments | None, start: Start) -> int:
    """Do the same for the contents of a file."""
    return run_app(file_services(source, moments), start)


def file_services(source: MomentSource, moments: Moments | None) -> Services:
    """Return the services through which the screens use a file."""
    system, past = MomentSystem(source, moments), CapturePast(source, moments)
    elsewhere = Elsewhere(boot_of(source.source))
    return Services(
        source,
        LabChild(),
        lambda: system,
        _labs,
        inspector_of_file(source.source),
        past=past,
        system_past=system,
        elsewhere=elsewhere,
    )


def _system() -> SystemSource:
    from mmexplorer.kernel.system.live_source import LiveSystem  # noqa: PLC0415 - after the first picture

    return LiveSystem()


def _labs(when_done: Callable[[Lab, Outcome], None] | None = None) -> LabStage:
    from mmexplorer.kernel.lab.player import LabRunner  # noqa: PLC0415 - the other screens do not need it

    return LabRunner(when_done)
