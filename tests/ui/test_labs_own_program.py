"""A learner's copy of a lab's C program: edited, run, shown, and removed with the screen."""

import contextlib

import pytest

from mmexplorer.ui.labs.own_program import OwnPrograms
from mmexplorer.ui.modes import LabsStart
from mmexplorer.ui.widgets.text_box import TextBox
from tests.support.fakes.stage import FakeStage
from tests.support.pilots.labs import labs


async def test_v_edits_a_copy_and_shows_what_it_did(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = FakeStage()
    monkeypatch.setenv("VISUAL", "true")
    async with labs(stage, start=LabsStart("program-crash")) as learner:
        await learner.press("v")
        await learner.until(lambda: "an editor can't be opened in this terminal" in learner.hint)
        assert stage.own.runs == 0
        monkeypatch.setattr(learner.app, "suspend", contextlib.nullcontext)
        monkeypatch.setenv("VISUAL", "false")
        await learner.press("v")
        await learner.until(lambda: "false ended with status 1: the program wasn't run" in learner.hint)
        monkeypatch.setenv("VISUAL", "true")
        await learner.press("v")
        await learner.until(lambda: isinstance(learner.app.screen, TextBox) and "Segmentation fault" in learner.text)
        assert stage.own.runs == 1
        await learner.press("escape")
    assert stage.own.closed


@pytest.mark.parametrize(("visual", "editor"), [("", "true"), ("no-such-editor", "true"), ("'unfinished", "true -x")])
def test_the_editor_is_the_first_that_is_there(visual: str, editor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", visual)
    monkeypatch.setenv("EDITOR", editor)
    assert OwnPrograms.editor() == editor.split()


def test_without_an_editor_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VISUAL", "EDITOR", "PATH"):
        monkeypatch.setenv(name, "")
    assert not OwnPrograms.editor()
