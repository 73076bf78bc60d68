"""The fragmentation lab as a user plays it: without a process, with a seed and with the user's own requests."""

import json

import pytest

from mmexplorer.cli import main
from mmexplorer.kernel.lab.player import Session
from mmexplorer.kernel.lab.requirements import lacking
from mmexplorer.labs.chapter.fragmentation import LAB
from mmexplorer.labs.outcome import Outcome
from mmexplorer.labs.simulated.allocator import Rule
from tests.support.pilots.lab_players import failures, played


def played_with(*answers: str) -> list[Outcome]:
    session = Session(LAB)
    outcomes = []
    try:
        for text in answers:
            assert session.answer(text) == ""
            outcome = session.perform()
            assert outcome is not None
            outcomes.append(outcome)
            session.forward()
        assert session.pid is None
    finally:
        session.close()
    return outcomes


PREDICTED = ("2", "2", "1", "3", "2")


def test_it_needs_nothing_and_starts_no_process() -> None:
    assert lacking(LAB) is None
    outcomes = list(played(LAB, before_step=lambda session: None if session.pid is None else pytest.fail("a process")))
    assert [failures(outcome) for outcome in outcomes] == [[] for _ in LAB.steps]


def test_somebody_who_knows_is_right_five_times_and_choosing_is_not_scored() -> None:
    outcomes = played_with(*PREDICTED, "2026", "2222222203")
    assert [outcome.right for outcome in outcomes] == [True] * 5 + [None, None]


def test_a_seed_gives_its_own_requests_and_the_same_again() -> None:
    one, other = (played_with(*PREDICTED, seed)[5] for seed in ("7", "8"))
    again = played_with(*PREDICTED, "7")[5]
    assert one.figures.numbers == again.figures.numbers
    assert one.figures.numbers != other.figures.numbers
    assert one.figures["paged_failures"] == other.figures["paged_failures"] == 0


def test_ones_own_requests_are_made_by_every_rule() -> None:
    outcome = played_with(*PREDICTED, "1", "4404")[6]
    assert len(outcome.replies) == len(Rule)
    assert outcome.replies[0].call.splitlines() == [
        "A = alloc(4): units 0-3   /* first fit */", "B = alloc(4): units 4-7   /* first fit */",
        "free(B)   /* first fit */", "C = alloc(4): units 4-7   /* first fit */",
    ]  # fmt: skip
    assert outcome.passed


def test_what_is_no_number_gets_a_sentence() -> None:
    session = Session(LAB)
    for text in PREDICTED:
        session.answer(text)
        session.perform()
        session.forward()
    assert session.answer("seed").startswith("type a whole number, ")
    assert session.state.predicted is None


def test_the_plain_run_draws_the_memory_and_the_json_has_no_map(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", LAB.name, "--run"]) == 0
    text = capsys.readouterr().out
    assert "|AA..CC..EE..GGHH|" in text
    assert "map before" not in text
    assert main(["lab", LAB.name, "--run", "--json"]) == 0
    first = json.loads(capsys.readouterr().out)["steps"][0]
    assert first["regions_before"] is None
    assert first["figures"]["first_failed"] == 3
