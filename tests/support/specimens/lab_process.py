"""A lab process as a fixture."""

from collections.abc import Iterator

import pytest

from mmexplorer.kernel.lab.child_process import LabChild


@pytest.fixture
def lab() -> Iterator[LabChild]:
    """Start a lab process with the app's limits; stop it after the test."""
    process = LabChild()
    process.start()
    yield process
    process.close()
