"""Lets what works for a fraction of a second at a time finish: on a busy machine that may be over at any moment."""

from collections.abc import Iterator

import pytest

from mmexplorer.kernel.capture import moment_system, timeline
from mmexplorer.kernel.lab import oom_cgroup
from mmexplorer.kernel.remote import helper
from mmexplorer.kernel.system import sysstat
from mmexplorer.ui import app, typed_ahead
from mmexplorer.ui.explore import region_searcher
from mmexplorer.ui.explore import screen as explore_screen
from tests.support.patience import PATIENCE


@pytest.fixture(autouse=True, scope="session")
def unhurried() -> Iterator[None]:
    """Set the limits of one call; tests about these set their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timeline, "_AT_ONCE", PATIENCE)
        patch.setattr(moment_system, "_AT_ONCE", PATIENCE)
        patch.setattr(explore_screen, "_PATIENCE", PATIENCE)
        patch.setattr(app, "_UNTIL_MOUNTED", PATIENCE)
        patch.setattr(app, "_UNTIL_POLLED", PATIENCE)
        patch.setattr(typed_ahead, "_PATIENCE", PATIENCE)
        patch.setattr(region_searcher, "_STEP", PATIENCE)
        patch.setattr(oom_cgroup, "_PATIENCE", PATIENCE)
        patch.setattr(helper, "_REAP_SECONDS", PATIENCE)
        patch.setattr(sysstat, "_PATIENCE", PATIENCE)
        yield
