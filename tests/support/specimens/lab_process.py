"""A lab process as a fixture."""

from collections.abc import Iterator

import pytest

from mmexplorer.kernel.lab.child_process import LabChild


@pytest.fixture
def lab() -> Iterator[LabChild]:
    """A lab process with the limits of the app, started; gone after the test."""
    process = LabChild()
    process.start()
    yield process
    process.close()
