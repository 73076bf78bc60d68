"""What the Process tab says about a process."""

from mmexplorer.model.process.facts import CpuTimes, IoCounters, ProcessFacts, Relative, Switches, cpu_share
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import replace
from mmexplorer.present.explore.process_details import facts_lines
from mmexplorer.present.text.line import plain
from tests.support.fakes.spaces import regions, space

DENIED = Unavailable(Cause.DENIED, "permission denied", "run with sudo")
FACTS = ProcessFacts(
    clock=100.0,
    taken_at=1_000_000.0,
    started_at=999_400.0,
    parent=Relative(1, "init"),
    cpu=CpuTimes(2.0, 1.5),
    nice=5,
    processors=2,
    switches=Switches(1_200, 3),
    folder="/tmp",
    terminal=None,
    descriptors=12,
    io=IoCounters(10, 20, 4096, 0, 8192, 1 << 20),
)


def said(facts: ProcessFacts, before: ProcessFacts | None = None) -> dict[str, str]:
    lines = [plain(each) for each in facts_lines(space(regions()), facts, before)]
    assert lines[0] == "cat (8360), state S, 1 thread"
    return {each[:9].strip(): each[9:] for each in lines[1:]}


def test_each_fact_has_its_line() -> None:
    seen = said(FACTS)
    assert seen["started"].endswith(", 10 min ago")
    assert seen["parent"] == "init (1)"
    assert seen["command"] == "/usr/bin/cat -n x"
    assert seen["terminal"] == "none"
    assert seen["CPU time"] == "2.00 s in the program, 1.50 s in the kernel for it"
    assert seen["runs on"] == "any of 2 processors, nice 5"
    assert seen["switches"] == "1,200 times it waited, 3 times it had to make room"
    assert seen["storage"] == "4K read, 0 written"
    assert seen["IO calls"] == "10 read 8K, 20 wrote 1M"


def test_what_could_not_be_had_is_said_in_its_place_alone() -> None:
    seen = said(replace(FACTS, io=DENIED, descriptors=DENIED, parent=None))
    assert seen["open"] == seen["storage"] == "— permission denied; run with sudo"
    assert seen["parent"] == "none visible from here"
    assert seen["works in"] == "/tmp"


def test_the_share_of_a_processor_is_that_between_two_looks() -> None:
    later = replace(FACTS, clock=102.0, cpu=CpuTimes(2.5, 2.0))
    assert cpu_share(FACTS, later) == 0.5
    assert said(later, FACTS)["CPU time"].endswith("; 50.0% of one processor since the last look")
    assert cpu_share(FACTS, FACTS) is None
    assert cpu_share(FACTS, replace(later, cpu=DENIED)) is None


def test_names_that_a_process_controls_are_cleaned() -> None:
    seen = said(replace(FACTS, folder="/tmp/\x1b]0;x\x07", parent=Relative(2, "\x1b[31m")))
    assert not any("\x1b" in text or "\x07" in text for text in seen.values())
