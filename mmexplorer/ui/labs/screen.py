"""Labs: the chapter's experiments on a real process. Predict, do it, see what happened and why."""

import asyncio
from collections.abc import Callable

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from mmexplorer.labs.glossary import terms_on_screen
from mmexplorer.labs.interfaces import LabStage
from mmexplorer.labs.lab import Choice, Number
from mmexplorer.labs.registry import all_labs
from mmexplorer.labs.state import LabState, Phase, objection
from mmexplorer.model.snapshot import Machine
from mmexplorer.present.labs.keys import autoplay_hint, page_keys
from mmexplorer.present.labs.lesson import STOP_COLUMNS, stop_mark, stop_tone
from mmexplorer.present.labs.list import LAB_COLUMNS, lab_mark, lab_tone
from mmexplorer.present.labs.page import LETTERS, Page
from mmexplorer.present.text.border import noted_hint
from mmexplorer.present.text.line import EMPTY, Tone, line, span
from mmexplorer.ui.keys import bindings
from mmexplorer.ui.labs.around import AroundStep
from mmexplorer.ui.labs.autoplay import Autoplay
from mmexplorer.ui.labs.glossary import GlossaryScreen
from mmexplorer.ui.labs.lesson import LessonControls, typed_number, where_expected
from mmexplorer.ui.labs.moves import LabMoves
from mmexplorer.ui.labs.own_program import OwnPrograms
from mmexplorer.ui.labs.picture import LabPictureBox
from mmexplorer.ui.labs.step import GO_TO, LabStep
from mmexplorer.ui.labs.worker import LabWorker
from mmexplorer.ui.labs.working_keys import Moment, works
from mmexplorer.ui.modes import LabsStart
from mmexplorer.ui.paned_screen import PanedScreen
from mmexplorer.ui.widgets.address_strip import AddressStrip
from mmexplorer.ui.widgets.footer import Footer
from mmexplorer.ui.widgets.header import TopLine
from mmexplorer.ui.widgets.lines import Lines, ScrolledLines
from mmexplorer.ui.widgets.pane import Pane
from mmexplorer.ui.widgets.prompt import Prompt
from mmexplorer.ui.widgets.table.table import Table

_BESIDE_HINT = 2
"""Cells of the border beside a hint, within the corners."""
_WATCH_SECONDS = 0.5
"""Seconds between updates of the machine's memory, and of the log during a step."""

_OTHER_LETTERS: list[BindingType] = [
    Binding(letter, f"choose({index})", "Predict", show=False) for index, letter in enumerate(LETTERS) if index
]
"""The registry lists only the first letter, on behalf of all."""

_COME_AND_GO: tuple[tuple[str, tuple[object, ...]], ...] = (
    ("choose", (0,)),
    ("back", ()),
    ("restart", ()),
    ("faster", ()),
    ("other_process", ()),
    ("go", ()),
    ("go_to", ()),
    ("notes", ()),
    ("own_program", ()),
)
"""The actions that don't always work, with their arguments."""


class LabsScreen(PanedScreen):
    """Shows a lab's progress; `LabMoves` moves on, `LabWorker` runs the steps, `Autoplay` plays by itself."""

    BINDINGS = [*bindings("labs"), *_OTHER_LETTERS]
    PANES = (("labs", "Labs"), ("step", "Step"), ("picture", "Picture"), ("calls", "Calls"))
    FIRST_PANE = "step"
    AUTO_FOCUS = ""

    def __init__(self, stage: LabStage, start: LabsStart, machine: Callable[[], Machine | None]) -> None:
        """Keep `machine`, which returns the machine's memory as last polled."""
        super().__init__()
        self.labs = (*all_labs(), *(() if start.own is None else (start.own,)))
        self.worker = LabWorker(stage)
        self.own_programs = OwnPrograms(stage, self)
        self.autoplay: Autoplay | None = None
        """Set while the lab plays by itself."""
        self.lesson = LessonControls(start.lesson)
        self.around = AroundStep(self, self.labs, self.worker, self.lesson)
        self.moves = LabMoves(self.labs, self.worker, self.lesson, self.around, self)
        self._start = start
        self._machine = machine
        self._could: tuple[bool, ...] = ()
        self._reading_live = False

    def compose(self) -> ComposeResult:
        """Lay out header, panes, strip, log and footer."""
        yield TopLine("Labs")
        yield Lines(id="lesson-line")
        yield Lines(id="pane-tabs")
        with Horizontal(id="panes"):
            with Pane(id="labs"):
                yield Table(STOP_COLUMNS, key=lambda row: row.place, tone=stop_tone, mark=stop_mark, id="lesson-table")
                yield Table(LAB_COLUMNS, key=lambda row: row.lab.name, tone=lab_tone, mark=lab_mark, id="lab-table")
            yield LabStep(id="step")
            yield LabPictureBox(id="picture")
        yield AddressStrip(id="strip")
        with Pane(id="calls"):
            yield ScrolledLines(id="call-log")
        yield Lines(id="brief")
        yield Footer()

    def on_mount(self) -> None:
        """Show the list, and find out which labs can be played here."""
        self.around.set_titles()
        self.around.show_lists()
        if self._start.lab:
            self.around.lab_table.move_to(self._start.lab)
        if self._start.big:
            self.action_zoom()
        named = self._start.lab or self._start.lesson is not None
        self._focus_pane("step" if named or self._start.auto else "labs")
        self.show()
        self.set_interval(_WATCH_SECONDS, self._watch)
        self._check_labs()

    @work(group="lab")
    async def _check_labs(self) -> None:
        await self.worker.check(self.labs)
        self.show()
        if self._start.at:
            await self.moves.go_to(self._start.at - 1)
        if self._start.auto:
            self._play_by_itself(every_lab=not self._start.lab and self._start.lesson is None)

    async def on_unmount(self) -> None:
        """Stop the lab process, however the app ends."""
        await self.worker.close()
        await asyncio.to_thread(self.own_programs.close)

    def on_screen_suspend(self) -> None:
        """Hold the autoplay while a dialog is open, or stop it if another mode is shown."""
        if self.autoplay is not None:
            self.autoplay.held = True
            if self.is_of_other_mode:
                self.autoplay.stop()

    def on_screen_resume(self) -> None:
        """Continue the autoplay."""
        if self.autoplay is not None:
            self.autoplay.held = False

    def _watch(self) -> None:
        """Update the machine's memory, and during a step the log and the pages."""
        self.query_one(TopLine).update(self._machine(), None)
        self.around.show_lesson_line()
        if self.worker.busy:
            self.around.show_calls()
            self._show_hint()
            self._show_live()

    @work(group="live")
    async def _show_live(self) -> None:
        """Show the pages during a step, unless the previous reading is still under way."""
        session = self.worker.session
        if session is None or self.moves.state is None or self._reading_live:
            return
        self._reading_live = True
        try:
            pages = await asyncio.to_thread(session.pages)
        finally:
            self._reading_live = False
        if pages is not None and self.worker.busy and session is self.worker.session and self.is_attached:
            self.query_one(LabPictureBox).show_live(pages)

    @property
    def _step_pane(self) -> LabStep:
        return self.query_one(LabStep)

    @on(Table.Highlighted, "#lab-table")
    def _choose_lab(self, event: Table.Highlighted) -> None:
        if not event.by_user:
            return  # the screen itself moved the cursor and has shown the lab; it may have moved on since
        self.moves.turn_to_lab()

    # Showing the lab

    def show(self) -> None:
        """Show the lab as it is now."""
        with self.app.batch_update():
            self.around.show_lists()
            self.around.show_lesson_line()
            self._step_pane.show(self.moves.shown, spaced=self.has_class("-big"))
            self.around.show_picture(self.moves.state)
            self.around.show_calls()
            self._show_hint()
        self._refresh_keys()

    def show_soon(self) -> None:
        """Show it once what follows has begun."""
        self.call_later(self.show)

    def turned(self) -> None:
        """Show the page that was turned to, and focus it."""
        state, prompt = self.moves.state, self._step_pane.prompt
        question = state.step.question if state is not None and state.phase is Phase.PREDICT else None
        if self.moves.page is Page.STEP and self.autoplay is None and isinstance(question, Number):
            self._step_pane.ask(question)
        elif prompt.is_open:
            prompt.close()
        self._focus_pane("step")
        self.show()

    def doing(self) -> None:
        """Show that the step is being done."""
        self._step_pane.prompt.close()
        self._focus_pane("step")
        self.show_soon()

    def _show_hint(self) -> None:
        """Show in the step's bottom border what the user can do now."""
        if self.worker.busy:
            after = f", {self.worker.seconds} s" if self.worker.seconds else ""
            self._step_pane.hint(line(span(f"working{after}", Tone.WARN)))
        elif self.autoplay is not None:
            self._step_pane.hint(autoplay_hint("plays by itself", self._step_pane.size.width - _BESIDE_HINT))
        else:
            note = line(span(f"{self.moves.note}  ", Tone.WARN)) if self.moves.note else EMPTY
            typing = (("Enter", "go there" if self._going else "do it"), ("Esc", "leave the line for other keys"))
            keys = typing if self._step_pane.prompt.is_open else page_keys(self.moves.shown)
            self._step_pane.hint(noted_hint(note, keys, self._step_pane.size.width - _BESIDE_HINT))

    # Keys that work

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide keys that would do nothing from the footer and the palette."""
        now = Moment(
            page=self.moves.page,
            state=self.moves.state,
            typing=self._step_pane.prompt.is_open,
            by_itself=self.autoplay is not None,
            several=self.around.picture.has_several,
            in_lesson=self.lesson.course is not None,
            something_before=self.moves.something_before,
            programmed=bool(self.moves.chosen.source),
        )
        return works(action, parameters, now)

    def _refresh_keys(self) -> None:
        """Redraw the footer if a key became available or unavailable."""
        can = tuple(bool(self.check_action(*each)) for each in _COME_AND_GO)
        if can != self._could:
            self._could = can
            self.refresh_bindings()

    # Predict, do, go on

    @work(group="lab")
    async def action_go(self) -> None:
        """Do what comes next: begin, do the step, go on."""
        if self.autoplay is not None:
            self.autoplay.skip()
        elif not self.worker.busy:
            self.moves.note = ""
            await self._go()

    @on(Table.Activated)
    def _activate(self, event: Table.Activated) -> None:
        if event.table is self.around.stop_table and event.table.cursor_row is not None:
            self._go_to(event.table.cursor_row.place)
        else:
            self.action_go()

    async def _go(self) -> None:
        moves, state = self.moves, self.moves.state
        if moves.page is Page.SCORE:
            moves.choose_next()
        elif moves.page is Page.STEP and state is not None and state.phase is Phase.PREDICT:
            self._ask(state)
        else:
            await moves.advance()

    @work(group="lab", description="go to")
    async def _go_to(self, index: int) -> None:
        if not self.worker.busy:
            await self.moves.go_to(index)

    def action_choose(self, index: int) -> None:
        """Predict an option."""
        session = self.worker.session
        if session is not None and not self.worker.busy:
            self.moves.note = session.answer(str(index + 1))
            self._focus_pane("step")
            self.show()

    @work(group="lab")
    async def action_skip(self) -> None:
        """Do the step without a prediction."""
        if not self.worker.busy:
            self.moves.note = ""
            await self.moves.do()

    def action_back(self) -> None:
        """Go back to the previous step, or from the score to the last step; in a lesson to the previous stop."""
        if self.lesson.course is not None:
            self._go_to(self.lesson.index - 1)
        else:
            self.moves.back()

    @work(group="lab")
    async def action_restart(self) -> None:
        """Restart the lab with a new process."""
        if not self.worker.busy:
            self.moves.note = ""
            await self.moves.restart()

    # Typing a number

    def _ask(self, state: LabState) -> None:
        question = state.step.question
        if isinstance(question, Number):
            self._step_pane.ask(question)
        elif isinstance(question, Choice):
            letters = LETTERS[: len(question.options)]
            self.moves.note = f"predict first: {', '.join(letters[:-1])} or {letters[-1]}"
        self._focus_pane("step")
        self._show_hint()

    @property
    def _going(self) -> bool:
        """Whether the number of a step is being typed."""
        return self._step_pane.prompt.is_open and self._step_pane.prompt.subject == GO_TO

    def action_go_to(self) -> None:
        """Ask for the number of a step, or of a stop of the lesson."""
        if not self.worker.busy:
            self._focus_pane("step")
            self._step_pane.ask_where(
                "step" if self.lesson.course is None else "stop", self.lesson.most(self.moves.chosen)
            )
            self._show_hint()

    def _accept_where(self, value: str) -> None:
        most = self.lesson.most(self.moves.chosen)
        number = typed_number(value, most)
        if number is None:
            self.moves.note = where_expected(most)
            self._show_hint()
        else:
            self._step_pane.prompt.close()
            self._go_to(number - 1)

    @on(Prompt.Accepted)
    async def _accept(self, event: Prompt.Accepted) -> None:
        session = self.worker.session
        if event.subject == GO_TO:
            self._accept_where(event.value)
            return
        if session is None or self.worker.busy:
            return
        self.moves.note = session.answer(event.value)
        if self.moves.note:
            self._show_hint()
        else:
            self._step_pane.prompt.close()
            self.action_go()

    @on(Prompt.Changed)
    def _type(self, event: Prompt.Changed) -> None:
        self.moves.note = self._objection(event.value)
        self._show_hint()

    def _objection(self, typed: str) -> str:
        """Return what is expected instead of what was typed so far, or ""."""
        state = self.moves.state
        if self._going:
            most = self.lesson.most(self.moves.chosen)
            return where_expected(most) if typed and typed_number(typed, most) is None else ""
        return objection(state.step.question, typed) if state is not None and state.step.question is not None else ""

    @on(Prompt.GivenUp)
    def _give_up(self) -> None:
        self.moves.note = ""
        self._step_pane.prompt.close()
        self._show_hint()

    # Playing by itself

    def action_auto(self) -> None:
        """Start or stop playing by itself."""
        if self.autoplay is not None:
            self.autoplay.stop()
        elif not self.worker.busy:
            self._play_by_itself(every_lab=False)

    def action_faster(self) -> None:
        """Leave less time to read."""
        if self.autoplay is not None:
            self.autoplay.change_speed(1)

    def action_slower(self) -> None:
        """Leave more time to read."""
        if self.autoplay is not None:
            self.autoplay.change_speed(-1)

    @work(group="auto", description="play by itself", exclusive=True)
    async def _play_by_itself(self, *, every_lab: bool) -> None:
        self.autoplay = Autoplay(self.moves, self._count_down, every_lab=every_lab)
        self.moves.note = ""
        try:
            await self.autoplay.run()
        finally:
            self.autoplay = None
        self.show()

    def _count_down(self, seconds: float) -> None:
        """Show the seconds until the autoplay continues."""
        if self.autoplay is not None:
            what = f"goes on in {seconds:.0f} s, {self.autoplay.speed:g}x"
            self._step_pane.hint(autoplay_hint(what, self._step_pane.size.width - _BESIDE_HINT))

    # Other keys

    def action_zoom(self) -> None:
        """Show one pane at a time with space between the lines, or return to all."""
        self.toggle_class("-big")
        self.show()

    def action_notes(self) -> None:
        """Show the teacher's notes."""
        self.app.push_screen(self.lesson.notes(self.moves.state if self.moves.page is Page.STEP else None))

    @work(group="lab")
    async def action_own_program(self) -> None:
        """Let the user edit a copy of the lab's C program, and run it."""
        if not self.worker.busy:
            self.moves.note = await self.own_programs.edit(self.moves.chosen)
            self._show_hint()

    def action_glossary(self) -> None:
        """Explain the terms on this screen."""
        state = self.moves.state if self.moves.page is Page.STEP else None
        self.app.push_screen(
            GlossaryScreen(
                terms_on_screen(self.moves.chosen, state.step if state else None, state.outcome if state else None)
            )
        )

    def action_other_process(self) -> None:
        """Show the map of the next process."""
        self.around.picture.show_next()
