"""Labs: the chapter's experiments on a real process. Predict, do it, see what happened and why."""

from collections.abc import Callable

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Footer

from mmexplorer.labs.interfaces import LabStage
from mmexplorer.labs.lab import Choice, Number
from mmexplorer.labs.state import LabState, Phase
from mmexplorer.model.snapshot import Machine
from mmexplorer.present.labs.calls import call_log
from mmexplorer.present.labs.counters import brief_counters
from mmexplorer.present.labs.list import LAB_COLUMNS, LabRow, lab_mark, lab_tone
from mmexplorer.present.labs.map import map_extents
from mmexplorer.present.labs.page import intro_lines, outcome_lines, score_lines, step_lines
from mmexplorer.present.labs.picture import LabPicture, picture
from mmexplorer.present.text.border import hint
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, plain, span
from mmexplorer.ui.labs.actions import Page
from mmexplorer.ui.labs.autoplay import LabsSelfPlay
from mmexplorer.ui.labs.pace import Pace
from mmexplorer.ui.labs.picture import LabPictureBox
from mmexplorer.ui.labs.start import LabsStart
from mmexplorer.ui.labs.step import LabStep
from mmexplorer.ui.widgets.address_strip import AddressStrip
from mmexplorer.ui.widgets.header import TopLine
from mmexplorer.ui.widgets.lines import Lines, LinesFor, ScrolledLines
from mmexplorer.ui.widgets.pane import Pane
from mmexplorer.ui.widgets.table.table import Table

_MODE = "labs"
"""This screen's name among the modes of the app."""

_WATCH_SECONDS = 0.5
"""How often the machine's memory is shown anew, and the log while a step is being done."""


class LabsScreen(LabsSelfPlay):
    """Composes the panes and shows how far the lab is; playing it is the `LabPlayer`'s business."""

    PANES = (("labs", "Labs"), ("step", "Step"), ("picture", "Picture"), ("calls", "Calls"))
    FIRST_PANE = "step"
    AUTO_FOCUS = ""

    def __init__(
        self,
        stage: LabStage,
        start: LabsStart | None = None,
        machine: Callable[[], Machine | None] = lambda: None,
    ) -> None:
        """`machine`: the machine's memory as it was last seen."""
        super().__init__(stage, start or LabsStart())
        self._machine = machine
        self._text: tuple[LinesFor, LinesFor | None] = (lambda _width: (), None)

    def compose(self) -> ComposeResult:
        """Lay out header, panes, strip, log and footer."""
        yield TopLine("Labs")
        yield Lines(id="pane-tabs")
        with Horizontal(id="panes"):
            with Pane(id="labs"):
                yield Table(LAB_COLUMNS, key=lambda row: row.lab.name, tone=lab_tone, mark=lab_mark, id="lab-table")
            yield LabStep(id="step")
            yield LabPictureBox(id="picture")
        yield AddressStrip(id="strip")
        with Pane(id="calls"):
            yield ScrolledLines(id="call-log")
        yield Lines(id="brief")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Show the list; find out what can be played here."""
        self.query_one("#labs", Pane).set_title(line("Labs"), line(span("in the chapter's order", Tone.DIM)))
        self.query_one("#calls", Pane).set_title(line("System calls"), line(span("as strace(1) prints them", Tone.DIM)))
        self._list_labs()
        if self._start.lab:
            self.query_one("#lab-table", Table).move_to(self._start.lab)
        self._focus_pane("step" if self._start.lab or self._start.auto else "labs")
        self._show()
        self.set_interval(_WATCH_SECONDS, self._watch)
        self._look_around()

    @work(group="lab")
    async def _look_around(self) -> None:
        await self.player.look(self.labs)
        self._list_labs()
        self._show()
        if self._start.auto:
            self._play_by_itself(Pace(every_lab=not self._start.lab))

    async def on_unmount(self) -> None:
        """End the lab process, however the app ends."""
        await self.player.close()

    def on_screen_suspend(self) -> None:
        """A lab that plays itself waits while something lies over it, and ends its play when another mode is shown."""
        if self.pace is not None:
            self.pace.held = True
            if self.app.current_mode != _MODE:
                self.pace.stop()

    def on_screen_resume(self) -> None:
        """Go on."""
        if self.pace is not None:
            self.pace.held = False

    def _watch(self) -> None:
        """Show how the machine stands, and while something is being done what the lab process was told so far."""
        self.query_one(TopLine).update(self._machine(), None)
        if self.player.busy:
            self._show_calls()
            self._tell()

    # Showing how far it is

    def _show(self) -> None:
        play = self.play
        with self.app.batch_update():
            self._list_labs()
            self._show_text(play)
            self._show_picture(play)
            self._show_calls()
            self._tell()
        self._refresh_keys()

    def _list_labs(self) -> None:
        session, player = self.player.session, self.player
        rows = [
            LabRow(
                number,
                lab,
                player.lacks.get(lab.name),
                steps_done=len(session.play.outcomes) if session is not None and lab is player.lab else 0,
                is_open=lab is player.lab,
                done=lab.name in player.done,
            )
            for number, lab in enumerate(self.labs, 1)
        ]
        self.query_one("#lab-table", Table).set_rows(rows)

    def _show_text(self, play: LabState | None) -> None:
        self._text = self._compose_text(play)
        done = play is not None and play.outcome is not None
        self._step_pane.show((self.chosen.name, self.page, play.index if play else 0, done), *self._text)
        self._step_pane.set_title(*self._title(play))

    def _compose_text(self, play: LabState | None) -> tuple[LinesFor, LinesFor | None]:
        lab = self.chosen
        if play is None or self.page is Page.INTRO:
            lack = self.player.lacks.get(lab.name)
            return (lambda width: tuple(intro_lines(lab, lack, width))), None
        if self.page is Page.SCORE:
            return (lambda width: tuple(score_lines(lab, play.outcomes, width))), None
        step, outcome, predicted = play.step, play.outcome, play.predicted
        head: LinesFor = lambda width: (*step_lines(step, predicted, outcome, width), EMPTY)  # noqa: E731
        if outcome is None:
            return head, None
        return head, lambda width: tuple(outcome_lines(outcome, width))

    def _title(self, play: LabState | None) -> tuple[Line, Line]:
        lab = self.chosen
        title = line(span(f"{self.labs.index(lab) + 1} ", Tone.DIM), span(lab.name, Tone.BRIGHT))
        if play is None or self.page is Page.INTRO:
            return title, line(span(f"{len(lab.steps)} steps", Tone.DIM))
        if self.page is Page.SCORE:
            return title, line(span("how it went", Tone.DIM))
        return title, line(span(f"step {play.index + 1} of {len(lab.steps)}", Tone.DIM))

    def _show_picture(self, play: LabState | None) -> None:
        if play is None:
            shown = LabPicture(sentence="Here the lab process will be seen: its counters, its pages, its map.")
        else:
            shown = picture(play.lab, play.outcomes, play.index)
        session = self.player.session
        self.query_one(LabPictureBox).show(shown, session.pid if session is not None and play is not None else None)
        first = shown.views[shown.main] if shown.views else None
        extents = map_extents(first.regions) if first is not None else ()
        self.query_one(AddressStrip).show(extents, shown.touched)
        self.query_one("#brief", Lines).show(
            lambda width: (brief_counters(first.before, first.after, width),) if first is not None else ()
        )

    def _show_calls(self) -> None:
        session = self.player.session
        replies = session.calls if session is not None else ()
        log: LinesFor = lambda width: call_log(replies, width)  # noqa: E731 - as for a text
        self.query_one("#call-log", ScrolledLines).show(log, reset=True, above=log)

    # What one can do now

    def _tell(self, seconds: float | None = None) -> None:
        """Say it in the lower border of the step; `seconds`: until a lab that plays itself goes on."""
        self._step_pane.hint(self._hint(seconds))

    def _hint(self, seconds: float | None) -> Line:
        if self.player.busy:
            after = f", {self.player.seconds} s" if self.player.seconds else ""
            return line(span(f"it is being done{after}", Tone.WARN))
        if self.pace is not None:
            left = f"goes on in {seconds:.0f} s at speed {self.pace.speed:g}" if seconds is not None else "plays itself"
            return (span(left, Tone.WARN), *hint((("  +", "faster"), ("-", "slower"), ("p", "stop"))))
        note = line(span(f"{self._note}  ", Tone.WARN)) if self._note else EMPTY
        return (*note, *hint(self._keys))

    @property
    def _keys(self) -> tuple[tuple[str, str], ...]:
        play = self.play
        if self._step_pane.prompt.is_open:
            return (("Enter", "do it"), ("Esc", "leave the line"))
        if play is None:
            able = self.player.lacks.get(self.chosen.name) is None
            return (("Enter", "begin"), ("p", "let it play itself")) if able else ()
        if self.page is Page.SCORE:
            return (("Enter", "next lab"), ("r", "play it again"))
        if self.page is Page.INTRO:
            return (("Enter", "go on with it"),)
        return _step_keys(play)

    @property
    def _words(self) -> int:
        head, tail = self._text
        return sum(len(plain(row).split()) for row in (tail or head)(80))

    # The list

    @on(Table.Highlighted, "#lab-table")
    def _choose_lab(self) -> None:
        self._note = ""
        if self.play is None:
            self.page = Page.INTRO
        elif self.page is Page.INTRO:
            self.page = Page.STEP
        self._show()

    @on(Table.Activated)
    def _activate(self) -> None:
        self.action_go()


def _step_keys(play: LabState) -> tuple[tuple[str, str], ...]:
    if play.phase is Phase.DONE:
        last = play.index == len(play.lab.steps) - 1
        back = (("Backspace", "back"),) if play.index else ()
        if play.stuck and play.index == len(play.outcomes) - 1:
            return (("r", "begin again"), *back)
        return (("Enter", "how it went" if last else "next"), *back, ("t", "terms"))
    question = play.step.question
    if play.phase is Phase.DO:
        change = (("a b …", "change it"),) if isinstance(question, Choice) else ()
        return (("Enter", "do it"), *change, ("t", "terms"))
    if isinstance(question, Number):
        return (("Enter", "type a prediction"), ("s", "do it without one"))
    return (("a b …", "predict"), ("s", "do it without"), ("t", "terms"))
