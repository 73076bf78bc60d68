"""Plays a lab without ever holding up the screen: what blocks goes into a thread, one thing at a time."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from mmexplorer.labs.interfaces import LabSession, LabStage
from mmexplorer.labs.lab import Lab
from mmexplorer.labs.state import Phase
from mmexplorer.model.unavailable import Unavailable

Given = TypeVar("Given")


class LabWorker:
    """The one lab that is open. While something is being done, whatever else is asked for is dropped."""

    def __init__(self, stage: LabStage) -> None:
        self._stage = stage
        self._since: float | None = None
        self.lab: Lab | None = None
        """The one that is open."""
        self.session: LabSession | None = None
        self.lacks: dict[str, Unavailable | None] = {}
        """Why a lab can't be played here, by its name; what isn't in it has not been looked at yet."""
        self.done: set[str] = set()
        """The names of those that were played to the end with every check passed."""

    @property
    def busy(self) -> bool:
        """Whether something is being done."""
        return self._since is not None

    @property
    def seconds(self) -> int:
        """For how long it has been, in whole seconds."""
        return 0 if self._since is None else int(time.monotonic() - self._since)

    async def look(self, labs: Sequence[Lab]) -> None:
        """Find out which of the labs can be played here."""
        self.lacks = await asyncio.to_thread(lambda: {lab.name: self._stage.lacks(lab) for lab in labs})

    async def open(self, lab: Lab) -> bool:
        """Open a lab in the place of the one before; False if it can't be played here, or now."""
        return bool(await self._alone(lambda: self._open(lab)))

    def _open(self, lab: Lab) -> bool:
        lack = self.lacks[lab.name] = self._stage.lacks(lab)
        if lack is not None:
            return False
        self._close()
        self.session = self._stage.open(lab)
        self.lab = lab
        return True

    async def perform(self) -> None:
        """Do the current step."""
        session, lab = self.session, self.lab
        if session is None or lab is None:
            return
        await self._alone(session.perform)
        state = session.state
        if state.finished and all(outcome.passed for outcome in state.outcomes):
            self.done.add(lab.name)

    async def reach(self, lab: Lab, index: int) -> bool:
        """Show a step, by its index; those before it are done first. False if the lab can't be played here, or now."""
        return bool(await self._alone(lambda: self._reach(lab, index)))

    def _reach(self, lab: Lab, index: int) -> bool:
        if not self._goes_on(lab, index) and not self._open(lab):
            return False
        session = self.session
        if session is None:
            return False
        for _ in range(session.state.index - index):
            session.back()
        while session.state.index < index and not self._stays(session):
            pass
        return True

    def _goes_on(self, lab: Lab, index: int) -> bool:
        """Whether the open lab can come to that step as it is."""
        state = self.session.state if self.session is not None and self.lab is lab else None
        return state is not None and not (state.stuck and index >= len(state.outcomes))

    @staticmethod
    def _stays(session: LabSession) -> bool:
        """Do a step and go on to the next; True where that doesn't lead further."""
        before = session.state.index
        if session.state.phase is not Phase.DONE:
            session.perform()
        session.forward()
        return session.state.index == before

    async def restart(self) -> None:
        """Begin again with a new process."""
        if self.session is not None:
            await self._alone(self.session.restart)

    async def close(self) -> None:
        """End the process, also in the middle of a step."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        session, self.session, self.lab = self.session, None, None
        if session is not None:
            session.close()

    async def _alone(self, act: Callable[[], Given]) -> Given | None:
        """Do it in a thread; None if something is being done already."""
        if self.busy:
            return None
        self._since = time.monotonic()
        try:
            return await asyncio.to_thread(act)
        finally:
            self._since = None
