import os
import resource
from collections.abc import Iterator

import pytest

from mmexplorer.kernel.remote.helper import _Child

_MORE_THAN_SELECT_KNOWS = 1100
_ENOUGH = 4096


@pytest.fixture
def crowded() -> Iterator[None]:
    """Open more files than select(2) can watch; where the hard limit doesn't allow that, root may raise it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, _ENOUGH), max(hard, _ENOUGH)))
    held: list[int] = []
    try:
        held += (os.open("/dev/null", os.O_RDONLY) for _ in range(_MORE_THAN_SELECT_KNOWS))
        yield
    finally:
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
