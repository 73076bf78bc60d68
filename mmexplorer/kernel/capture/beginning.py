"""Where to start in a capture: the last moment at which there is a map to show."""

from collections.abc import Iterator

from mmexplorer.kernel.capture.moment_source import MomentSource
from mmexplorer.model.process.process import Process, ProcessKey
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.source import Request

_TRIED = 1000
"""The most maps that are read."""


def beginning(source: MomentSource, target: ProcessKey | None) -> tuple[int, ProcessKey] | None:
    """Find the last moment at which `target` has a map; if that is None, any process, trying the largest first.

    None if nothing is found. The source then shows a different moment than before.
    """
    for _, (index, key) in zip(range(_TRIED), _candidates(source, target), strict=False):
        space = source.look_into(key, Request(counters=False))
        if isinstance(space, AddressSpace) and space.regions:
            return index, key
    return None


def _candidates(source: MomentSource, target: ProcessKey | None) -> Iterator[tuple[int, ProcessKey]]:
    for index in range(len(source) - 1, -1, -1):
        source.show(index)
        for process in sorted(source.sample(Request()).processes, key=_rss, reverse=True):
            if target is None or process.key == target:
                yield index, process.key


def _rss(process: Process) -> int:
    return process.rss if isinstance(process.rss, int) else -1
