"""Searches all processes for regions, in short steps, so that the screen stays responsive."""

import time
from collections.abc import Sequence

from mmexplorer.model.process.process import Process, ProcessKey
from mmexplorer.model.query import Query
from mmexplorer.model.source import MemorySource
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.explore.hits import Hits, Searched
from mmexplorer.present.explore.region_search import hits, matching, request_for

_STEP = 0.05
"""Seconds per step while some processes haven't been searched yet."""
_SHARE = 0.01
"""The share of time for searching the others again."""


class RegionSearcher:
    """Called from the reading thread. Results stay until a process is searched again, the oldest first."""

    def __init__(self, source: MemorySource) -> None:
        self._source = source
        self._query = Query()
        self._found: dict[ProcessKey, Hits | Unavailable] = {}
        self._again_at = 0.0

    def step(self, query: Query, processes: Sequence[Process]) -> Searched | None:
        """Search some more processes; return None if `query` has no terms about regions."""
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
        """Search the first of `keys`, and more until `seconds` have passed."""
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
