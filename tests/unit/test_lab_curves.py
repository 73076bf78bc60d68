"""The curves of the lab over time: what was read on the way, and how it is drawn."""

from dataclasses import replace

from mmexplorer.labs.measurement import Measurement
from mmexplorer.labs.outcome import Outcome, outcome
from mmexplorer.labs.protocol import LabReply
from mmexplorer.labs.readings import Reading, readings
from mmexplorer.labs.registry import find
from mmexplorer.present.labs.curves import curve_lines
from mmexplorer.present.text.chart import GUTTER
from mmexplorer.present.text.line import plain
from tests.support.fakes.stage import AFTER, BEFORE, MAPPED, as_it_should

MIB = 1 << 20
LAB = find("over-time")
assert LAB is not None
TABLE = "sizes in MiB; of the machine: fault/s, free\n   s  VSZ  RSS faults  fault/s   free\n" + "".join(
    f"{part / 10:4.1f}  113 {13 + 10 * part:>4}   2560    26000  {15000 - 10 * part:>5}\n" for part in range(1, 11)
)


def touched(output: str = TABLE) -> Outcome:
    assert LAB is not None
    reply = LabReply("for (...)", ok=True, output=output, figures={"most_faults": 2560, "least_faults": 2560})
    return outcome(LAB.steps[1], None, prepared=(), replies=(reply,), before=AFTER, after=AFTER)


def drawn(*outcomes: Outcome) -> list[str]:
    assert LAB is not None
    return [plain(row) for row in curve_lines(LAB, outcomes)]


def mapped() -> Outcome:
    assert LAB is not None
    return replace(as_it_should(LAB.steps[0], None), replies=(MAPPED, MAPPED))


def test_there_is_one_reading_before_one_after_a_step_and_one_after_each_part() -> None:
    found = tuple(readings([mapped(), touched()]))
    assert found[0] == Reading(0, 13 * MIB, 9 * MIB)
    assert found[1] == Reading(1, 113 * MIB, 13 * MIB)
    assert found[2] == Reading(2, 113 * MIB, 23 * MIB, 2560, 26000.0, 14990 * MIB, 0.1)
    assert [reading.rss for reading in found[2:]] == [(13 + 10 * part) * MIB for part in range(1, 11)]


def test_what_is_no_row_of_the_table_is_no_reading_and_what_was_not_read_is_not_zero() -> None:
    assert [reading.step for reading in readings([touched("1 2 3\nnan nan nan nan nan nan\n1 inf 2 3 4 5\n" + TABLE)])][
        1:
    ] == [1] * 10
    gone = replace(mapped(), before=replace(BEFORE, counters={}), after=Measurement((), {}))
    assert [(reading.vm_size, reading.rss) for reading in readings([gone])] == [(None, None)] * 2
    assert tuple(readings([])) == ()


def test_addresses_come_at_once_and_pages_step_by_step_over_one_axis() -> None:
    rows = drawn(mapped(), touched())
    vsz = rows[1][GUTTER : GUTTER + 12] + rows[2][GUTTER : GUTTER + 12]
    assert vsz[1:12] == "⡏" + "⠉" * 10, "the highest dot from the reading after mmap on"
    assert vsz[12:14] == "⠤⠃", "and below it the jump"
    resident = [row[GUTTER : GUTTER + 12] for row in rows[3:6]]
    assert len(set(zip(*resident, strict=True))) >= 10, "each tenth is a step of its own"
    assert rows[3].startswith("RSS")
    assert rows[3].endswith("┐113M   ")
    assert [rows[-2], rows[-1].rstrip()] == ["step".ljust(GUTTER) + "·12─────────", "took".ljust(GUTTER) + "  1.0 s"]
    assert max(len(row) for row in drawn(mapped(), touched(), touched(), mapped())) <= 54, "a pane at 160 columns"


def test_what_comes_later_says_so_and_another_lab_has_no_curves() -> None:
    rows = drawn(mapped())
    assert [row.split()[0] for row in rows if "la" in row[GUTTER : GUTTER + 2]] == ["faults", "sar:", "sar:"]
    other = find("mmap")
    assert other is not None
    assert list(curve_lines(other, [as_it_should(other.steps[0], None)])) == []
