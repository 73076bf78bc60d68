"""Asks one process after the other for regions, a moment at a time, so that the screen goes on meanwhile."""

import time
from collections.abc import Sequence

from mmexplorer.model.process import Process, ProcessKey
from mmexplorer.model.query import Query
from mmexplorer.model.source import MemorySource
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.explore.hits import Hits, Searched
from mmexplorer.present.explore.region_search import hits, matching, request_for

_STEP = 0.05
"""Seconds that one step may take while there are processes that were never asked."""
_SHARE = 0.01
"""The part of the time for asking again those that were."""


class RegionSearcher:
    """Called from the reading thread. What was found stays until the process is asked again, the oldest first."""

    def __init__(self, source: MemorySource) -> None:
        self._source = source
        self._query = Query()
        self._found: dict[ProcessKey, Hits | Unavailable] = {}
        self._again_at = 0.0

    def step(self, query: Query, processes: Sequence[Process]) -> Searched | None:
        """Ask some more of the processes; None where `query` asks for no regions."""
        if query != self._query:
            self._query, self._found = query, {}
        if not query.terms:
            return None
        keys = [process.key for process in processes if not process.kernel_thread]
        living = frozenset(keys)
        self._found = {key: answer for key, answer in self._found.items() if key in living}
        unasked = [key for key in keys if key not in self._found]
        if unasked:
            self._ask(unasked, _STEP)
        elif time.monotonic() >= self._again_at:
            self._ask(list(self._found), 0.0)
        return Searched(dict(self._found), len(keys))

    def _ask(self, keys: Sequence[ProcessKey], seconds: float) -> None:
        """Ask the first of `keys`, and more as long as the time lasts."""
        start = time.monotonic()
        for key in keys:
            answer = self._answer(key)
            self._found.pop(key, None)
            self._found[key] = answer
            if time.monotonic() - start >= seconds:
                break
        self._again_at = time.monotonic() + (time.monotonic() - start) / _SHARE

    def _answer(self, key: ProcessKey) -> Hits | Unavailable:
        space = self._source.look_into(key, request_for(self._query))
        return space if isinstance(space, Unavailable) else hits(matching(space, self._query))
