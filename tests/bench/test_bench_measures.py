"""Tests of the bench's own measures, on programs with known behaviour."""

import re
import subprocess
import sys

import pytest

from tests.bench.commands import Spent
from tests.bench.figures import interleaved, table
from tests.bench.programs import ENVIRONMENT, FOLDER, MANY_REGIONS
from tests.bench.report import Report
from tests.bench.terminal import Drained, cpu_nanoseconds


def test_a_mark_is_found_without_the_escapes_and_one_that_never_comes_is_an_error() -> None:
    argv = [sys.executable, "-c", "print('\\x1b[1mo\\x1b[0mne'); import sys; sys.stdin.read()"]
    with Drained(argv, ENVIRONMENT, FOLDER) as program:
        assert program.seconds_until([re.compile(rb"^one")]) > 0
    with (
        Drained([sys.executable, "-c", "print('one')"], ENVIRONMENT, FOLDER) as program,
        pytest.raises(RuntimeError, match="ended"),
    ):
        program.seconds_until([re.compile(rb"two")])


def test_a_cell_that_was_skipped_because_it_is_blank_counts_as_one() -> None:
    argv = [sys.executable, "-c", "print('\\x1b[2;1Hone\\x1b[2;9H\\x1b[1mtwo\\x1b[0m'); import sys; sys.stdin.read()"]
    with Drained(argv, ENVIRONMENT, FOLDER) as program:
        assert program.seconds_until([re.compile(rb"one +two")]) > 0


def test_processor_time_is_that_of_the_process() -> None:
    work = "import time\nwhile time.process_time() < 0.2: pass\nprint('done'); import sys; sys.stdin.read()"
    with Drained([sys.executable, "-c", work], ENVIRONMENT, FOLDER) as program:
        program.seconds_until([re.compile(rb"done")])
        assert 0.18 < cpu_nanoseconds(program.process.pid) / 1e9 < 1.0


def test_rounds_are_interleaved_and_ratios_are_taken_in_pairs() -> None:
    taken: list[str] = []
    values = iter([1.0, 4.0, 10.0, 20.0, 3.0, 3.0])

    def measure(name: str) -> float:
        taken.append(name)
        return next(values)

    figures = interleaved({"ours": lambda: measure("ours"), "theirs": lambda: measure("theirs")}, 3)
    assert taken == ["ours", "theirs"] * 3
    assert figures == {"ours": [1.0, 10.0, 3.0], "theirs": [4.0, 20.0, 3.0]}
    # The ratios of the pairs are 0.25, 0.5 and 1; that of the medians would be 0.75.
    assert table(figures, "ms", 1).splitlines()[2].split() == ["theirs", "4.0", "3.0", "20.0", "0.50", "ms"]


def test_the_last_table_says_of_each_bound_whether_the_median_keeps_it(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report()
    figures = {"ours": [1.0, 3.0, 2.0], "theirs": [2.0, 2.0, 2.0]}
    report.bound_ratio("a tick", figures, "ours", "theirs", 1.0)
    report.bound_ratio("a tick", figures, "ours", "not installed", 1.0)
    report.bound("memory", [1234.5], 1000, " MB")
    report.summary()
    assert capsys.readouterr().out.splitlines()[3:] == [
        "| a tick | theirs | 1 (0.5 to 1.5) | 1 | met |",
        "| memory |  | 1,234 MB | 1000 MB | **missed** |",
    ]


def test_a_program_that_is_missing_is_named_and_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    measures = Report().without_missing({"ours": lambda: 1.0, "theirs": lambda: 2.0}, {"theirs": ["no-such-program"]})
    assert list(measures) == ["ours"]
    assert capsys.readouterr().out == "  theirs: not installed\n"


def test_the_many_regions_are_about_a_thousand() -> None:
    with subprocess.Popen(
        MANY_REGIONS, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENVIRONMENT, cwd=FOLDER
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        said = int(process.stdout.readline())
        with open(f"/proc/{process.pid}/maps", "rb") as maps:  # noqa: PTH123 - a Path would not be clearer
            assert sum(1 for _ in maps) == said
        process.stdin.close()
    assert 990 <= said <= 1010


def test_what_a_command_spends_is_its_processor_time_and_its_most_memory_and_a_failure_is_none() -> None:
    spent = Spent([sys.executable, "-c", "import time; x = b'x' * (64 << 20)\nwhile time.process_time() < 0.1: pass"])
    assert spent() >= 0.09
    assert spent.wall >= 0.09
    assert spent.peak >= 64 << 20
    with pytest.raises(subprocess.CalledProcessError):
        Spent([sys.executable, "-c", "raise SystemExit(3)"])()
