"""The state of a lab: its moves, the meaning of a typed answer, and the verdict on a step."""

from dataclasses import replace

import pytest

from mmexplorer.labs.lab import Check, Expect, Lab, Remark, Step
from mmexplorer.labs.measurement import Measurement
from mmexplorer.labs.operations import ready
from mmexplorer.labs.outcome import outcome
from mmexplorer.labs.protocol import LabReply
from mmexplorer.labs.state import LabState, NoAnswer, Phase, Score, objection, understood
from mmexplorer.model.memory.pages import PageState, PageStates, Run
from mmexplorer.model.region import Range, Region
from mmexplorer.model.unavailable import Cause, Unavailable
from tests.support.pilots.lab_players import A_CHOICE, A_NUMBER, outcome_of
from tests.support.regions import region_of

ASKED = Step("first", "text", A_CHOICE, (ready(),), (), "")
PLAIN = Step("second", "text", None, (ready(),), (), "")
LAB = Lab("test", "A test", "0", "nothing", (ASKED, PLAIN), order=1, address_space=0)


def region(start: int, end: int, path: str = "", perms: str = "rw-p") -> Region:
    return region_of(start, end, perms, 0, "00:00", 0, path)


BEFORE = Measurement((region(0x1000, 0x3000, "[heap]"),), {"VmSize": 0x2000, "Rss": 0x1000, "min_flt": 5})
AFTER = Measurement(
    (region(0x1000, 0x3000, "[heap]"), region(0x8000, 0xA000)),
    {"VmSize": 0x4000, "Rss": 0x2000, "min_flt": 7},
    PageStates(
        Range(0x8000, 0xA000), 0x1000, (Run(0x8000, 0x9000, PageState.ANONYMOUS), Run(0x9000, 0xA000, PageState.ABSENT))
    ),
)
MAPPED = LabReply("mmap(...) = 0x8000", ok=True, start=0x8000, end=0xA000, figures={"pages": 2})


def test_a_play_goes_predict_do_done_next() -> None:
    play = LabState(LAB)
    assert play.phase is Phase.PREDICT
    assert play.forward() is play, "the first step isn't done"
    answered = play.answered("2")
    assert isinstance(answered, LabState)
    assert (answered.phase, answered.predicted) == (Phase.DO, 1)
    done = answered.done(outcome_of(ASKED, right=True))
    assert (done.phase, done.predicted) == (Phase.DONE, None)
    second = done.forward()
    assert (second.index, second.phase) == (1, Phase.DO)
    end = second.done(outcome_of(PLAIN))
    assert end.finished
    assert end.forward() is end
    assert end.score == Score(right=1, asked=1)


def test_back_only_looks_and_what_was_done_stays_done() -> None:
    play = LabState(LAB).done(outcome_of(ASKED)).forward().back()
    assert (play.index, play.phase) == (0, Phase.DONE)
    assert play.back().index == 0
    assert play.answered("1") is play, "it is too late to predict"
    assert play.done(outcome_of(ASKED)) is play
    assert play.forward().phase is Phase.DO


def test_a_failed_step_ends_the_play_and_restart_begins_again() -> None:
    play = LabState(LAB).done(outcome_of(ASKED, passed=False))
    assert play.stuck
    assert play.forward() is play
    assert play.restarted() == LabState(LAB)


@pytest.mark.parametrize(("typed", "index"), [("1", 0), (" 2 ", 1)])
def test_an_option_is_chosen_by_its_number(typed: str, index: int) -> None:
    assert understood(A_CHOICE, typed) == index


@pytest.mark.parametrize("typed", ["", "0", "3", "-1", "one", "²", "1.0", "9" * 5000])
def test_anything_else_gets_a_sentence(typed: str) -> None:
    assert understood(A_CHOICE, typed) == NoAnswer("type a number from 1 to 2")


@pytest.mark.parametrize("begun", ["", " ", "-", "+", "1", "12,", "12,345", "-4 ", "40 k", "40kB"])
def test_what_can_become_a_number_is_left_alone(begun: str) -> None:
    assert objection(A_NUMBER, begun) == ""


@pytest.mark.parametrize("begun", ["a", "1a", "kB", "4 B", "4 kBx", "1.5", "--", "1" * 40])
def test_what_cannot_become_a_number_is_said_while_it_is_typed(begun: str) -> None:
    assert objection(A_NUMBER, begun) == "type a whole number of kB, such as 12,345"


@pytest.mark.parametrize(
    ("typed", "number"), [("4000", 4000), ("4,000 kB", 4000), ("-12", -12), (" +7", 7), ("1_0", 10)]
)
def test_a_number_may_have_separators_a_sign_and_its_unit(typed: str, number: int) -> None:
    assert understood(A_NUMBER, typed) == number


@pytest.mark.parametrize("typed", ["", "kB", "4.5", "4 MB", "1e3", "٣", "9" * 5000, "--1"])
def test_no_number_gets_a_sentence(typed: str) -> None:
    assert isinstance(understood(A_NUMBER, typed), NoAnswer)


def test_figures_come_from_both_measurements_and_the_reply() -> None:
    done = outcome(PLAIN, None, prepared=(), replies=(MAPPED,), before=BEFORE, after=AFTER)
    expected = {
        "regions": 2, "regions_change": 1, "heap": 0x2000, "heap_change": 0, "vm_size_change": 0x2000,
        "rss_change": 0x1000, "process_min_flt": 2, "pages_present": 1, "pages_absent": 1, "pages_mapped": 1,
        "covered": 1, "length": 0x2000, "pages": 2,
    }  # fmt: skip
    assert {name: done.figures[name] for name in expected} == expected


def test_the_touches_of_a_step_are_added_up_and_of_other_figures_the_last_counts() -> None:
    first, second = ({"pages": 1, "touch_min_flt": 2, "byte": 7}, {"pages": 1, "touch_min_flt": 1, "byte": 9})
    replies = [LabReply("", ok=True, figures=each) for each in (first, second)]
    done = outcome(PLAIN, None, prepared=replies, replies=replies, before=BEFORE, after=AFTER)
    assert (done.figures["pages"], done.figures["touch_min_flt"], done.figures["byte"]) == (2, 3, 9)


@pytest.mark.parametrize(("typed", "right"), [(4, True), (6, True), (7, False), (None, None)])
def test_a_number_is_right_within_its_tolerance(typed: int | None, right: bool | None) -> None:  # noqa: FBT001 - expected
    step = replace(PLAIN, question=A_NUMBER)
    done = outcome(step, typed, prepared=(), replies=(MAPPED,), before=BEFORE, after=AFTER)
    assert (done.right, done.answer) == (right, "4 kB")


def test_a_choice_may_depend_on_what_was_measured() -> None:
    step = replace(PLAIN, question=replace(A_CHOICE, right=lambda figures: int(figures["covered"] == 0)))
    done = outcome(step, 0, prepared=(), replies=(MAPPED,), before=BEFORE, after=AFTER)
    assert (done.right, done.answer) == (True, "one")


def test_checks_hold_or_not_and_a_figure_that_is_missing_says_why() -> None:
    checks = (
        Check("it grew", lambda figures: figures["vm_size_change"] > 0),
        Check("it shrank", lambda figures: figures["vm_size_change"] < 0),
        Check("it faulted", lambda figures: figures["si_addr"] == 0),
    )
    done = outcome(replace(PLAIN, checks=checks), None, prepared=(), replies=(MAPPED,), before=BEFORE, after=AFTER)
    assert [verdict.passed for verdict in done.verdicts] == [True, False, False]
    assert "si_addr is not known" in done.verdicts[2].why
    assert not done.passed


def test_a_refused_call_fails_the_step_with_its_errno_alone() -> None:
    refused = LabReply("mmap(...) = -1 ENOMEM", ok=False, error="ENOMEM: cannot allocate memory; RLIMIT_AS allows 64M")
    step = replace(PLAIN, question=A_CHOICE, checks=(Check("never looked at", lambda _figures: False),))
    done = outcome(step, 1, prepared=(), replies=(refused,), before=BEFORE, after=BEFORE)
    assert [(verdict.words, verdict.why) for verdict in done.verdicts] == [("the call succeeds", refused.error)]
    assert (done.right, done.explanation) == (None, "")


def test_a_refusal_or_an_end_may_be_what_is_expected() -> None:
    refused = LabReply("", ok=False, error="ENOMEM")
    ended = LabReply("", ok=False, error="ended", ended="was ended by SIGKILL")
    gone = Unavailable(Cause.GONE, "the lab process has ended")
    for reply, expect, passes in (
        (refused, Expect.REFUSAL, True), (ended, Expect.REFUSAL, False), (MAPPED, Expect.REFUSAL, False),
        (ended, Expect.END, True), (MAPPED, Expect.END, False), (ended, Expect.SUCCESS, False),
    ):  # fmt: skip
        step = replace(PLAIN, expect=expect)
        done = outcome(step, None, prepared=(), replies=(reply,), before=BEFORE, after=gone if reply.ended else AFTER)
        assert done.passed is passes, (reply, expect)


def test_a_call_before_the_last_must_always_succeed() -> None:
    refused = LabReply("", ok=False, error="EINVAL")
    done = outcome(
        replace(PLAIN, expect=Expect.REFUSAL), None, prepared=(refused,), replies=(), before=BEFORE, after=AFTER
    )
    assert [verdict.why for verdict in done.verdicts] == ["EINVAL"]


def test_the_explanation_speaks_with_the_figures_and_the_remarks_that_apply() -> None:
    step = replace(
        PLAIN,
        explanation="It grew by {vm_size_change:kB} at {start:hex}; {si_addr:hex}.",
        remarks=(
            Remark(lambda figures: figures["covered"] == 1, "Covered."),
            Remark(lambda figures: figures["covered"] == 0, "Not covered."),
            Remark(lambda figures: figures["si_addr"] == 0, "Faulted."),
        ),
    )
    done = outcome(step, None, prepared=(), replies=(MAPPED,), before=BEFORE, after=AFTER)
    assert done.explanation == "It grew by 8 kB at 0x8000; (not measured). Covered."
