"""Composes the screens with the contents of a file, and runs them. Importing this imports Textual."""

from mmexplorer.commands.screens.live import lab_stage
from mmexplorer.commands.shared.elsewhere import Elsewhere
from mmexplorer.commands.shared.inspectors import inspector_of_file
from mmexplorer.kernel.capture.boot import boot_of
from mmexplorer.kernel.capture.moment_source import MomentSource
from mmexplorer.kernel.capture.moment_system import MomentSystem
from mmexplorer.kernel.capture.past import CapturePast
from mmexplorer.kernel.lab.child_process import LabChild
from mmexplorer.model.capture.moments import Moments
from mmexplorer.ui.app import run_app
from mmexplorer.ui.modes import Services, Start


def show_file(source: MomentSource, moments: Moments | None, start: Start) -> int:
    """Run until the user quits; return the exit status."""
    return run_app(file_services(source, moments), start)


def file_services(source: MomentSource, moments: Moments | None) -> Services:
    """Return the services through which the screens use a file."""
    system, past = MomentSystem(source, moments), CapturePast(source, moments)
    elsewhere = Elsewhere(boot_of(source.source))
    return Services(
        source,
        LabChild(),
        lambda: system,
        lab_stage,
        inspector_of_file(source.source),
        past=past,
        system_past=system,
        elsewhere=elsewhere,
    )
