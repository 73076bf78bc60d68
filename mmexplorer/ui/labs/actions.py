"""What the keys of the Labs screen do: predict, do it, go on and back."""

from enum import Enum

from textual import on, work
from textual.binding import Binding, BindingType

from mmexplorer.labs.glossary import terms_on_screen
from mmexplorer.labs.interfaces import LabStage
from mmexplorer.labs.lab import Choice, Lab, Number
from mmexplorer.labs.registry import all_labs
from mmexplorer.labs.state import LabState, Phase
from mmexplorer.present.labs.list import LabRow
from mmexplorer.present.labs.page import LETTERS
from mmexplorer.ui.keys import bindings
from mmexplorer.ui.labs.glossary import GlossaryScreen
from mmexplorer.ui.labs.pace import Pace
from mmexplorer.ui.labs.picture import LabPictureBox
from mmexplorer.ui.labs.start import LabsStart
from mmexplorer.ui.labs.step import LabStep
from mmexplorer.ui.labs.worker import LabPlayer
from mmexplorer.ui.paned_screen import PanedScreen
from mmexplorer.ui.widgets.prompt import Prompt
from mmexplorer.ui.widgets.table.table import Table


class Page(Enum):
    """What is shown of a lab."""

    INTRO = "what it is about"
    STEP = "a step"
    SCORE = "how it went"


_OTHER_LETTERS: list[BindingType] = [
    Binding(letter, f"choose({index})", "Predict", show=False) for index, letter in enumerate(LETTERS) if index
]
"""The registry names the first letter, for all of them."""

_ASKED: tuple[tuple[str, tuple[object, ...]], ...] = (
    ("choose", (0,)),
    ("back", ()),
    ("restart", ()),
    ("faster", ()),
    ("other_process", ()),
    ("go", ()),
)
"""The actions that come and go, with their arguments."""

_BY_HAND = {
    "choose": frozenset({Page.STEP}),
    "skip": frozenset({Page.STEP}),
    "back": frozenset({Page.STEP, Page.SCORE}),
    "restart": frozenset({Page.STEP, Page.SCORE}),
}
"""What would get in the way of a lab that plays itself, and the pages on which it makes sense."""


class LabsActions(PanedScreen):
    """The actions of the registry; the screen that shows things is built on it."""

    BINDINGS = [*bindings("labs"), *_OTHER_LETTERS]

    def __init__(self, stage: LabStage, start: LabsStart) -> None:
        super().__init__()
        self.labs = all_labs()
        self.player = LabPlayer(stage)
        self.pace: Pace | None = None
        """Set while the lab plays itself."""
        self.page = Page.INTRO
        self._start = start
        self._note = ""
        """A sentence about the last key, until the next one."""
        self._could: tuple[bool, ...] = ()

    def _show(self) -> None:
        raise NotImplementedError

    def _tell(self, seconds: float | None = None) -> None:
        raise NotImplementedError

    @property
    def chosen(self) -> Lab:
        """The lab under the list's cursor."""
        row = self.query_one("#lab-table", Table).cursor_row
        return row.lab if isinstance(row, LabRow) else self.labs[0]

    @property
    def play(self) -> LabState | None:
        """How far the chosen lab is; None if it isn't the open one."""
        session = self.player.session
        return session.play if session is not None and self.player.lab is self.chosen else None

    @property
    def _step_pane(self) -> LabStep:
        return self.query_one(LabStep)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keep keys that would do nothing out of the footer and the palette."""
        if self._step_pane.prompt.is_open and action not in {"glossary", "next_pane"}:
            return False
        if action in _BY_HAND and (self.pace is not None or self.page not in _BY_HAND[action] or self.play is None):
            return False
        if action in {"faster", "slower"}:
            return self.pace is not None
        if action == "other_process":
            return self.query_one(LabPictureBox).has_several
        return self._makes_sense(action, parameters)

    def _makes_sense(self, action: str, parameters: tuple[object, ...]) -> bool:
        play = self.play
        if play is None:
            return True
        question = play.step.question
        if action == "choose":
            index = int(str(parameters[0]))
            return play.phase is not Phase.DONE and isinstance(question, Choice) and index < len(question.options)
        if action == "skip":
            return play.phase is not Phase.DONE
        return action != "back" or play.index > 0 or self.page is Page.SCORE

    def _refresh_keys(self) -> None:
        """Have the footer made anew, which is dear, if other keys work than a moment ago."""
        can = tuple(bool(self.check_action(*each)) for each in _ASKED)
        if can != self._could:
            self._could = can
            self.refresh_bindings()

    # Predict, do, go on

    def action_choose(self, index: int) -> None:
        """Predict an option."""
        session = self.player.session
        if session is not None and not self.player.busy:
            self._note = session.answer(str(index + 1))
            self._focus_pane("step")
            self._show()

    @work(group="lab")
    async def action_go(self) -> None:
        """Do what comes next: begin, do the step, go on."""
        if self.pace is not None:
            self.pace.skip()
        elif not self.player.busy:
            self._note = ""
            await self._go()

    async def _go(self) -> None:
        play = self.play
        if play is None:
            await self._begin()
        elif self.page is Page.SCORE:
            self._choose_next()
        elif self.page is Page.INTRO:
            self._turn_to(Page.STEP)
        elif play.phase is Phase.PREDICT:
            self._ask(play)
        elif play.phase is Phase.DO:
            await self._do()
        else:
            self._forward(play)

    async def _begin(self) -> None:
        opened = await self.player.open(self.chosen)
        self._turn_to(Page.STEP if opened else Page.INTRO)
        if not opened:
            self._note = "it can't be played here"
            self._tell()

    def _ask(self, play: LabState) -> None:
        question = play.step.question
        if isinstance(question, Number):
            self._step_pane.ask(question)
        elif isinstance(question, Choice):
            letters = LETTERS[: len(question.options)]
            self._note = f"predict first: {', '.join(letters[:-1])} or {letters[-1]}"
        self._focus_pane("step")
        self._tell()

    async def _do(self) -> None:
        self._step_pane.prompt.close()
        self._focus_pane("step")
        working = self.player.perform()
        self.call_later(self._show)
        await working
        self._show()

    def _forward(self, play: LabState) -> None:
        session = self.player.session
        if session is None:
            return
        if play.finished and play.index == len(play.lab.steps) - 1:
            self._turn_to(Page.SCORE)
            return
        session.forward()
        if session.play.index == play.index:
            self._note = "the next step would have nothing to stand on: r begins again with a new process"
        self._turn_to(Page.STEP)

    def _turn_to(self, page: Page) -> None:
        self.page = page
        play = self.play
        question = play.step.question if play is not None and play.phase is Phase.PREDICT else None
        if page is Page.STEP and self.pace is None and isinstance(question, Number):
            self._step_pane.ask(question)
        elif self._step_pane.prompt.is_open:
            self._step_pane.prompt.close()
        self._focus_pane("step")
        self._show()

    def _choose_next(self) -> bool:
        """Put the cursor on the next lab that can be played; False if there is none."""
        after = self.labs[self.labs.index(self.chosen) + 1 :]
        following = next((lab for lab in after if self.player.lacks.get(lab.name) is None), None)
        if following is None:
            self._note = "that was the last lab"
            self._tell()
            return False
        self.query_one("#lab-table", Table).move_to(following.name)
        self._turn_to(Page.INTRO)
        return True

    @work(group="lab")
    async def action_skip(self) -> None:
        """Do the step without a prediction."""
        if not self.player.busy:
            self._note = ""
            await self._do()

    def action_back(self) -> None:
        """Look at the step before, or from the score at the last one."""
        session = self.player.session
        if session is not None and not self.player.busy:
            self._note = ""
            if self.page is Page.STEP:
                session.back()
            self._turn_to(Page.STEP)

    @work(group="lab")
    async def action_restart(self) -> None:
        """Begin the lab again with a new process."""
        if not self.player.busy:
            self._note = ""
            await self.player.restart()
            self._turn_to(Page.STEP)

    # A number is typed

    @on(Prompt.Accepted)
    async def _accept(self, event: Prompt.Accepted) -> None:
        session = self.player.session
        if session is None or self.player.busy:
            return
        self._note = session.answer(event.value)
        if self._note:
            self._tell()
        else:
            self._step_pane.prompt.close()
            self.action_go()

    @on(Prompt.Changed)
    def _type(self) -> None:
        self._note = ""
        self._tell()

    @on(Prompt.GivenUp)
    def _give_up(self) -> None:
        self._tell()

    # Around it

    def action_glossary(self) -> None:
        """Explain the terms on the screen."""
        play = self.play if self.page is Page.STEP else None
        self.app.push_screen(
            GlossaryScreen(terms_on_screen(self.chosen, play.step if play else None, play.outcome if play else None))
        )

    def action_other_process(self) -> None:
        """Show the map of the next process."""
        self.query_one(LabPictureBox).show_next()
