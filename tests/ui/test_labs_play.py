"""Playing a lab on the screen: predict, do it, the outcome, next, back, restart, the score."""

from dataclasses import replace

import pytest

from mmexplorer.labs.lab import Lab
from mmexplorer.labs.measurement import Measurement
from mmexplorer.labs.protocol import LabReply
from mmexplorer.labs.registry import all_labs, find
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.labs.page import Page
from mmexplorer.ui.modes import LabsStart
from tests.support.fakes.spaces import anonymous
from tests.support.fakes.stage import AFTER, CALL, PID, FakeStage, as_it_should, killed
from tests.support.pilots.app import SMALL, WIDE
from tests.support.pilots.labs import Learner, labs

MMAP = LabsStart("mmap")


def lab(name: str) -> Lab:
    found = find(name)
    assert found is not None
    return found


async def test_the_list_has_every_lab_in_the_order_of_the_chapter() -> None:
    async with labs(FakeStage(), (160, 80)) as learner:
        places = [learner.text.index(f"{number} {each.title[:25]}") for number, each in enumerate(all_labs(), 1)]
        assert places == sorted(places)
        assert all_labs()[0].learn.split()[0] in learner.step
        assert "Enter begin" in learner.hint


@pytest.mark.smoke
async def test_a_choice_is_predicted_changed_done_and_judged() -> None:
    stage = FakeStage()
    async with labs(stage, start=MMAP) as learner:
        await learner.press("enter")
        assert "Map 100 MiB" in learner.step
        await learner.press("enter")
        assert "predict first: a, b or c" in learner.hint
        assert stage.performed == 0
        await learner.press("a")
        assert "▸ a)" in learner.step
        await learner.press("b")
        assert "▸ b)" in learner.step
        assert "▸ a)" not in learner.step
        await learner.press("enter")
        assert "what happened" in learner.step
        assert "No: you said “by 100 MiB”; it was “hardly at all”." in learner.step
        assert "✓ a) hardly at all" in learner.step
        assert "✗ b) by 100 MiB" in learner.step
        assert "✓ VmSize grew by exactly 102,400 kB" in learner.step
        assert CALL in learner.calls


async def test_a_number_is_typed_and_a_wrong_one_is_answered_with_a_sentence() -> None:
    stage = FakeStage()
    async with labs(stage, start=MMAP) as learner:
        await learner.press("enter", "a", "enter", "enter")
        assert "Give it back" in learner.step
        assert learner.prompt_is_open()
        await learner.type("q1x")
        assert "type a whole number of kB" in learner.hint
        assert stage.performed == 1
        await learner.press("backspace", "backspace", "backspace")
        assert "type a whole number" not in learner.hint
        await learner.type("102,400")
        assert stage.performed == 2
        assert not learner.prompt_is_open()
        assert "you said 102,400 kB" in learner.step


async def test_the_line_for_a_number_can_be_left_and_opened_again() -> None:
    async with labs(FakeStage(), start=MMAP) as learner:
        await learner.press("enter", "a", "enter", "enter")
        assert "Esc leave the line for other keys" in learner.hint
        await learner.press("escape")
        assert not learner.prompt_is_open()
        assert "Enter type a prediction" in learner.hint
        await learner.press("enter")
        assert learner.prompt_is_open()


async def test_a_step_can_be_done_without_a_prediction() -> None:
    async with labs(FakeStage(), start=MMAP) as learner:
        await learner.press("enter", "s")
        assert "You made no prediction; it was “hardly at all”." in learner.step


async def test_back_shows_what_happened_and_enter_goes_forward_again() -> None:
    stage = FakeStage()
    async with labs(stage, start=MMAP) as learner:
        await learner.press("enter", "a", "enter", "enter", "escape", "backspace")
        assert "Right: you said “hardly at all”" in learner.step
        await learner.press("b")
        assert "Right: you said “hardly at all”" in learner.step, "it is too late for another"
        await learner.press("enter")
        assert "Give it back" in learner.step
        assert stage.performed == 1


async def test_restart_begins_at_the_first_step_with_nothing_predicted() -> None:
    stage = FakeStage()
    async with labs(stage, start=MMAP) as learner:
        await learner.press("enter", "a", "enter", "enter", "escape", "r")
        assert stage.sessions[0].restarts == 1
        assert "Map 100 MiB" in learner.step
        assert "what happened" not in learner.step
        assert "hasn't done anything" in learner.calls


async def to_the_end(learner: Learner, steps: int) -> None:
    await learner.press("enter")
    for _ in range(steps):
        await learner.press("escape", "s", "enter")


async def test_the_end_tells_the_score_ticks_the_lab_and_leads_to_the_next() -> None:
    async with labs(FakeStage(), start=MMAP) as learner:
        assert learner.marks["mmap"] == ""
        await learner.press("enter")
        assert learner.marks["mmap"] == "▸"
        await learner.press("a", "enter", "enter")
        await learner.type("-1")
        await learner.press("enter", "s", "enter")
        assert learner.screen.moves.page is Page.SCORE
        assert "You predicted 1 of 2 right." in learner.step
        assert "✓ 1 Map 100 MiB right" in learner.step
        assert "✗ 2 Give it back wrong" in learner.step
        assert "· 3 One byte more no prediction" in learner.step
        assert learner.marks["mmap"] == "✓"
        await learner.press("backspace")
        assert "One byte more" in learner.step
        await learner.press("enter", "enter")
        following = all_labs()[all_labs().index(lab("mmap")) + 1]
        assert following.learn.split()[0] in learner.step
        await learner.press("enter")
        assert learner.marks["mmap"] == "✓"
        assert learner.marks[following.name] == "▸"


async def test_from_the_score_the_lab_can_be_played_again() -> None:
    stage = FakeStage()
    async with labs(stage, start=MMAP) as learner:
        await to_the_end(learner, 3)
        assert learner.screen.moves.page is Page.SCORE
        await learner.press("r")
        assert stage.sessions[0].restarts == 1
        assert "Map 100 MiB" in learner.step


async def test_another_lab_closes_the_one_before() -> None:
    stage = FakeStage()
    async with labs(stage, start=MMAP) as learner:
        await learner.press("enter", "a", "enter")
        learner.screen._focus_pane("labs")
        await learner.press("down")
        assert [session.closed for session in stage.sessions] == [False], "looking at another lab changes nothing"
        await learner.press("up")
        assert "what happened" in learner.step
        await learner.press("down", "enter")
        assert stage.sessions[0].closed
        assert [session.state.lab.name for session in stage.sessions] == ["mmap", learner.screen.moves.chosen.name]


async def test_the_app_ends_the_lab_process_when_it_ends() -> None:
    stage = FakeStage()
    async with labs(stage, start=MMAP) as learner:
        await learner.press("enter", "a", "enter")
    assert stage.sessions[0].closed


async def test_a_child_killed_from_outside_is_told_and_the_way_out_is_named() -> None:
    stage = FakeStage()
    async with labs(stage, start=MMAP) as learner:
        await learner.press("enter", "a", "enter", "enter", "escape")
        stage.result = killed
        await learner.press("s")
        assert "This step went wrong" in learner.step
        assert "the lab process was ended by SIGKILL" in learner.step
        assert "r start again" in learner.hint
        await learner.press("enter")
        assert "the next step can't go on from here: r starts again with a new process" in learner.hint
        assert "Give it back" in learner.step
        assert learner.marks["mmap"] == "▸"
        stage.result = FakeStage().result
        await learner.press("r", "a", "enter")
        assert "Right" in learner.step


@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_the_terms_of_the_step_are_explained(size: tuple[int, int]) -> None:
    async with labs(FakeStage(), size, MMAP) as learner:
        await learner.press("enter", "t")
        assert "RSS\n" in "\n".join(line.strip(" │") for line in learner.lines)
        assert "Resident set size" in learner.text
        await learner.press("escape")
        assert "Resident set size" not in learner.text


@pytest.mark.smoke
async def test_the_picture_shows_counters_pages_map_and_process() -> None:
    async with labs(FakeStage(), start=MMAP) as learner:
        assert "The lab process will be shown here" in learner.text
        await learner.press("enter")
        assert "The first step starts the lab process." in learner.text
        await learner.press("a", "enter")
        assert f"the lab process, {PID}" in learner.text
        assert "102,400 kB" in learner.text
        assert "░ not present 24,600   █ anonymous 1,000" in learner.text
        marked = next(line for line in learner.lines if "+ 7f3a45800000" in line)
        assert "anonymous  new" in marked
        assert any(line.lstrip().startswith("559499a7d000 ") for line in learner.lines), "the strip"


async def test_pages_that_cannot_be_read_are_a_sentence() -> None:
    stage, denied = FakeStage(), Unavailable(Cause.DENIED, "permission denied")
    stage.result = lambda step, predicted: replace(as_it_should(step, predicted), after=replace(AFTER, pages=denied))
    async with labs(stage, start=MMAP) as learner:
        await learner.press("enter", "a", "enter")
        assert "pages: — permission denied" in learner.text
        assert "+ 7f3a45800000" in learner.text


async def test_the_map_of_another_process_is_one_key_away() -> None:
    stage = FakeStage()
    child = Measurement((anonymous(0x10000, 0x20000),), {"VmSize": 64 << 10})
    stage.result = lambda step, predicted: replace(
        as_it_should(step, predicted), after=replace(AFTER, others={"child": child})
    )
    async with labs(stage, start=MMAP) as learner:
        await learner.press("enter", "a", "enter")
        assert "00010000" not in learner.text
        await learner.press("o")
        assert "child ─ 1 region" in learner.text
        assert "+     00010000" in learner.text
        await learner.press("o")
        assert f"the lab process, {PID}" in learner.text


async def test_a_simulated_memory_is_drawn_and_an_own_request_is_taken() -> None:
    stage = FakeStage()
    drawing = LabReply("A = alloc(2)", ok=True, output="first |AA..|\n")
    stage.result = lambda step, predicted: replace(as_it_should(step, predicted), replies=(drawing,))
    async with labs(stage, start=LabsStart("fragmentation")) as learner:
        await learner.press("enter")
        steps = lab("fragmentation").steps
        for _ in steps[:-1]:
            await learner.press("escape", "s", "enter")
        assert "the memory, simulated" in learner.text
        assert "first |AA..|" in learner.text
        assert "your answer:" in learner.text
        await learner.type("2203")
        assert "Done with your 2203." in learner.step
