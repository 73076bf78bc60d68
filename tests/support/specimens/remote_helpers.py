"""Ends the processes that wait for file systems: the program keeps them, and a test must not inherit them."""

from collections.abc import Iterator

import pytest

from mmexplorer.kernel.remote import helper


@pytest.fixture(autouse=True)
def helpers_end() -> Iterator[None]:
    """End those that the test started; a test that reads all processes asks them for another test's file system."""
    yield
    while helper._helpers:
        helper._helpers.popitem()[1].end()
