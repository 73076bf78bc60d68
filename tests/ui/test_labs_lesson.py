"""A lesson on the screen: stop by stop, by number, by itself; its notes, and the projector layout."""

from unittest import mock

from mmexplorer.labs.registry import find_lesson
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.labs.page import Page
from mmexplorer.ui.labs import autoplay as labs_autoplay
from mmexplorer.ui.modes import LabsStart
from tests.support.fakes.stage import FakeStage
from tests.support.pilots.app import SMALL
from tests.support.pilots.labs import labs

LESSON = LabsStart(lesson=find_lesson("20"))


async def test_a_lesson_goes_from_stop_to_stop_and_to_any_by_its_number() -> None:
    stage = FakeStage()
    async with labs(stage, start=LESSON) as learner:
        assert "An address is not memory" in learner.step
        assert "before the first stop" in learner.lesson
        await learner.press("n")
        assert "It takes 20 minutes" in learner.text
        await learner.press("n", "enter", "a", "enter")
        assert "what happened" in learner.step
        assert "stop 1 of 7" in learner.lesson
        await learner.press("enter")
        assert "Give it back" in learner.step
        await learner.press("escape", "g")
        assert "1 to 7" in learner.text
        await learner.type("8")
        assert "type a number from 1 to 7" in learner.hint
        await learner.press("backspace")
        await learner.type("5")
        assert "Once more" in learner.step
        assert [session.state.lab.name for session in stage.sessions] == ["mmap", "demand-paging"]
        assert len(stage.sessions[1].state.outcomes) == 3, "those before it were done on the way"
        assert stage.sessions[0].closed
        await learner.press("escape", "n")
        assert "the processor finds the page by itself" in learner.text
        await learner.press("n", "backspace")
        assert "stop 4 of 7" in learner.lesson
        assert "Now it writes one byte" in learner.step
        await learner.press("r")
        assert stage.sessions[1].restarts == 1
        assert "Now it writes one byte" in learner.step
        assert "what happened" not in learner.step
        learner.screen._focus_pane("labs")
        await learner.press("escape", "end", "enter")
        assert "stop 7 of 7" in learner.lesson
        await learner.press("s", "enter")
        assert learner.screen.moves.page is Page.LESSON_END
        assert "You predicted 1 of 1 right." in learner.step
        assert "Give it back left out" in learner.step


async def test_it_plays_by_itself_from_any_stop_and_passes_by_what_cannot_be_played_here() -> None:
    stage = FakeStage({"crash": Unavailable(Cause.UNSUPPORTED, "not here")})
    quick = (mock.patch.object(labs_autoplay, name, value) for name, value in _QUICK.items())
    with next(quick), next(quick):
        async with labs(stage, start=LESSON._replace(at=4, auto=True)) as learner:
            await learner.until(
                lambda: learner.screen.moves.page is Page.LESSON_END and learner.screen.autoplay is None
            )
            assert [session.state.lab.name for session in stage.sessions] == ["demand-paging"]
            assert stage.performed == 4
            assert "Catch it, and mend it left out" in learner.step


_QUICK = {"_LEAST_SECONDS": 0.0, "_WORDS_A_SECOND": 1e9}


async def test_a_step_of_a_lab_is_reached_by_its_number_also_in_large_type() -> None:
    stage = FakeStage()
    async with labs(stage, SMALL, LabsStart("mmap", big=True)) as learner:
        rows = [line.strip(" │▁▂▃▄▅▆▇█") for line in learner.lines]
        texts = [index for index, row in enumerate(rows) if row in ("Ask for memory: mmap", "1  Map 100 MiB")]
        assert texts
        assert all(not rows[index + 1] for index in texts), "an empty row behind each line"
        await learner.press("g")
        await learner.type("3")
        assert "One byte more" in learner.step
        assert stage.performed == 2
        await learner.press("g", "x")
        assert "type a number from 1 to" in learner.hint
        await learner.press("escape")
        assert "type a number" not in learner.hint
        await learner.press("n")
        assert "A page is the smallest thing" in learner.text
        await learner.press("n", "z", "g")
        await learner.type("1")
        assert "what happened" in learner.step
