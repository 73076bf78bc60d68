import os
import resource
from collections.abc import Iterator

import pytest

from mmexplorer.kernel.remote.helper import _Child

_MORE_THAN_SELECT_KNOWS = 1100


@pytest.fixture
def crowded() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 4096) if hard >= 4096 else hard, hard))
    held = [os.open("/dev/null", os.O_RDONLY) for _ in range(_MORE_THAN_SELECT_KNOWS)]
    yield
    for descriptor in held:
        os.close(descriptor)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("crowded")
def test_a_file_system_is_asked_though_a_thousand_files_are_held_open() -> None:
    child = _Child()
    try:
        assert not child.answered()
    finally:
        child.end()
