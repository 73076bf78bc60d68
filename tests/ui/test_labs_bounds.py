"""Edge cases of the Labs screen: keys during a step, missing requirements, small terminals, other screens."""

import sys
from collections.abc import Sequence
from unittest import mock

import pytest

from mmexplorer.cli import main
from mmexplorer.labs.registry import all_labs
from mmexplorer.model.memory.pages import PageState, PageStates, Run
from mmexplorer.model.region import Range
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.ui import app
from mmexplorer.ui.explore.screen import ExploreScreen
from mmexplorer.ui.labs.screen import LabsScreen
from mmexplorer.ui.modes import LabsStart
from tests.support.fakes.stage import CALL, PAGE, START, FakeStage
from tests.support.pilots.app import SMALL, WIDE
from tests.support.pilots.labs import labs

MMAP = LabsStart("mmap")
LACK = Unavailable(Cause.UNSUPPORTED, "pages of 64K are too large", "the lab crash shows what can be shown without")


async def test_keys_mashed_while_a_step_runs_do_nothing() -> None:
    stage = FakeStage()
    async with labs(stage, start=MMAP) as learner:
        await learner.press("enter", "a")
        stage.gate.clear()
        await learner.begin("enter")
        assert await learner.comes(lambda: stage.performed == 1)
        await learner.begin(*("enter", "b", "r", "s", "backspace", "p") * 3)
        assert "working" in learner.hint
        stage.sessions[0].live = PageStates(
            Range(START, START + 3 * PAGE),
            PAGE,
            (Run(START, START + PAGE, PageState.ANONYMOUS), Run(START + PAGE, START + 3 * PAGE, PageState.ABSENT)),
        )
        assert await learner.comes(lambda: "░ not present 2   █ anonymous 1" in learner.text)
        stage.gate.set()
        await learner.idle()
        await learner.until(lambda: "what happened" in learner.step)
        assert "█ anonymous 1,000" in learner.text
        assert stage.performed == 1
        assert stage.sessions[0].restarts == 0
        assert "you said “hardly at all”" in learner.step
        assert learner.screen.autoplay is None


async def test_while_a_step_runs_other_screens_can_be_seen_and_the_app_can_end() -> None:
    stage = FakeStage()
    async with labs(stage, start=MMAP) as learner:
        await learner.press("enter", "a")
        stage.gate.clear()
        await learner.begin("enter")
        assert await learner.comes(lambda: stage.performed == 1)
        await learner.begin("1")
        assert await learner.comes(lambda: isinstance(learner.app.screen, ExploreScreen))
        await learner.begin("3")
        assert await learner.comes(lambda: isinstance(learner.app.screen, LabsScreen))
        assert "working" in learner.hint
    assert stage.sessions[0].closed


async def test_a_lab_that_cannot_be_played_is_marked_and_says_why_and_what_instead() -> None:
    stage = FakeStage({"mmap": LACK})
    async with labs(stage, start=MMAP) as learner:
        assert learner.marks["mmap"] == "✗"
        assert f"It can't be played here: {LACK.reason}." in learner.step
        assert f"Instead: {LACK.remedy}." in learner.step
        await learner.press("enter")
        assert stage.sessions == []
        assert "can't be played here" in learner.hint


async def test_a_lack_that_came_up_meanwhile_is_found_when_the_lab_is_opened() -> None:
    stage = FakeStage()
    async with labs(stage, start=MMAP) as learner:
        stage._lacks = {"mmap": LACK}
        await learner.press("enter")
        assert stage.sessions == []
        assert LACK.reason in learner.step


async def test_the_terminal_may_become_tiny_and_large_again() -> None:
    moments = ("the intro", "what happened", "a typed number")
    keys: Sequence[Sequence[str]] = ((), ("enter", "s"), ("enter",))
    async with labs(FakeStage(), start=MMAP) as learner:
        for moment, pressed in zip(moments, keys, strict=True):
            await learner.press(*pressed)
            before = learner.lines
            for size in ((20, 5), (1, 1), WIDE):
                await learner.pilot.resize_terminal(*size)
                await learner.idle()
            assert learner.lines == before, moment


@pytest.mark.parametrize("size", [SMALL, WIDE, (120, 40), (100, 24)])
async def test_every_line_fits_the_terminal(size: tuple[int, int]) -> None:
    async with labs(FakeStage(), size, MMAP) as learner:
        for key in ("enter", "a", "enter", "tab", "tab", "tab", "enter"):
            await learner.press(key)
            assert len(learner.lines) == size[1]
            assert all(len(line) <= size[0] for line in learner.lines)
            assert "Help" in learner.lines[-1] or learner.prompt_is_open()


async def test_a_small_screen_shows_one_pane_after_the_other() -> None:
    async with labs(FakeStage(), SMALL, LabsStart("mmap")) as learner:
        assert "Labs │ Step │ Picture │ Calls" in learner.text
        await learner.press("enter")
        assert "Map 100 MiB" in learner.text
        await learner.press("a", "enter")
        assert "── what happened" in learner.text
        assert "✓ RSS grew by less than 256 kB" in learner.text, "it was scrolled to what is new"
        assert "VSZ 115,712 kB (+102,400 kB)" in learner.lines[-2]
        await learner.press("tab")
        assert "+ 7f3a45800000" in learner.text
        await learner.press("tab")
        assert CALL[:60] in learner.text
        await learner.press("enter")
        assert "Give it back" in learner.text, "the step comes forward by itself"


async def test_the_list_comes_first_when_no_lab_was_named_and_the_step_when_one_was() -> None:
    async with labs(FakeStage(), SMALL) as learner:
        assert "in the chapter's order" in learner.text
    async with labs(FakeStage(), SMALL, LabsStart("crash")) as learner:
        assert "isn't allowed ─ 9 steps" in learner.text


@pytest.mark.parametrize("arguments", [["lab"], ["lab", "mmap"], ["lab", "--auto"]])
def test_without_a_terminal_it_refuses_in_one_line(
    arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", mock.Mock(isatty=lambda: False))
    assert main(arguments) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("mmexplorer: the screen of the labs needs a terminal;")
    assert told.err.count("\n") == 1


def test_an_unknown_lab_is_told_before_anything_is_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", "no-such"]) == 2
    told = capsys.readouterr().err
    assert "no lab called no-such; the labs are" in told
    assert all(lab.name in told for lab in all_labs())


@pytest.mark.parametrize("size", [SMALL, WIDE])
async def test_tabs_that_come_all_at_once_are_all_obeyed(size: tuple[int, int]) -> None:
    async with labs(FakeStage(), size, LabsStart("mmap")) as learner:
        await learner.press("enter")
        for pane in ("picture", "calls", "labs", "step"):
            learner.screen.action_next_pane(1)
            assert learner.screen._current_pane == pane
        for _ in range(2):
            learner.screen.action_next_pane(1)
        await learner.idle()
        assert learner.screen._current_pane == "calls"
        assert learner.screen.focused is learner.screen.query_one("#call-log")
        assert learner.screen.focused.region.area


async def test_the_machines_memory_is_in_the_top_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "_UNTIL_POLLED", 0)
    async with labs(FakeStage()) as learner:
        await learner.until(lambda: " avail " in learner.lines[0])
        assert "box · Linux 6.18.44" in learner.lines[0]
