"""The overcommit and address-limit labs compared with the kernel's figures: VmFlags, Committed_AS, the limits."""

import re
from pathlib import Path

import pytest

from mmexplorer.kernel.lab import requirements
from mmexplorer.kernel.lab.player import Session
from mmexplorer.kernel.lab.requirements import lacking
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.labs.chapter import address_limit
from mmexplorer.labs.chapter.overcommit import LAB
from mmexplorer.labs.lab import Need
from tests.support.pilots.lab_players import failures

GIB = 1 << 30


def flags_of(pid: int | None, address: int) -> set[str]:
    """Return the VmFlags of the region that contains the address, from smaps."""
    smaps = Path(f"/proc/{pid}/smaps").read_text(encoding="utf-8")
    for record in re.split(r"^(?=[0-9a-f]+-)", smaps, flags=re.MULTILINE)[1:]:
        start, end = (int(text, 16) for text in record.split(" ", 1)[0].split("-"))
        if start <= address < end:
            return set(record.rpartition("VmFlags:")[2].split())
    return set()


def test_what_is_promised_is_accounted_and_what_is_not_reserved_is_not() -> None:
    session = Session(LAB)
    accounted = {}
    try:
        while (outcome := session.perform()) is not None:
            assert failures(outcome) == []
            mapped = [reply for reply in outcome.replies if reply.ok and reply.call.startswith("mmap(")]
            if mapped:
                accounted[mapped[0].end - mapped[0].start] = "ac" in flags_of(session.pid, mapped[0].start)
            session.forward()
    finally:
        session.close()
    mode = int(Path("/proc/sys/vm/overcommit_memory").read_text(encoding="ascii"))
    assert accounted[4 * GIB]
    assert accounted.get(1024 * GIB) == {0: False, 1: False, 2: None}[mode]


def test_more_than_there_is_is_memory_and_swap_and_a_gibibyte() -> None:
    meminfo = dict(
        re.findall(r"^(\w+): +(\d+) kB$", Path("/proc/meminfo").read_text(encoding="ascii"), flags=re.MULTILINE)
    )
    session = Session(LAB)
    try:
        for _ in range(4):
            outcome = session.perform()
            session.forward()
    finally:
        session.close()
    assert outcome is not None
    assert outcome.figures["asked"] == (int(meminfo["MemTotal"]) + int(meminfo["SwapTotal"])) * 1024 + GIB


def test_it_never_holds_more_than_a_megabyte_of_what_it_asks_for() -> None:
    session = Session(LAB)
    sizes = []
    try:
        while (outcome := session.perform()) is not None:
            sizes.append(outcome.figures["anonymous_change"])
            session.forward()
    finally:
        session.close()
    assert sum(max(0, size) for size in sizes) < 1 << 20


@pytest.mark.parametrize(
    ("mode", "total", "reason"),
    [
        (0, 2, "4G is more than the 2G of memory and swap on this machine"),
        (0, 8, None),
        (1, 2, None),
        (2, 8, "vm.overcommit_memory is 2 and 1G are left below CommitLimit, but the lab needs 4G"),
    ],
)
def test_a_machine_that_would_not_promise_four_gibibytes_says_so_before_the_first_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, total: int, reason: str | None
) -> None:
    (tmp_path / "sys/vm").mkdir(parents=True)
    (tmp_path / "sys/vm/overcommit_memory").write_text(f"{mode}\n", encoding="ascii")
    sizes = {"MemTotal": total, "MemFree": 1, "Buffers": 0, "Cached": 0, "SwapTotal": 0, "SwapFree": 0,
             "CommitLimit": 2, "Committed_AS": 1}  # fmt: skip
    meminfo = "".join(f"{name}: {size << 20} kB\n" for name, size in sizes.items())
    (tmp_path / "meminfo").write_text(meminfo, encoding="ascii")
    monkeypatch.setattr(requirements, "_PROCFS", LiveProcfs(str(tmp_path)))
    lack = lacking(LAB)
    assert (lack and lack.reason) == reason


def test_the_address_limit_refuses_and_kills_nobody() -> None:
    session = Session(address_limit.LAB)
    try:
        pids = set()
        while (outcome := session.perform()) is not None:
            assert failures(outcome) == []
            pids.add(session.pid)
            limits = Path(f"/proc/{session.pid}/limits").read_text(encoding="ascii")
            assert re.search(r"^Max address space +268435456 +268435456", limits, re.MULTILINE)
            assert "oom_kills_change" not in outcome.explanation
            session.forward()
    finally:
        session.close()
    assert len(pids) == 1, "one process from the first step to the last"
    assert Need.OOM_CGROUP not in address_limit.LAB.needs
