import contextlib
import os
import resource
from collections.abc import Iterator

import pytest

from mmexplorer.kernel.remote.helper import _Child

_MORE_THAN_SELECT_KNOWS = 1100
_TO_SPARE = 100
"""Descriptors for the child and for what the test runner opens."""


@pytest.fixture
def crowded() -> Iterator[None]:
    """Open more files than select(2) can watch, or as many as one may: only root may raise the hard limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    others = len(os.listdir("/proc/self/fd")) + _TO_SPARE  # noqa: PTH208 - names
    enough = others + _MORE_THAN_SELECT_KNOWS
    for limits in ((hard, hard), (max(soft, enough), max(hard, enough))):
        with contextlib.suppress(ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    allowed = min(enough, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    held: list[int] = []
    try:
        held += (os.open("/dev/null", os.O_RDONLY) for _ in range(allowed - others))
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
