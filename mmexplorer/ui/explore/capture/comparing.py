"""What a and b of Explore do: they remember a map, and compare another with it."""

import asyncio

from textual.screen import Screen

from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.present.capture.compared import compare
from mmexplorer.present.explore.view import ExploreView
from mmexplorer.present.text.clean import clean
from mmexplorer.present.text.format import time_of_day
from mmexplorer.ui.explore.capture.difference import DifferenceScreen


class Comparing:
    """Owned by the screen. Another A takes the place of the one before."""

    def __init__(self, screen: Screen[None]) -> None:
        self._screen = screen
        self._a: tuple[AddressSpace, str] | None = None
        """What is compared with, and its name."""

    def remember(self, view: ExploreView | None) -> None:
        """Remember what is shown as A."""
        space = view.snapshot.target if view is not None else None
        if view is not None and space is not None and space.regions:
            name = _side(space, view.snapshot.taken_at)
            self._a = space, name
            self._screen.notify(clean(f"A is {name}. b compares what is shown then with it."), markup=False)

    def compare(self, view: ExploreView | None) -> None:
        """Compare what is shown with A."""
        space = view.snapshot.target if view is not None else None
        if self._a is None or view is None or space is None or not space.regions:
            self._screen.notify("First remember with a what to compare with.", severity="warning")
            return
        a, name = self._a
        shows = self._show(a, space, name, _side(space, view.snapshot.taken_at))
        self._screen.run_worker(shows, group="compare", exclusive=True)

    async def _show(self, a: AddressSpace, b: AddressSpace, name_a: str, name_b: str) -> None:
        same = a.process.key == b.process.key
        found = await asyncio.to_thread(compare, a, b, same_process=same)
        self._screen.app.push_screen(DifferenceScreen(found, name_a, name_b))


def _side(space: AddressSpace, at: float) -> str:
    """Name a side by its process, and by the time of day if that is known."""
    when = f" at {time_of_day(at)}" if at else ""
    return f"{space.process.name} ({space.process.pid}){when}"
