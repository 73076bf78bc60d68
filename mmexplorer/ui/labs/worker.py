"""Runs a lab without blocking the screen: whatever blocks goes into a thread, one call at a time."""

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
    """Keeps the open lab. Requests during a call are dropped."""

    def __init__(self, stage: LabStage) -> None:
        self._stage = stage
        self._since: float | None = None
        self.lab: Lab | None = None
        """The open lab."""
        self.session: LabSession | None = None
        self.lacks: dict[str, Unavailable | None] = {}
        """Why a lab can't be played here, by name; a missing name hasn't been checked yet."""
        self.done: set[str] = set()
        """The names of the labs that were completed with every check passed."""

    @property
    def busy(self) -> bool:
        """Whether a call is in progress."""
        return self._since is not None

    @property
    def seconds(self) -> int:
        """Its duration so far, in whole seconds."""
        return 0 if self._since is None else int(time.monotonic() - self._since)

    async def check(self, labs: Sequence[Lab]) -> None:
        """Find out which of the labs can be played here."""
        self.lacks = await asyncio.to_thread(lambda: {lab.name: self._stage.lacks(lab) for lab in labs})

    async def open(self, lab: Lab) -> bool:
        """Open a lab in place of the previous one; return False if it can't be played here, or now."""
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
        """Go to a step, by index, after doing those before it; return False if the lab can't be played here, or now."""
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
        """Return whether the open lab can reach that step without a restart."""
        state = self.session.state if self.session is not None and self.lab is lab else None
        return state is not None and not (state.stuck and index >= len(state.outcomes))

    @staticmethod
    def _stays(session: LabSession) -> bool:
        """Do a step and go on to the next; return True if there is no next."""
        before = session.state.index
        if session.state.phase is not Phase.DONE:
            session.perform()
        session.forward()
        return session.state.index == before

    async def restart(self) -> None:
        """Restart with a new process."""
        if self.session is not None:
            await self._alone(self.session.restart)

    async def close(self) -> None:
        """Stop the process, even in the middle of a step."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        session, self.session, self.lab = self.session, None, None
        if session is not None:
            session.close()

    async def _alone(self, act: Callable[[], Given]) -> Given | None:
        """Run `act` in a thread; return None if a call is in progress."""
        if self.busy:
            return None
        self._since = time.monotonic()
        try:
            return await asyncio.to_thread(act)
        finally:
            self._since = None
