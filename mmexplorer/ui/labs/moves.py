"""The moves through a lab or a lesson: which page is shown, and what begins, does, repeats and leaves a step."""

from collections.abc import Sequence
from typing import Protocol

from mmexplorer.labs.lab import Lab
from mmexplorer.labs.state import LabState, Phase
from mmexplorer.present.labs.page import LabPage, Page, words_to_read
from mmexplorer.ui.labs.around import AroundStep
from mmexplorer.ui.labs.lesson import LessonControls
from mmexplorer.ui.labs.worker import LabWorker


class ShowsMoves(Protocol):
    """The screen, as far as the moves need it."""

    def show(self) -> None:
        """Show the lab as it is now."""
        ...

    def show_soon(self) -> None:
        """Show it once what follows has begun."""
        ...

    def turned(self) -> None:
        """Show the page that was turned to, and focus it."""
        ...

    def doing(self) -> None:
        """Show that the step is being done."""
        ...


class LabMoves:
    """Keeps the page and moves on when the user does, or the autoplay; `LabWorker` runs the steps."""

    def __init__(
        self,
        labs: Sequence[Lab],
        worker: LabWorker,
        lesson: LessonControls,
        around: AroundStep,
        screen: ShowsMoves,
    ) -> None:
        self._labs = labs
        self._worker = worker
        self._lesson = lesson
        self._around = around
        self._screen = screen
        self.page = Page.INTRO if lesson.course is None else Page.LESSON
        self.note = ""
        """A sentence about the last key, until the next one."""

    # Where we are

    @property
    def chosen(self) -> Lab:
        """The lab under the list's cursor."""
        row = self._around.lab_table.cursor_row
        return row.lab if row is not None else self._labs[0]

    @property
    def playable(self) -> bool:
        """Whether it can be played here, as far as is known."""
        return self._worker.lacks.get(self.chosen.name) is None

    @property
    def state(self) -> LabState | None:
        """Its progress; None if it isn't the open lab."""
        session = self._worker.session
        return session.state if session is not None and self._worker.lab is self.chosen else None

    @property
    def shown(self) -> LabPage:
        """The page as it is to be shown."""
        lab = self.chosen
        lack, course = self._worker.lacks.get(lab.name), self._lesson.course
        return LabPage(self._labs.index(lab) + 1, lab, self.page, self.state, lack, course)

    @property
    def words(self) -> int:
        """The number of words to read on it."""
        return words_to_read(self.shown)

    @property
    def something_before(self) -> bool:
        """Whether there is a step or a stop to go back to."""
        if self._lesson.course is not None:
            return self._lesson.index > 0
        state = self.state
        return state is not None and (self.page is Page.SCORE or (self.page is Page.STEP and state.index > 0))

    @property
    def at_end(self) -> bool:
        """Whether nothing is left to play: the score or the end of the lesson is shown."""
        return self.page in (Page.SCORE, Page.LESSON_END)

    @property
    def halted(self) -> bool:
        """Whether a play can't continue: the lab can't be played here, or a step failed. A lesson always continues."""
        state = self.state
        if self._lesson.course is not None:
            return False
        return not self.playable if state is None else self.page is Page.STEP and state.stuck

    # Going on

    async def advance(self) -> None:
        """Do what comes next, with or without a prediction: begin, do the step, go on."""
        state = self.state
        undone = state is not None and self.page is Page.STEP and state.phase is not Phase.DONE
        if undone:
            await self.do()
        elif self._lesson.course is not None:
            await self.go_to(self._lesson.index + 1)
        elif state is None:
            await self.begin()
        elif self.page is Page.INTRO:
            self.turn_to(Page.STEP)
        else:
            self._forward(state)

    async def begin(self) -> None:
        """Open the chosen lab."""
        opened = await self._worker.open(self.chosen)
        if not opened:
            self.note = "it can't be played here"
        self.turn_to(Page.STEP if opened else Page.INTRO)

    async def do(self) -> None:
        """Do the step."""
        self._screen.doing()
        await self._worker.perform()
        self._lesson.take(self.state.outcome if self.state is not None else None)
        self._screen.show()

    def _forward(self, state: LabState) -> None:
        """Show the next step, or the score after the last one."""
        session = self._worker.session
        if session is None:
            return
        if state.finished and state.index == len(state.lab.steps) - 1:
            self.turn_to(Page.SCORE)
            return
        session.forward()
        if session.state.index == state.index:
            self.note = "the next step can't go on from here: r starts again with a new process"
        self.turn_to(Page.STEP)

    def choose_next(self) -> bool:
        """Move the cursor to the next lab that can be played; return False if there is none."""
        after = self._labs[self._labs.index(self.chosen) + 1 :]
        following = next((lab for lab in after if self._worker.lacks.get(lab.name) is None), None)
        if following is None:
            self.note = "that was the last lab"
            self._screen.show()
            return False
        self._around.lab_table.move_to(following.name)
        self.turn_to(Page.INTRO)
        return True

    # Going elsewhere

    async def go_to(self, index: int) -> None:
        """Show a stop of the lesson, or else a step of the lab, after silently doing the steps before it."""
        self.note = ""
        place = (self.chosen, index) if self._lesson.course is None else self._lesson.turn(index)
        if place is None:
            self.turn_to(self._lesson.page)
            return
        lab, step = place
        self._around.lab_table.move_to(lab.name)
        self._around.stop_table.move_to(self._lesson.index)
        self._screen.show_soon()
        reached = await self._worker.reach(lab, step)
        self.turn_to(Page.STEP if reached else Page.INTRO)

    def back(self) -> None:
        """Show the previous step, or from the score the last one."""
        session = self._worker.session
        if session is None or self._worker.busy:
            return
        self.note = ""
        if self.page is Page.STEP:
            session.back()
        self.turn_to(Page.STEP)

    async def restart(self) -> None:
        """Restart the lab with a new process; in a lesson, at the same stop."""
        await self._worker.restart()
        if self._lesson.course is None:
            self.turn_to(Page.STEP)
        else:
            await self.go_to(self._lesson.index)

    async def settle(self) -> None:
        """Show the page that a play starts with; restart a lab that is at its end."""
        if self.page is Page.SCORE:
            await self.restart()
        elif self.page is not Page.LESSON_END:
            before = Page.INTRO if self._lesson.course is None else Page.LESSON
            self.turn_to(Page.STEP if self.state is not None and self.page is not Page.LESSON else before)

    def turn_to_lab(self) -> None:
        """Show the lab under the cursor, which moved to it: its introduction, or the open step."""
        self.note = ""
        if self.state is None:
            self.page = Page.INTRO
        elif self.page is Page.INTRO:
            self.page = Page.STEP
        self._screen.show()

    def turn_to(self, page: Page) -> None:
        """Show another page."""
        self.page = page
        self._screen.turned()
