"""Tables on stdout: as wide as their cells, coloured on a terminal, nothing cut."""

import io
import sys

import pytest

from mmexplorer.commands.shared.output import print_lines, wants_colour
from mmexplorer.present.text.ansi import coloured, written
from mmexplorer.present.text.column import Column, plain_table, table_lines
from mmexplorer.present.text.line import EMPTY, Tone, line, plain, span

COLUMNS: tuple[Column[tuple[str, str]], ...] = (
    Column("size", "SIZE", 4, lambda row: line(row[0]), align="right"),
    Column("what", "WHAT", 4, lambda row: line(span(row[1], Tone.HEAP))),
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_table_is_as_wide_as_its_cells_and_has_its_sums_below() -> None:
    rows = [("1", "a"), ("12345", "long name")]
    assert list(plain_table(COLUMNS, rows)) == [" SIZE WHAT", "    1 a", "12345 long name"]
    sums = [line("12346"), EMPTY]
    assert [plain(each) for each in table_lines(COLUMNS, rows, sums=sums)][-1].rstrip() == "12346"


def test_an_empty_cell_at_the_left_keeps_its_place() -> None:
    assert list(plain_table(COLUMNS, [("", "x")])) == ["SIZE WHAT", "     x"]


def test_colour_is_around_the_text_and_never_in_it() -> None:
    red = line(span("\x1b[31mheap", Tone.HEAP), " plain")
    assert coloured(red) == "\x1b[31m␛[31mheap\x1b[0m plain"
    assert written(red, colour=False) == "␛[31mheap plain"


@pytest.mark.parametrize(
    ("term", "no_color", "wanted"), [("xterm", "", True), ("xterm", "1", False), ("dumb", "", False)]
)
def test_colour_is_for_terminals_that_have_it(
    monkeypatch: pytest.MonkeyPatch, term: str, no_color: str, *, wanted: bool
) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.setenv("NO_COLOR", no_color)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    assert wants_colour() is wanted
    print_lines([line(span("x", Tone.HEAP))])
    assert terminal.getvalue() == ("\x1b[31mx\x1b[0m\n" if wanted else "x\n")


def test_colour_is_not_for_pipes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert not wants_colour()
