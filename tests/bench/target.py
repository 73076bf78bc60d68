"""A process with many regions, of which one changes on request."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.bench.programs import ENVIRONMENT, FOLDER, MANY_REGIONS


@contextmanager
def regions(count: int) -> "Iterator[subprocess.Popen[bytes]]":
    """Start a process of so many regions."""
    with subprocess.Popen(
        [*MANY_REGIONS, str(count)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENVIRONMENT, cwd=FOLDER
    ) as target:
        assert target.stdin is not None
        assert target.stdout is not None
        target.stdout.readline()
        yield target
        target.stdin.close()


def change(target: "subprocess.Popen[bytes]") -> None:
    """Add one region, or remove the one that was added."""
    assert target.stdin is not None
    assert target.stdout is not None
    target.stdin.write(b"\n")
    target.stdin.flush()
    target.stdout.readline()
