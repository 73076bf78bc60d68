"""The chapter's C programs as texts: where they stop, how they are shown, their maps side by side."""

from dataclasses import replace

import pytest

from mmexplorer.labs.c_program import line_with, source, stops, with_stops
from mmexplorer.labs.figures import Figures
from mmexplorer.labs.lab import Lab
from mmexplorer.labs.measurement import Measurement
from mmexplorer.labs.outcome import Outcome
from mmexplorer.labs.registry import all_labs, find
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.kmsg import parse_faults
from mmexplorer.present.labs.listing import listing
from mmexplorer.present.labs.side_by_side import maps_side_by_side
from mmexplorer.present.text.line import plain
from tests.support.fakes.spaces import anonymous
from tests.support.fakes.stage import as_it_should

PROGRAMS = tuple(lab for lab in all_labs() if lab.source)

TRICKY = """\
#include <stdio.h>
int helper(void) { return 1; }
int main(int argc, char **argv)
{
    int a = 1, /* ; { */ b; // }
    char *text = "}; {";

    if (a)
        a = 2;
    else
        a = 3;
    for (b = 0; b < 3; b++) {
        a += b;
    }
    puts(
        text);
again:
    return a;
}
int after(void) { int z = 1; return z; }
"""


def lab(name: str) -> Lab:
    found = find(name)
    assert found is not None
    return found


def test_it_stops_before_each_statement_of_main_and_nowhere_else() -> None:
    assert stops(TRICKY) == (5, 6, 8, 12, 15)


def test_the_stops_keep_every_line_in_its_place() -> None:
    rows = with_stops(TRICKY).split("\n")
    assert rows[4] == "    told_line(5); int a = 1, /* ; { */ b; // }"
    assert len(rows) == len(TRICKY.split("\n"))
    assert [row for row in rows if "told_line" not in row] == [
        row for number, row in enumerate(TRICKY.split("\n"), 1) if number not in stops(TRICKY)
    ]


@pytest.mark.parametrize("text", ["", "int x;", "int main(void) { return 0; }", "int main(void", "main() {{{\n;;\n"])
def test_a_text_without_statements_on_lines_of_their_own_has_no_stops(text: str) -> None:
    assert stops(text) == ()
    assert with_stops(text) == text


def test_the_programs_are_there_and_have_no_copy_of_a_header() -> None:
    assert {lab.source for lab in PROGRAMS} == {"write_null.c", "map_memory.c"}
    for each in PROGRAMS:
        assert "told" not in source(each.source)
    with pytest.raises(FileNotFoundError):
        source("no_such.c")


def shown(name: str, *outcomes: Outcome) -> list[str]:
    return [plain(row) for row in listing(lab(name), outcomes)]


def at(line: int, ended: str = "") -> Outcome:
    done = as_it_should(lab("program-crash").steps[0], 0)
    return replace(done, figures=Figures({"line": line}, {"ended": ended}, ""))


def test_the_listing_marks_what_was_done_and_what_comes_next() -> None:
    store = line_with(source("write_null.c"), "*nowhere = 0")
    rows = shown("program-crash", at(store))
    assert [row[0] for row in rows[1:] if row[:1].strip()] == ["·", "·", "▸"]
    assert next(row for row in rows if row.startswith("▸")) == f"▸ {store}      *nowhere = 0;"
    assert rows[0].startswith("write_null.c: ")


@pytest.mark.parametrize(("ended", "mark"), [("was ended by SIGSEGV", "✗"), ("exited with status 0", "·")])
def test_the_listing_says_how_it_ended_and_where(ended: str, mark: str) -> None:
    rows = shown("program-crash", at(10, ended))
    assert f"the program {ended}" in rows[0]
    assert next(row for row in rows if "*nowhere = 0" in row).startswith(mark)


def test_before_it_runs_nothing_is_marked_and_a_lab_without_one_has_no_listing() -> None:
    assert not any(row[:1].strip() for row in shown("program-crash")[1:])
    assert shown("mmap") == []


def test_maps_side_by_side_show_the_rows_that_differ_and_count_the_others() -> None:
    each = lab("program-mmap")
    same = [anonymous(start << 20, (start + 1) << 20) for start in (1, 3, 5, 7, 9)]
    new = anonymous(20 << 20, 120 << 20)
    outcomes = [
        replace(as_it_should(step, 0), after=Measurement((*same, new) if index in {1, 2} else tuple(same), {}))
        for index, step in enumerate(each.steps)
    ]
    rows = [plain(row).split() for row in maps_side_by_side(each, outcomes)]
    assert rows[1] == ["before", "mmap", "munmap"]
    assert rows[2] == ["...", "4", "regions", "in", "each", "of", "them"]
    assert rows[3][-3:] == ["yes", "yes", "yes"]
    assert rows[4] == ["01400000", "rw-p", "100M", "-", "yes", "-"]
    assert rows[-1] == ["in", "all", "5M", "105M", "5M"]
    assert list(maps_side_by_side(each, outcomes[:3])) == []
    gone = replace(outcomes[3], after=Unavailable(Cause.GONE, "it has ended"))
    assert list(maps_side_by_side(each, [*outcomes[:3], gone])) == []


def test_the_kernels_line_about_a_fault_is_found_by_pid_and_only_where_the_kernel_wrote_it() -> None:
    told = b"write_null[123]: segfault at 0 ip 000055e332ac65e0 sp 00007ffe936c5310 error 6 in write_null[15e0]"
    records = [
        b"6,1,10,-;" + told + b"\n SUBSYSTEM=x\n",
        b"14,2,11,-;" + told.replace(b"at 0", b"at 1"),  # another process wrote this one
        b"6,3,12,-;" + told.replace(b"123", b"1234"),
        b"6,4,13,-;Code: 48 8b",
        b"nonsense",
    ]
    assert parse_faults(records, 123) == (told.decode(),)
    assert parse_faults(records, 1) == ()
