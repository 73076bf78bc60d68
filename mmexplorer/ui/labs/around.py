"""The panes around the step: the list of labs or of a lesson's stops, the picture, the strip, the log of calls."""

from collections.abc import Sequence

from textual.screen import Screen

from mmexplorer.labs.lab import Lab
from mmexplorer.labs.state import LabState
from mmexplorer.present.labs.calls import call_log
from mmexplorer.present.labs.lesson import StopRow
from mmexplorer.present.labs.list import LabRow
from mmexplorer.present.labs.picture import LabPicture, brief_line, picture
from mmexplorer.present.labs.strip import map_extents
from mmexplorer.present.text.line import Tone, line, span
from mmexplorer.ui.labs.lesson import LessonControls
from mmexplorer.ui.labs.picture import LabPictureBox
from mmexplorer.ui.labs.worker import LabWorker
from mmexplorer.ui.widgets.address_strip import AddressStrip
from mmexplorer.ui.widgets.lines import Lines, LinesFor, ScrolledLines
from mmexplorer.ui.widgets.pane import Pane
from mmexplorer.ui.widgets.table.table import Table


class AroundStep:
    """Fills these panes when the screen asks for it."""

    def __init__(self, screen: Screen[None], labs: Sequence[Lab], worker: LabWorker, lesson: LessonControls) -> None:
        self._screen = screen
        self._labs = labs
        self._worker = worker
        self._lesson = lesson

    @property
    def lab_table(self) -> Table[LabRow]:
        """The list of labs, hidden during a lesson; its cursor selects the lab shown."""
        return self._screen.query_one("#lab-table", Table)

    @property
    def stop_table(self) -> Table[StopRow]:
        """The list of the lesson's stops."""
        return self._screen.query_one("#lesson-table", Table)

    @property
    def picture(self) -> LabPictureBox:
        """The live picture."""
        return self._screen.query_one(LabPictureBox)

    def set_titles(self) -> None:
        """Show the list of labs or of stops, and set the panes' titles."""
        of_lesson = self._lesson.course is not None
        self.stop_table.display = self._screen.query_one("#lesson-line").display = of_lesson
        self.lab_table.display = not of_lesson
        title, summary = ("Lesson", "stop by stop") if of_lesson else ("Labs", "in the chapter's order")
        self._title("#labs", title, summary)
        self._title("#calls", "What was done", "in the style of strace")

    def _title(self, pane: str, title: str, summary: str) -> None:
        self._screen.query_one(pane, Pane).set_title(line(title), line(span(summary, Tone.DIM)))

    def show_lists(self) -> None:
        """Show the progress of each lab and each stop."""
        session, worker = self._worker.session, self._worker
        rows = [
            LabRow(
                number,
                lab,
                worker.lacks.get(lab.name),
                steps_done=len(session.state.outcomes) if session is not None and lab is worker.lab else 0,
                is_open=lab is worker.lab,
                done=lab.name in worker.done,
            )
            for number, lab in enumerate(self._labs, 1)
        ]
        self.lab_table.set_rows(rows)
        self.stop_table.set_rows(self._lesson.rows(rows))

    def show_lesson_line(self) -> None:
        """Show the progress of the lesson."""
        self._screen.query_one("#lesson-line", Lines).show(lambda width: (self._lesson.line(width),))

    def show_picture(self, state: LabState | None) -> None:
        """Show the processes before and after the step."""
        if state is None:
            shown = LabPicture(sentence="The lab process will be shown here: its counters, its pages, its map.")
        else:
            shown = picture(state.lab, state.outcomes, state.index)
        session = self._worker.session
        self.picture.show(shown, session.pid if session is not None and state is not None else None)
        first = shown.views[shown.main] if shown.views else None
        extents = map_extents(first.regions) if first is not None else ()
        self._screen.query_one(AddressStrip).show(extents, shown.touched)
        self._screen.query_one("#brief", Lines).show(lambda width: (brief_line(shown, width),) if shown.views else ())

    def show_calls(self) -> None:
        """Show the calls that the lab process made."""
        session = self._worker.session
        replies = session.calls if session is not None else ()
        log: LinesFor = lambda width: call_log(replies, width)  # noqa: E731 - as for a text
        self._screen.query_one("#call-log", ScrolledLines).show(log, reset=True, above=log)
