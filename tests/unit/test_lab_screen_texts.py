"""The texts and drawings of the Labs screen, without a screen."""

from dataclasses import replace

import pytest

from mmexplorer.labs.figures import Figures
from mmexplorer.labs.lab import A_GUESS, Lab, Number
from mmexplorer.labs.measurement import Measurement
from mmexplorer.labs.operations import inside, load
from mmexplorer.labs.outcome import Outcome
from mmexplorer.labs.protocol import Fault, LabReply
from mmexplorer.labs.registry import all_labs, find
from mmexplorer.model.region import Range, Usage
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.labs.calls import call_log
from mmexplorer.present.labs.counters import Counter, brief_counters, counter_lines
from mmexplorer.present.labs.keys import autoplay_hint
from mmexplorer.present.labs.map import (
    LAB_MAP_COLUMNS,
    LabMapRow,
    first_of_interest,
    map_mark,
    map_rows,
    watched_keys,
)
from mmexplorer.present.labs.page import intro_lines, outcome_lines, score_lines, step_lines
from mmexplorer.present.labs.picture import brief_line, picture
from mmexplorer.present.labs.plain import step_lines as plain_step
from mmexplorer.present.labs.sheet import sheet
from mmexplorer.present.text.line import plain
from tests.support.fakes.spaces import anonymous
from tests.support.fakes.stage import AFTER, BEFORE, START, as_it_should, killed
from tests.support.pilots.lab_players import A_CHOICE
from tests.support.regions import with_traits

WIDTHS = (20, 40, 76)


def lab(name: str) -> Lab:
    found = find(name)
    assert found is not None
    return found


STEP = lab("mmap").steps[0]


@pytest.mark.parametrize("each", all_labs(), ids=lambda each: each.name)
@pytest.mark.parametrize("width", WIDTHS)
def test_no_line_is_wider_than_its_place_unless_a_word_is(each: Lab, width: int) -> None:
    lines = [*intro_lines(each, Unavailable(Cause.UNSUPPORTED, "a reason", "a way out"), width)]
    outcomes = [as_it_should(step, 0 if step.question else None) for step in each.steps]
    for step, outcome in zip(each.steps, outcomes, strict=True):
        lines += [*step_lines(step, None, outcome, width), *outcome_lines(outcome, width)]
    lines += score_lines(each, outcomes, width)
    for row in lines:
        text = plain(row)
        assert len(text) <= width or len(text.split()) <= 3 or text.startswith("── "), text


def text_of(outcome: Outcome) -> str:
    return " ".join(plain(row).strip() for row in outcome_lines(outcome, 200))


@pytest.mark.parametrize(
    ("predicted", "told"),
    [
        (0, "Right: you said “hardly at all”."),
        (1, "No: you said “by 100 MiB”; it was “hardly at all”."),
        (None, "You made no prediction; it was “hardly at all”."),
    ],
)
def test_what_was_said_stands_beside_what_happened(predicted: int | None, told: str) -> None:
    grown = replace(AFTER, counters={**AFTER.counters, "Rss": BEFORE.counters["Rss"]})
    assert told in text_of(replace(as_it_should(STEP, predicted), after=grown))


def test_a_step_that_failed_judges_nobody() -> None:
    told = text_of(killed(STEP, 1))
    assert "went wrong" in told
    assert "the lab process was ended by SIGKILL" in told
    assert "No:" not in told


def test_what_a_program_prints_cannot_act_on_the_terminal() -> None:
    outcome = replace(as_it_should(STEP, 0), replies=(LabReply("f()", ok=True, output="\x1b]0;evil\x07\nmore\n"),))
    assert "\x1b" not in text_of(outcome)
    assert "more" in text_of(outcome)
    assert "\x1b" not in "".join(plain(row) for row in call_log(outcome.replies, 80))


def test_counters_before_after_and_changed() -> None:
    rows = [plain(row) for row in counter_lines(BEFORE, AFTER)]
    assert rows == [
        "                     before         after       change",
        "VSZ               13,312 kB    115,712 kB  +102,400 kB",
        "RSS                9,216 kB     13,312 kB    +4,096 kB",
        "page tables           52 kB         60 kB        +8 kB",
        "minor faults                                    +1,000",
    ]


def test_a_counter_that_is_not_known_is_a_dash_and_one_that_nobody_asked_for_is_nothing() -> None:
    gone = Unavailable(Cause.GONE, "it has ended")
    assert plain(counter_lines(BEFORE, gone)[1]).split() == ["VSZ", "13,312", "kB", "—", "—"]
    assert plain(counter_lines(None, BEFORE)[0]).split() == ["VSZ", "13,312", "kB"]
    assert counter_lines(gone, gone) == ()


def test_the_range_and_the_machine_have_counters_of_their_own() -> None:
    usage = Usage(
        {"Pss": 0, "Shared_Clean": 1, "Shared_Dirty": 2, "Private_Clean": 3, "Private_Dirty": 4}, (4096,) * 5, ()
    )
    rows = [
        plain(row).split()
        for row in counter_lines(
            replace(BEFORE, usage=usage), replace(AFTER, usage=usage), [Counter("available", 8 << 20, 4 << 20)]
        )
    ]
    assert ["range", "shared", "8", "kB", "8", "kB", "+0", "kB"] in rows
    assert rows[-2] == ["the", "whole", "machine"]
    assert rows[-1] == ["available", "8,192", "kB", "4,096", "kB", "-4,096", "kB"]


def test_a_reserve_of_terabytes_has_room() -> None:
    huge = Measurement((), {"VmSize": (1 << 40) + (13 << 20)})
    assert plain(counter_lines(BEFORE, huge)[1]).split() == ["VSZ", "13,312", "kB", "1T", "+1T"]


def test_no_amount_is_wider_than_its_column() -> None:
    large = Measurement(BEFORE.regions, {"VmSize": (1 << 36) + 16_792_000, "Rss": 99_999_999 << 10, "VmPTE": 100 << 30})
    rows = [plain(row) for row in counter_lines(BEFORE, large)]
    assert {len(row) for row in rows} == {len(rows[0])}
    assert [row.split()[-1] for row in rows[1:4]] == ["+64G", "+95G", "+100G"]


def test_the_brief_counters_leave_out_whole_ones() -> None:
    vsz, rss = "VSZ 115,712 kB (+102,400 kB)", "RSS 13,312 kB (+4,096 kB)"
    assert plain(brief_counters(BEFORE, AFTER, 60)) == f"{vsz}   {rss}"
    assert plain(brief_counters(BEFORE, AFTER, 40)) == vsz
    assert plain(brief_counters(BEFORE, AFTER, 5)) == ""


def test_the_counters_are_those_of_the_process_that_did_the_step() -> None:
    child = Measurement(BEFORE.regions[:3], {"VmSize": 1 << 20})
    outcome = replace(as_it_should(STEP, 0), after=replace(AFTER, others={"child": child}))
    acts = replace(outcome, step=replace(STEP, operations=(inside("child", load("memory")),)))
    assert picture(lab("mmap"), (acts,), 0).main == 1
    assert plain(brief_line(picture(lab("mmap"), (acts,), 0), 80)) == "child  VSZ 1,024 kB"
    assert plain(brief_line(picture(lab("mmap"), (replace(outcome, after=AFTER),), 0), 40)).startswith("VSZ 115,712 kB")
    both = replace(outcome, step=replace(STEP, operations=(load("memory"), inside("child", load("memory")))))
    assert picture(lab("mmap"), (both,), 0).main == 0


def marked(rows: tuple[LabMapRow, ...]) -> list[tuple[str, str]]:
    what = LAB_MAP_COLUMNS[-1].text
    return [(map_mark(row), plain(what(row))) for row in rows if map_mark(row)]


A, B, C = (anonymous(start << 20, (start + 1) << 20) for start in (1, 2, 5))


def test_the_map_marks_what_was_added_removed_and_changed() -> None:
    assert marked(map_rows((A, B), (A, B, C))) == [("+", "anonymous  new")]
    assert marked(map_rows((A, B, C), (A, C))) == [("-", "anonymous  gone")]
    grown = A._replace(end=B.end)
    assert marked(map_rows((A,), (grown,))) == [("~", "anonymous  grew +1M (upward)")]
    assert marked(map_rows((A,), (A,))) == []


def test_where_room_is_short_a_row_keeps_its_name_and_leaves_out_details() -> None:
    what, library = LAB_MAP_COLUMNS[-1], "/usr/lib/_ctypes.cpython-311-x86_64-linux-gnu.so"
    (row,) = map_rows((with_traits(A, path=library),), (with_traits(A._replace(end=B.end), path=library),))
    named = "_ctypes.cpython-311-x86_64-linux-gnu.so"
    assert [plain(what.cell(row, cells)) for cells in (60, 30)] == [
        f"{named}  grew +1M (upward)",
        "_ctypes….so  grew +1M",
    ]


@pytest.mark.parametrize(
    ("address", "told", "index"),
    [
        (0, "fault: 1M below a region", 0),
        (A.start + 16, "fault: in it, at +0x10", 1),
        (B.end, "fault: 0 beyond a region", 2),
        (C.start - 4096, "fault: 4K below a region", 2),
        (C.end + (1 << 40), "fault: 1T beyond a region", 3),
    ],
)
def test_the_address_of_a_fault_stands_where_it_belongs(address: int, told: str, index: int) -> None:
    rows = map_rows((A, B, C), (A, B, C), address)
    at = first_of_interest(rows, None)
    assert at == index
    assert marked(rows) == [(">", told)]


def test_without_a_change_the_eye_finds_what_is_watched() -> None:
    rows = map_rows((A, B, C), (A, B, C))
    watched = Range(C.start, C.start + 4096)
    assert first_of_interest(rows, watched) == 2
    assert watched_keys(rows, watched) == {rows[2].key}
    assert first_of_interest(rows, None) is None


def test_the_picture_of_a_step_that_is_not_done_is_what_the_last_one_left() -> None:
    mmap = lab("mmap")
    assert picture(mmap, (), 0).sentence
    first = as_it_should(mmap.steps[0], 0)
    done = picture(mmap, (first,), 0)
    assert (done.compared, done.touched) == (True, Range(START, START + (100 << 20)))
    left = picture(mmap, (first,), 1)
    assert not left.compared
    assert left.views[0].regions == AFTER.regions


def test_a_step_with_a_new_process_shows_nothing_of_the_old_one() -> None:
    crash = lab("crash")
    outcome = as_it_should(crash.steps[0], 0)
    assert "new process" in picture(crash, (outcome,), 1).sentence


def test_of_a_process_that_ended_the_last_map_is_shown_with_the_fault() -> None:
    crash = lab("crash")
    reply = LabReply("", ok=False, fault=Fault("SIGSEGV", "SEGV_MAPERR", 0), ended="was ended by SIGSEGV")
    gone = Unavailable(Cause.GONE, "it has ended")
    shown = picture(crash, (replace(as_it_should(crash.steps[0], 0), replies=(reply,), after=gone),), 0)
    assert shown.fault == 0
    assert shown.views[0].ended
    assert shown.views[0].regions == BEFORE.regions


def test_the_processes_that_the_lab_process_made_have_views_of_their_own() -> None:
    child = Measurement(BEFORE.regions[:3], {"VmSize": 1 << 20})
    outcome = replace(as_it_should(STEP, 0), after=replace(AFTER, others={"child": child}))
    views = picture(lab("mmap"), (outcome,), 0).views
    assert [view.name for view in views] == ["the lab process", "child"]
    assert views[1].before is None
    assert views[1].regions == child.regions
    assert picture(lab("mmap"), (outcome,), 0).main == 0
    idle = replace(outcome, after=replace(AFTER, pages=None, others={"child": child}))
    assert picture(lab("mmap"), (idle,), 0).main == 1


def test_a_simulator_has_a_drawing_in_the_place_of_a_process() -> None:
    sim = lab("fragmentation")
    outcome = replace(as_it_should(sim.steps[0], 0), replies=(LabReply("", ok=True, output="first |AA..|\n"),))
    shown = picture(sim, (outcome,), 0)
    assert shown.views == ()
    assert "first |AA..|" in [plain(row) for row in shown.drawing]


def test_the_log_of_a_reply_that_failed_says_why() -> None:
    failed = LabReply("mmap(...) = -1 ENOMEM", ok=False, error="ENOMEM: cannot allocate memory")
    assert [plain(row).strip() for row in call_log((failed,), 80)] == [failed.call, failed.error]
    assert "hasn't done anything" in plain(call_log((), 80)[0])


def test_what_a_process_printed_is_logged_unless_the_calls_show_it() -> None:
    simulated = LabReply("/* fifo */", ok=True, output="reference 1\n")
    written = LabReply(
        'write(2, "before\\n", 7) = 7\n+++ killed by SIGSEGV +++', ok=False, ended="x", output="before\n"
    )
    assert [plain(row).strip() for row in call_log((simulated, written), 80)] == [
        "/* fifo */",
        "prints: reference 1",
        *written.call.splitlines(),
    ]


def test_of_many_calls_the_middle_is_counted_but_never_a_single_one() -> None:
    seven, eight = (LabReply("\n".join(f"brk({n})" for n in range(count)), ok=True) for count in (7, 8))
    assert [plain(row) for row in call_log((seven,), 80)] == seven.call.splitlines()
    assert [plain(row) for row in call_log((eight,), 80)][2:5] == ["brk(2)", "... 2 more like these", "brk(5)"]


def test_the_legend_of_a_simulated_memory_says_how_many_units_a_sign_is() -> None:
    sim = lab("fragmentation")
    outcome = as_it_should(sim.steps[0], 0)
    shown = [
        plain(picture(sim, (replace(outcome, figures=Figures({"units": units}, {}, "")),), 0).drawing[0])
        for units in (16, 256)
    ]
    assert shown == [
        "A letter shows who owns a unit, a dot is a free unit.",
        "Each sign is 8 units, and shows who owns the first.",
    ]


def test_an_answer_without_a_unit_has_no_gap_and_quotes_in_quotes_are_single() -> None:
    number = replace(
        as_it_should(STEP, 7), step=replace(STEP, question=Number("?", "", "rss")), answer="139", right=False
    )
    quoted = replace(STEP, question=replace(A_CHOICE, options=("“Killed”", "b", "c")))
    choice = replace(as_it_should(STEP, 0), step=quoted, answer="b", right=False)
    shown = [" ".join(plain(row) for row in outcome_lines(outcome, 200)) for outcome in (number, choice)]
    assert "No: you said 7; it was 139." in shown[0]
    assert "you said “\N{LEFT SINGLE QUOTATION MARK}Killed\N{RIGHT SINGLE QUOTATION MARK}”; it was “b”." in shown[1]


def test_a_question_that_nobody_can_know_is_said_to_be_a_guess() -> None:
    step = replace(STEP, question=replace(A_CHOICE, guess=True))
    shown = [" ".join(plain(row) for row in step_lines(step, None, done, 80)) for done in (None, as_it_should(step, 0))]
    assert [A_GUESS in text for text in shown] == [True, False]
    assert A_GUESS in list(plain_step(1, 1, step))
    assert A_GUESS in sheet(replace(lab("mmap"), steps=(step,)))
    assert A_GUESS not in " ".join(plain(row) for row in step_lines(STEP, None, None, 80))


def test_the_keys_of_the_autoplay_fit_beside_the_countdown_and_the_one_that_stops_it_stays() -> None:
    assert plain(autoplay_hint("goes on in 17 s, 0.25x", 50)) == ("goes on in 17 s, 0.25x  p stop  + faster  - slower")
    assert plain(autoplay_hint("goes on in 17 s, 0.25x", 32)) == "goes on in 17 s, 0.25x  p stop"
