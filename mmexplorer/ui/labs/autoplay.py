"""A lab that plays itself, for a projector: shows, waits as long as reading takes, does, and goes on."""

from textual import work

from mmexplorer.labs.state import LabState, Phase
from mmexplorer.ui.labs.actions import LabsActions, Page
from mmexplorer.ui.labs.pace import Pace


class LabsSelfPlay(LabsActions):
    """Makes the moves that a person would make, but for the predictions."""

    def action_auto(self) -> None:
        """Let the lab play itself, or stop that."""
        if self.pace is not None:
            self.pace.stop()
        elif not self.player.busy:
            self._play_by_itself(Pace())

    def action_faster(self) -> None:
        """Give less time to read."""
        if self.pace is not None:
            self.pace.change(1)

    def action_slower(self) -> None:
        """Give more time to read."""
        if self.pace is not None:
            self.pace.change(-1)

    @work(group="auto", exclusive=True)
    async def _play_by_itself(self, pace: Pace) -> None:
        self.pace = pace
        self._note = ""
        try:
            if pace.every_lab and self.player.lacks.get(self.chosen.name) is not None:
                self._choose_next()
            while await self._play_lab(pace) and pace.every_lab and self._choose_next():
                pass
        finally:
            self.pace = None
        self._show()

    async def _play_lab(self, pace: Pace) -> bool:
        """Play the chosen lab from where it is to its end; False if it was stopped, or a step failed."""
        if self.page is Page.SCORE:
            await self.player.restart()
        if self.play is None:
            self._turn_to(Page.INTRO)
            if not await self._read(pace):
                return False
            await self._begin()
        self._turn_to(Page.STEP)
        while (play := self.play) is not None and self.page is not Page.SCORE:
            if not await self._play_step(pace, play):
                return False
        return self.page is Page.SCORE and await self._read(pace)

    async def _play_step(self, pace: Pace, play: LabState) -> bool:
        """Show the step, do it, show what happened, go on."""
        if not await self._read(pace):
            return False
        if play.phase is not Phase.DONE:
            await self._do()
            if not await self._read(pace):
                return False
        done = self.play
        if done is None or done.stuck:
            return False
        self._forward(done)
        return True

    async def _read(self, pace: Pace) -> bool:
        """Wait as long as what is on the screen takes to read; False if the play was stopped."""
        return await pace.read(self._words, self._tell)

    @property
    def _words(self) -> int:
        return 20
