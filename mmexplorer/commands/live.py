"""Composes the screens with the live machine, and runs them. Importing this imports Textual."""

from mmexplorer.kernel.elf.images import ElfCache
from mmexplorer.kernel.lab.child_process import LabChild
from mmexplorer.kernel.process.inspector import LiveInspector
from mmexplorer.kernel.process.live_source import LiveSource
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.labs.interfaces import LabStage
from mmexplorer.model.system.source import SystemSource
from mmexplorer.ui.app import run_app
from mmexplorer.ui.modes import Services, Start


def show(start: Start) -> int:
    """Run until the person quits; give the exit status."""
    procfs = LiveProcfs()
    return run_app(
        Services(LiveSource(procfs, ElfCache(procfs)), LabChild(), _system, _labs, LiveInspector(procfs)), start
    )


def _system() -> SystemSource:
    from mmexplorer.kernel.system.live_source import LiveSystem  # noqa: PLC0415 - after the first picture

    return LiveSystem()


def _labs() -> LabStage:
    from mmexplorer.kernel.lab.session import LabRunner  # noqa: PLC0415 - the other screens come without it

    return LabRunner()
