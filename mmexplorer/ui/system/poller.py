"""Polls the machine's memory as long as the app runs.

It reads everything while the System screen is shown, else just enough for the history and to notice a kill.
"""

import os
from collections.abc import Callable

from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.system.history import SarHistory, sar_sample
from mmexplorer.model.system.oom import KillNotice
from mmexplorer.model.system.past import RecentSystem, SystemPast
from mmexplorer.model.system.process_memory import ProcessMemory
from mmexplorer.model.system.snapshot import NOT_READ, SystemSnapshot, killed_between
from mmexplorer.model.system.source import SystemRequest, SystemSource
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import replace
from mmexplorer.present.capture.timeline import Shown
from mmexplorer.present.system.oom import OomRow
from mmexplorer.present.system.view import SystemView
from mmexplorer.ui.looking_back import ShownMoment
from mmexplorer.ui.refresh import RefreshLoop

_SHORTEST = 1.0
"""Seconds; faster changes are for Explore, and sar counts in whole seconds."""
_RANK_EVERY = 5.0
"""Seconds between two rankings, which read four files per process."""
_SOON = 0.5
"""A poll sooner than this fraction of the interval, made on request, adds no reading to the history."""


class _Question:
    """A request for a breakdown of one process's memory. The reading thread puts the answer here, to match the two."""

    def __init__(self, key: ProcessKey) -> None:
        self.key = key
        self.answer: ProcessMemory | Unavailable | None = None


class SystemPoller:
    """Connects screen and app, which request readings, with the source, which only `_look` calls.

    The event loop sets each request as one object. The reading thread reads it once per poll, and never sets it.
    """

    def __init__(
        self,
        source: SystemSource,
        interval: float,
        announce: Callable[[KillNotice], None],
        moment: ShownMoment | None = None,
        past: SystemPast | None = None,
    ) -> None:
        """Keep `past`, the moments of a file; without it, the last minutes are kept in memory."""
        self._source = source
        self._moment = ShownMoment() if moment is None else moment
        self._recent = RecentSystem()
        self._past: SystemPast = self._recent if past is None else past
        self._announce = announce
        self.loop: RefreshLoop[SystemView] = RefreshLoop(self._look, self._show, max(_SHORTEST, interval))
        self.viewer: Callable[[SystemView], None] | None = None
        """The screen while it is shown; only then are the ranking and a dozen small files read."""
        self.view: SystemView | None = None
        self._rankings_wanted = 0
        self._question: _Question | None = None
        self._killed: KillNotice | None = None
        # The reading thread's own.
        self._before: SystemSnapshot | None = None
        self._counted: SystemSnapshot | None = None
        self._rankings_asked = 0
        self._ranked_at = 0.0
        self._history = SarHistory(self.loop.interval)
        self._ranking: tuple[OomRow, ...] | Unavailable = NOT_READ

    def serve(self, viewer: Callable[[SystemView], None]) -> None:
        """Read everything from now on, for `viewer`."""
        self.viewer = viewer
        self.now()

    def leave(self) -> None:
        """Read only what is needed to notice a kill."""
        self.viewer = None

    def now(self) -> None:
        """Poll at once, including the ranking."""
        self._rankings_wanted += 1
        self.loop.now()

    async def process_memory(self, key: ProcessKey) -> ProcessMemory | Unavailable:
        """Return a breakdown of one process's memory. Reads its smaps, unless the request was cancelled first."""
        question = self._question = _Question(key)
        try:
            await self.loop.fresh()
        finally:
            if self._question is question:
                self._question = None
        return NOT_READ if question.answer is None else question.answer

    def _show(self, view: SystemView) -> None:
        self.view = view
        killed, self._killed = self._killed, None
        others = killed.but_for_labs(os.getpid()) if killed is not None else None
        if others is not None:
            self._announce(others)
        if self.viewer is not None:
            self.viewer(view)

    # In the reading thread

    def _look(self) -> SystemView:
        before, question = self._before, self._question
        request = self._request(question)
        snapshot = self._source.sample(request)
        if before is not None and not request.kernel_log and killed_between(before, snapshot) is not None:
            # Only the log names the victim and the reason.
            snapshot = replace(snapshot, kills=self._source.sample(SystemRequest(details=False, kernel_log=True)).kills)
        if before is not None:
            self._killed = killed_between(before, snapshot) or self._killed
        if question is not None and request.process is not None:
            question.answer = snapshot.process
        self._rank(snapshot, read=request.ranking)
        self._remember(snapshot)
        self._before = snapshot
        self._recent.add(snapshot)
        return self._placed(SystemView(snapshot, self._history, self._ranking))

    def _placed(self, now: SystemView) -> SystemView:
        """Replace the newest view by that of the chosen moment, and add the timeline."""
        timeline, at = self._past.timeline(), self._moment.at
        if not timeline.ticks:
            return now
        index = len(timeline.ticks) - 1 if at is None else timeline.nearest(at)
        tick = timeline.ticks[index]
        shown = Shown(tick, index, timeline.ticks[-1])
        history = self._past.history(tick.clocks.boottime)
        if at is None or shown.is_newest:
            return replace(now, history=history or now.history, timeline=timeline, shown=shown)
        snapshot = self._past.sample_at(tick.clocks.boottime, SystemRequest())
        history = history or self._history.until(tick.clocks.boottime)
        return SystemView(snapshot, history, _rows(snapshot), timeline, shown)

    def _request(self, question: _Question | None) -> SystemRequest:
        wanted = self._rankings_wanted
        now, self._rankings_asked = wanted != self._rankings_asked, wanted
        process = question.key if question is not None and question.answer is None else None
        full = self.viewer is not None
        due = self._before is None or self._before.clock + self._history.interval - self._ranked_at >= _RANK_EVERY
        # Read the log at the first poll, to distinguish later kills from earlier ones.
        return SystemRequest(
            details=full, ranking=full and (now or due), kernel_log=full or self._before is None, process=process
        )

    def _rank(self, snapshot: SystemSnapshot, *, read: bool) -> None:
        if not read:
            return
        self._ranked_at = snapshot.clock
        self._ranking = _rows(snapshot)

    def _remember(self, snapshot: SystemSnapshot) -> None:
        points = self._history.points
        if points and 0 < snapshot.clock - points[-1].at < _SOON * self._history.interval:
            return
        sample = sar_sample(self._counted, snapshot)
        if not isinstance(sample, Unavailable):
            self._history = self._history.add(snapshot.clock, sample)
        self._counted = snapshot


def _rows(snapshot: SystemSnapshot) -> tuple[OomRow, ...] | Unavailable:
    """Return the rows of the ranking."""
    meminfo = {} if isinstance(snapshot.meminfo, Unavailable) else snapshot.meminfo
    total = meminfo.get("MemTotal", 0) + meminfo.get("SwapTotal", 0)
    ranking = snapshot.ranking
    return ranking if isinstance(ranking, Unavailable) else tuple(OomRow(candidate, total) for candidate in ranking)
