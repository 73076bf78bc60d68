"""A lab process as a fixture."""

from collections.abc import Iterator

import pytest

from mmexplorer.kernel.lab.host import LabProcess


@pytest.fixture
def lab() -> Iterator[LabProcess]:
    """A lab process with the limits of the app, started; gone after the test."""
    process = LabProcess()
    process.start()
    yield process
    process.close()
