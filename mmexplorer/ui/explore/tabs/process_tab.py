"""Facts about the process other than its memory, read at each refresh while the tab is in front."""

from mmexplorer.model.memory.inspection import Inspector
from mmexplorer.model.process.facts import ProcessFacts
from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.explore.process_details import facts_lines
from mmexplorer.present.text.line import Tone, line, span
from mmexplorer.ui.explore.tabs.inspection import READING, Job, Point, Shown, Subject
from mmexplorer.ui.widgets.lines import ScrolledLines

_LEAST_SPAN = 0.1
"""Seconds between two readings: the kernel counts processor time in hundredths."""


class ProcessTab(ScrolledLines):
    """Shows the process, wherever the cursor is."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._key: ProcessKey | None = None
        self._facts: ProcessFacts | None = None
        self._before: ProcessFacts | None = None
        """Earlier ones, which rates are computed from."""

    def on_mount(self) -> None:
        """Say that nothing has been read yet."""
        self.show(lambda _width: (READING,))

    def reading(self, subject: Subject, point: Point | None, inspector: Inspector) -> Job | None:  # noqa: ARG002
        """Return a job that reads the facts."""
        if subject.space.process.key != self._key:
            self._key, self._facts, self._before = subject.space.process.key, None, None

        def read() -> Shown:
            facts = inspector.facts(subject.space)
            return lambda: self._show(subject, facts)

        return read

    def _show(self, subject: Subject, facts: ProcessFacts | Unavailable) -> None:
        if subject.space.process.key != self._key or not self.is_attached:
            return
        if isinstance(facts, Unavailable):
            self._facts = self._before = None
            self.show(lambda _width: (line(span(f"— {facts}", Tone.DIM)),))
            return
        if self._facts is not None and facts.clock - self._facts.clock >= _LEAST_SPAN:
            self._before = self._facts
        self._facts = facts
        lines = facts_lines(subject.space, facts, self._before)
        self.show(lambda _width: lines)
