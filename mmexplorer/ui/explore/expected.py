"""What keys asked for and the two lists don't show yet."""

from collections.abc import Callable
from typing import Any

from mmexplorer.ui.refresh import Expected, RefreshLoop


class ExpectedRows(Expected):
    """The rows of both lists, or only the regions of another process: the list of processes then stays as it is."""

    def __init__(self, loop: RefreshLoop[Any], at_processes: Callable[[], bool]) -> None:
        """Keep `at_processes`, which returns whether keys are for the list of processes."""
        super().__init__(loop)
        self.process = Expected(loop)
        """The regions of another process."""
        self._at_processes = at_processes

    @property
    def is_pending(self) -> bool:
        """Whether the list that keys are for doesn't show it yet."""
        return super().is_pending or (self.process.is_pending and not self._at_processes())

    async def shown(self) -> None:
        """Wait until both lists show it."""
        await self.process.shown()
        await super().shown()

    def give_up(self) -> None:
        """Expect nothing any more."""
        self.process.give_up()
        super().give_up()
