"""Two labs on the real kernel, played through the screen as a learner would."""

from pathlib import Path

from mmexplorer.kernel.lab.player import LabRunner
from mmexplorer.present.labs.page import Page
from mmexplorer.ui.modes import LabsStart
from tests.support.pilots.app import SMALL, WIDE
from tests.support.pilots.labs import labs


def lives(pid: int | None) -> bool:
    return Path(f"/proc/{pid}").exists()


async def test_mmap() -> None:
    async with labs(LabRunner(), WIDE, LabsStart("mmap")) as learner:
        await learner.press("enter", "a", "enter")
        assert "Right: you said “hardly at all”" in learner.step
        assert "mmap(NULL, 104857600" in learner.calls
        session = learner.screen.worker.session
        assert session is not None
        pid = session.pid
        await learner.press("enter")
        await learner.type("-102,400")
        assert "Right: you said -102,400 kB" in learner.step
        await learner.press("enter", "b", "enter")
        assert "No: you said “102,400 kB and 1 byte”; it was “102,404 kB”." in learner.step
        await learner.press("enter")
        assert learner.screen.moves.page is Page.SCORE
        assert "You predicted 2 of 3 right." in learner.step
        assert learner.marks["mmap"] == "✓"
        assert lives(pid)
    assert not lives(pid)


async def test_crash_in_a_small_terminal() -> None:
    async with labs(LabRunner(), SMALL, LabsStart("crash")) as learner:
        await learner.press("enter", "b", "enter")
        assert "Right: you said “the first”" in learner.step
        assert "it printed before the access" in learner.step
        assert "si_code=SEGV_MAPERR, si_addr=NULL" in learner.calls
        await learner.press("tab")
        assert "ended; its last map" in learner.text
        assert " below a region" in learner.text
        for _ in range(8):
            await learner.press("enter", "s")
            assert "went wrong" not in learner.step
        await learner.press("enter")
        assert learner.screen.moves.page is Page.SCORE
        assert learner.marks["crash"] == "✓"
