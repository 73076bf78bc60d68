"""The cost of reading and parsing smaps, compared with only reading it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mmexplorer.kernel.process.smaps import SmapsReader
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.snapshot import Counters
from mmexplorer.parse.process.smaps import parse_smaps
from tests.bench.figures import Measure
from tests.bench.target import regions

BOUND = 1.5
"""Upper bound of reading and parsing, in multiples of a plain read."""
FIRST, PLAIN = "read and parsed", "plain read of smaps"


@contextmanager
def smaps_measures(count: int) -> Iterator[dict[str, Measure]]:
    """Yield the measures of a process with that many regions."""
    with regions(count) as target:
        path, procfs = Path(f"/proc/{target.pid}/smaps"), LiveProcfs()
        text, kept = path.read_bytes(), SmapsReader(procfs)

        def read(reader: SmapsReader) -> None:
            reader.read(target.pid)
            assert isinstance(reader.latest, Counters)

        yield {
            FIRST: lambda: _seconds(lambda: read(SmapsReader(procfs))),
            "read and parsed again": lambda: _seconds(lambda: read(kept)),
            "only parsed": lambda: _seconds(lambda: parse_smaps(text)),
            PLAIN: lambda: _seconds(path.read_bytes),
        }


def _seconds(work: Callable[[], object]) -> float:
    start = time.thread_time()
    work()
    return time.thread_time() - start
