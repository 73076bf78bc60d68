"""The overcommit lab judges by the setting it finds, here with the figures of other machines."""

import pytest

from mmexplorer.labs.chapter.overcommit import LAB
from mmexplorer.labs.lab import Step
from mmexplorer.labs.measurement import Measurement
from mmexplorer.labs.outcome import Outcome, outcome
from mmexplorer.labs.protocol import LabReply

GIB = 1 << 30
MORE, SPARSE = LAB.steps[3:]
REFUSED = "ENOMEM: cannot allocate memory"


def judged(step: Step, mode: int, reply: LabReply, grown: int, *, limit: int = 20 * GIB) -> Outcome:
    around = {"overcommit_memory": mode, "committed_as": 2 * GIB, "commit_limit": limit, "mem_and_swap": 16 * GIB}
    before = Measurement((), {"VmSize": 0, "Rss": 0, "VmPTE": 0})
    after = Measurement((), {"VmSize": grown, "Rss": 0, "VmPTE": 0})
    return outcome(
        step, 0, prepared=(), replies=(reply,), before=before, after=after,
        around=(around, {**around, "committed_as": 2 * GIB + (grown if grown == 17 * GIB else 0)}),
    )  # fmt: skip


def more(*, granted: bool) -> LabReply:
    return LabReply(
        "mmap(...)", ok=granted, error="" if granted else REFUSED, figures={"asked": 17 * GIB, "granted": int(granted)}
    )


@pytest.mark.parametrize(("mode", "limit", "granted"), [(0, 20, False), (1, 20, True), (2, 18, False), (2, 20, True)])
def test_more_than_there_is_by_the_setting(mode: int, limit: int, granted: bool) -> None:  # noqa: FBT001 - expected
    done = judged(MORE, mode, more(granted=granted), 17 * GIB if granted else 0, limit=limit * GIB)
    assert done.passed, done.verdicts
    assert done.right is granted, "option 1 is an address"
    assert f"vm.overcommit_memory is {mode} here" in done.explanation
    assert ("ENOMEM" in done.explanation) is not granted


@pytest.mark.parametrize(("mode", "granted"), [(0, True), (1, False)])
def test_a_kernel_that_answers_otherwise_fails_the_step(mode: int, granted: bool) -> None:  # noqa: FBT001 - a case
    assert not judged(MORE, mode, more(granted=granted), 17 * GIB if granted else 0).passed


@pytest.mark.parametrize(("mode", "granted"), [(0, True), (1, True), (2, False)])
def test_a_terabyte_without_a_reserve_by_the_setting(mode: int, granted: bool) -> None:  # noqa: FBT001 - expected
    reply = LabReply("mmap(...)", ok=granted, error="" if granted else REFUSED)
    done = judged(SPARSE, mode, reply, 1024 * GIB if granted else 0)
    assert done.passed, done.verdicts
    assert done.right is granted


def test_a_process_that_ends_is_no_refusal() -> None:
    ended = LabReply("", ok=False, error="the lab process was ended by SIGKILL", ended="was ended by SIGKILL")
    done = judged(SPARSE, 0, ended, 0)
    assert [verdict.why for verdict in done.verdicts if not verdict.passed] == [ended.error]
