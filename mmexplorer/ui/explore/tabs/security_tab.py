"""The protections of the process as it is mapped, one finding per row."""

from mmexplorer.model.memory.inspection import Inspector
from mmexplorer.model.process.security import Finding
from mmexplorer.model.region import Region
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.elf.security import FINDING_COLUMNS, by_weight
from mmexplorer.present.text.line import Tone, line, span
from mmexplorer.ui.explore.tabs.inspection import READING, Job, Point, Shown, Subject
from mmexplorer.ui.widgets.table.table import Table


class SecurityTab(Table[Finding]):
    """Shows the process, wherever the cursor is; checked again when its map changes."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(FINDING_COLUMNS, key=lambda row: (row.what, row.where), empty=READING, id=id)
        self._judged: tuple[Region, ...] | None = None
        self._judge: Inspector | None = None

    def reading(self, subject: Subject, point: Point | None, inspector: Inspector) -> Job | None:  # noqa: ARG002
        """Return a job that checks the process, if its map has changed."""
        space = subject.space
        if self._judged is not None and self._judged is space.regions and self._judge is inspector:
            return None
        self._judge = inspector
        another = self._judged is None or not set(self._judged) & set(space.regions)
        self._judged = space.regions

        def read() -> Shown:
            found = inspector.security(space)
            return lambda: self._show(found, another=another)

        return read

    def _show(self, found: tuple[Finding, ...] | Unavailable, *, another: bool) -> None:
        self.set_empty(line(span(f"— {found}" if isinstance(found, Unavailable) else "", Tone.DIM)))
        self.set_rows(() if isinstance(found, Unavailable) else by_weight(found), reset=another)
