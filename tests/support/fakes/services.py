"""The services of the screens, without a machine."""

from mmexplorer.labs.interfaces import LabStage
from mmexplorer.model.system.source import SystemSource
from mmexplorer.ui.modes import Services
from tests.support.fakes.source import FakeLab, FakeSource
from tests.support.fakes.stage import FakeStage
from tests.support.fakes.system import FakeSystem


def fake_services(
    memory: FakeSource, lab: FakeLab | None = None, system: SystemSource | None = None, stage: LabStage | None = None
) -> Services:
    """Return the given services, and a fake for each other one."""
    return Services(memory, lab or FakeLab(memory), lambda: system or FakeSystem(), lambda: stage or FakeStage())
