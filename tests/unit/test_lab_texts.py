"""The labs as texts: every lab is found, every term explained, and every figure exists."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from string import Formatter

import pytest

from mmexplorer.labs.figures import WORDS, Figures, figure_unit
from mmexplorer.labs.glossary import GLOSSARY, look_up
from mmexplorer.labs.lab import Choice, Lab, Number, Step
from mmexplorer.labs.lessons.notes import NOTES
from mmexplorer.labs.outcome import outcome
from mmexplorer.labs.protocol import Fault, LabReply
from mmexplorer.labs.registry import all_labs, find
from mmexplorer.labs.text import amount, counted, filled, pieces, without_marks
from mmexplorer.present.json.lab import run_document
from mmexplorer.present.labs.plain import outcome_lines, program_lines, step_lines
from tests.support.fakes.stage import AFTER, BEFORE, START, as_it_should

LABS = all_labs()
LABS_BY_NAME = {lab.name: lab for lab in LABS}

_LIST_CELLS = 30
"""Cells available for a title in the list of labs at 160 columns."""


def texts(lab: Lab) -> Iterator[str]:
    yield from (lab.title, lab.learn)
    for step in lab.steps:
        yield from (step.title, step.text, step.explanation)
        yield from (remark.text for remark in step.remarks)
        yield from (check.words for check in step.checks)
        if step.question is not None:
            yield step.question.ask
        if isinstance(step.question, Choice):
            yield from (*step.question.options, *step.question.feedback)


def test_every_lab_is_listed_once_in_the_chapters_order() -> None:
    assert {"mmap", "demand-paging", "crash", "malloc"} <= {lab.name for lab in LABS}
    assert len({lab.name for lab in LABS}) == len(LABS)
    assert [lab.order for lab in LABS] == sorted({lab.order for lab in LABS})
    assert find("mmap") in LABS
    assert find("mmaps") is None


def test_texts_call_a_lab_by_the_title_that_the_list_shows() -> None:
    told = [text for lab in LABS for text in texts(lab)] + [text for notes in NOTES.values() for text in notes.values()]
    named = [name for text in told for name in re.findall(r"\blab “([^”]+)”", text)]
    assert named
    assert set(named) <= {lab.title for lab in LABS}
    names = "|".join(lab.name for lab in LABS)
    assert [text for text in told if re.search(rf"\blab ({names})\b", text)] == []


def terms(text: str) -> tuple[str, ...]:
    return tuple(term.lower() for _, term in pieces(text) if term)


def test_every_title_fits_the_list() -> None:
    assert [lab.title for lab in all_labs() if len(lab.title) > _LIST_CELLS] == []


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_every_marked_term_has_an_entry(lab: Lab) -> None:
    marked = [term for text in texts(lab) for term in terms(text)]
    assert marked
    assert [term for term in marked if look_up(term) is None] == []


def test_every_entry_is_reachable_and_reads_as_a_sentence() -> None:
    used = {term for lab in LABS for text in texts(lab) for term in terms(text)}
    assert set(GLOSSARY) == used
    assert all(definition.endswith(".") for definition in GLOSSARY.values())


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_every_figure_of_a_text_is_documented(lab: Lab) -> None:
    fields = {field for text in texts(lab) for _, field, _, _ in Formatter().parse(text) if field}
    asked = {step.question.figure for step in lab.steps if isinstance(step.question, Number)} - {""}
    assert {name for name in fields | asked if name not in WORDS and figure_unit(name) is None} == set()


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_every_step_asks_something_that_can_be_answered_and_checks_something(lab: Lab) -> None:
    for step in lab.steps:
        assert step.checks, step.title
        assert step.operations, step.title
        if isinstance(step.question, Choice) and isinstance(step.question.right, int):
            assert 0 <= step.question.right < len(step.question.options)
        assert unmapped_names(lab, step) == set(), step.title


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_who_chooses_a_wrong_option_is_told_why(lab: Lab) -> None:
    for question in (step.question for step in lab.steps):
        if isinstance(question, Choice) and question.feedback:
            assert len(question.feedback) == len(question.options), question.ask
            right = question.right if isinstance(question.right, int) else None
            for index, sentence in enumerate(question.feedback):
                assert bool(sentence) is (index != right), question.ask
                assert not sentence or sentence.endswith("."), question.ask


def unmapped_names(lab: Lab, step: Step) -> set[str]:
    """Return names that a step uses, but no operation up to it since the last new process has created."""
    made: set[object] = {""}
    used: set[object] = {step.watch}
    for earlier in lab.steps[: lab.steps.index(step) + 1]:
        made = {""} if earlier.fresh else made
        for operation in (*earlier.prepare, *earlier.operations):
            made.add(operation.arguments.get("name", ""))
            if earlier is step:
                used.add(operation.arguments.get("of", ""))
    return {str(name) for name in used - made}


def test_marks_are_taken_off_and_figures_put_in() -> None:
    text = "The [[RSS]] of [[page|pages]]: {rss:kB}, {signal}, {missing:n}."
    assert terms(text) == ("rss", "page")
    known = Figures({"rss": 1536}, {"signal": "SIGSEGV"}, "no reason")
    assert without_marks(filled(text, known)) == "The RSS of pages: 1.5 kB, SIGSEGV, (not measured)."


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (4096000, "kB", "4,000 kB"),
        (-104857600, "kB", "-102,400 kB"),
        (4096000, "+kB", "+4,000 kB"),
        (-4096000, "+kB", "-4,000 kB"),
        (104857600, "MiB", "100 MiB"),
        (0x7F3A45800000, "hex", "0x7f3a45800000"),
        (25600, "n", "25,600"),
        (104857601, "bytes", "104,857,601 bytes"),
        (0, "distance", "0 bytes"),
        (1023, "distance", "1,023 bytes"),
        (46384180383744, "distance", "42.2 TiB"),
        (1 << 60, "distance", "1,048,576 TiB"),
    ],
)
def test_amounts(value: int, unit: str, words: str) -> None:
    assert amount(value, unit) == words


@pytest.mark.parametrize(
    ("count", "unit", "words"),
    [
        (1, "pages", "1 page"),
        (1, "misses", "1 miss"),
        (1, "accesses", "1 access"),
        (0, "faults", "0 faults"),
        (1, "kB", "1 kB"),
        (-1024, "kB", "-1,024 kB"),
        (139, "", "139"),
    ],
)
def test_a_count_agrees_with_its_unit(count: int, unit: str, words: str) -> None:
    assert counted(count, unit) == words


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_neither_the_plain_text_nor_the_json_holds_marks(lab: Lab) -> None:
    outcomes = [as_it_should(step, 0 if step.question else None) for step in lab.steps]
    told = [text for step in lab.steps for text in step_lines(1, 1, step)]
    told += [text for outcome in outcomes for text in outcome_lines(outcome)]
    for step in json.loads(run_document(lab, outcomes))["steps"]:
        told += [
            step["title"],
            step["question"] or "",
            step["explanation"],
            *(check["words"] for check in step["checks"]),
        ]
    assert [text for text in told if "[[" in text or "]]" in text] == []


def test_a_lab_is_found_by_its_name_which_is_that_of_its_module() -> None:
    assert [find(lab.name) for lab in LABS] == list(LABS)
    for name in ("", "free_and_cache", "no-such-lab", "../chapter/cow", "cow.LAB", "__init__"):
        assert find(name) is None


@pytest.mark.parametrize(("touched", "told"), [(2, True), (1000, False)])
def test_the_cow_lab_explains_what_its_counters_show_besides_the_touches(touched: int, *, told: bool) -> None:
    reads = next(step for step in LABS_BY_NAME["cow"].steps if step.title == "The child reads")
    reply = LabReply("", ok=True, figures={"child_touch_min_flt": touched})
    before, after = (replace(seen, others={"child": seen}) for seen in (BEFORE, AFTER))
    explained = outcome(reads, None, prepared=(), replies=(reply,), before=before, after=after).explanation
    assert f"It took {touched:,}:" in explained
    assert ("1,000 minor faults and +4,096 kB of RSS: Python" in explained) is told


@pytest.mark.parametrize(("faults", "told"), [(1, "1 minor fault,"), (10, "10 minor faults,"), (0, "0 minor faults,")])
def test_the_plain_text_counts_faults_in_the_right_number(faults: int, told: str) -> None:
    touched = as_it_should(LABS_BY_NAME["page-tables"].steps[3], None)
    figures = Figures({"touch_min_flt": faults, "pages_mapped": 1}, {}, "")
    measured = next(text for text in outcome_lines(replace(touched, figures=figures)) if "measured:" in text)
    assert f"{told} 1 page of the range" in measured


@pytest.mark.parametrize(
    ("step", "ended", "told"),
    [(1, "was ended by SIGSEGV", "The address 0x7f3a45800000 lies in"), (-1, "", "the address 0x7f3a45800000 lay in")],
)
def test_a_region_that_a_handler_has_split_is_told_of_in_the_past(step: int, ended: str, told: str) -> None:
    fault = Fault("SIGSEGV", "SEGV_ACCERR", START)
    reply = LabReply("", ok=not ended, ended=ended, fault=fault)
    done = outcome(LABS_BY_NAME["crash"].steps[step], None, prepared=(), replies=(reply,), before=AFTER, after=AFTER)
    assert told in done.explanation


@pytest.mark.parametrize(
    ("ended", "told"),
    [
        ("was ended by SIGXCPU", "was ended by SIGXCPU: it had used its 2 s of a processor"),
        ("was ended by SIGSEGV", "was ended by SIGSEGV"),
    ],
)
def test_the_limit_that_ended_a_learners_program_is_named(ended: str, told: str) -> None:
    assert list(program_lines(LabReply("", ok=True, ended=ended))) == [f"the program {told}"]


@pytest.mark.parametrize(("most", "told"), [(2560, "exactly 2,560 faults"), (2561, "from 2,560 to 2,561 faults")])
def test_parts_that_took_equally_many_faults_took_exactly_so_many(most: int, told: str) -> None:
    figures = {"least_faults": 2560, "most_faults": most}
    reply = LabReply("", ok=True, figures=figures)
    step = LABS_BY_NAME["over-time"].steps[1]
    assert told in outcome(step, None, prepared=(), replies=(reply,), before=BEFORE, after=AFTER).explanation
