"""Memory that is given back to the kernel."""

import ctypes
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mmexplorer.kernel.capture import remembering_source
from mmexplorer.kernel.capture.remembering_source import RememberingSource
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.source import Request

_ROOT = Path(__file__).parents[2]
_HOLES = """
import sys
from pathlib import Path
from mmexplorer.kernel.allocator import give_back, use_little_memory

use_little_memory()
blocks = [bytes([number % 251]) * 4000 for number in range(8000)]
kept = blocks[::20]  # so that the free ones aren't at the end of the heap
del blocks
for _ in range(2):
    print(Path("/proc/self/status").read_text(), flush=True)
    give_back()
assert all(kept)
"""


def _anonymous(status: str) -> int:
    """Return how many bytes are resident or swapped out."""
    return sum(int(size) << 10 for size in re.findall(r"^(?:RssAnon|VmSwap):\s+(\d+) kB$", status, re.MULTILINE))


def test_holes_in_the_heap_are_given_back() -> None:
    run = subprocess.run([sys.executable, "-c", _HOLES], capture_output=True, text=True, check=True, cwd=_ROOT)
    before, after = map(_anonymous, run.stdout.split("Name:")[1:])
    # A C library without malloc_trim leaves the holes, and must not fail.
    assert before - after > 8000 * 4000 // 2 or not hasattr(ctypes.CDLL(None), "malloc_trim")


def test_memory_is_given_back_soon_after_the_start_and_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    source, given = RememberingSource(LiveProcfs()), []
    monkeypatch.setattr(remembering_source, "give_back", lambda: given.append(len(source.recent)))
    for _ in range(40):
        source.sample(Request())
    assert given == [4, 20, 36]
