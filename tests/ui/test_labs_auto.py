"""A lab that plays by itself."""

from collections.abc import Iterator
from unittest import mock

import pytest

from mmexplorer.labs.registry import all_labs
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.labs.page import Page
from mmexplorer.ui.labs import autoplay as labs_autoplay
from mmexplorer.ui.labs import screen as labs_screen
from mmexplorer.ui.modes import LabsStart
from mmexplorer.ui.widgets.table.table import Table
from tests.support.fakes.stage import FakeStage, killed
from tests.support.pilots.app import NEVER
from tests.support.pilots.labs import Learner, labs


@pytest.fixture
def quick() -> Iterator[None]:
    """Let readers need no time."""
    with (
        mock.patch.object(labs_autoplay, "_LEAST_SECONDS", 0.0),
        mock.patch.object(labs_autoplay, "_WORDS_A_SECOND", 1e9),
    ):
        yield


@pytest.fixture
def slow() -> Iterator[None]:
    """Let readers need so long that only a key moves on."""
    with mock.patch.object(labs_autoplay, "_LEAST_SECONDS", NEVER):
        yield


async def ended(learner: Learner, stage: FakeStage) -> None:
    await learner.until(lambda: bool(stage.sessions) and learner.screen.autoplay is None)
    await learner.idle()


@pytest.mark.usefixtures("quick")
async def test_one_lab_plays_to_its_score_and_stops() -> None:
    stage = FakeStage()
    async with labs(stage, start=LabsStart("mmap", auto=True)) as learner:
        await ended(learner, stage)
        assert learner.screen.moves.page is Page.SCORE
        assert [session.state.lab.name for session in stage.sessions] == ["mmap"]
        assert "You made no predictions this time" in learner.step
        assert learner.marks["mmap"] == "✓"


@pytest.mark.usefixtures("quick")
async def test_without_a_name_every_lab_plays_that_can_be_played_here() -> None:
    some = all_labs()[:4]
    stage = FakeStage({some[index].name: Unavailable(Cause.UNSUPPORTED, "not here") for index in (0, 3)})
    with mock.patch.object(labs_screen, "all_labs", return_value=some):
        async with labs(stage, start=LabsStart(auto=True)) as learner:
            await ended(learner, stage)
            assert "that was the last lab" in learner.hint
            table = learner.screen.query_one("#lab-table", Table)
            table.post_message(Table.Highlighted(table, table.cursor_row, by_user=False))
            await learner.idle()
            assert "that was the last lab" in learner.hint, "the table may tell late of a move of the screen's own"
        assert [session.state.lab for session in stage.sessions] == list(some[1:3])


@pytest.mark.usefixtures("quick")
async def test_it_stops_where_a_step_fails() -> None:
    stage = FakeStage()
    stage.result = killed
    async with labs(stage, start=LabsStart(auto=True)) as learner:
        await ended(learner, stage)
        assert stage.performed == 1
        assert "This step went wrong" in learner.step


@pytest.mark.usefixtures("slow")
async def test_enter_goes_on_at_once_and_p_stops() -> None:
    stage = FakeStage()
    async with labs(stage, start=LabsStart("mmap", auto=True)) as learner:
        await learner.until(lambda: "goes on in" in learner.hint)
        await learner.press("enter")
        await learner.until(lambda: "Map 100 MiB" in learner.step and "goes on in" in learner.hint)
        assert not learner.prompt_is_open()
        await learner.press("enter")
        await learner.until(lambda: "what happened" in learner.step)
        await learner.press("p")
        await ended(learner, stage)
        assert "Enter next" in learner.hint
        assert stage.performed == 1


@pytest.mark.usefixtures("slow")
async def test_plus_and_minus_change_the_speed_and_keys_of_a_player_rest() -> None:
    async with labs(FakeStage(), start=LabsStart("mmap", auto=True)) as learner:
        await learner.until(lambda: " 1x " in learner.hint)
        await learner.press("plus")
        await learner.until(lambda: " 2x " in learner.hint)
        await learner.press("minus", "minus")
        await learner.until(lambda: " 0.5x " in learner.hint)
        assert "restart" not in {binding.action for _, binding, on, _ in learner.screen.active_bindings.values() if on}


@pytest.mark.usefixtures("slow")
async def test_another_screen_ends_the_play() -> None:
    async with labs(FakeStage(), start=LabsStart("mmap", auto=True)) as learner:
        screen = learner.screen
        await learner.until(lambda: screen.autoplay is not None)
        await learner.pilot.press("1")
        await learner.until(lambda: screen.autoplay is None)
