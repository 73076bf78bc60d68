"""Planted faults: every address, the share of each call chain, and what is lost."""

import json
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from mmexplorer.cli import main
from mmexplorer.kernel.process import faults
from mmexplorer.kernel.process.faults import FaultTracer
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.memory.faults import FaultSample, FaultTrace, MappingEvent, grouped
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.perf import parse_records
from mmexplorer.present.memory.faults import fault_lines
from tests.support.patience import PATIENCE
from tests.support.readable import readable
from tests.support.specimens.children import child, next_line, ready_line, say, until

PAGE = 4096
PROCFS = LiveProcfs()

_FAULTING = """
import ctypes, mmap, sys
pages = int(sys.argv[1])
memory = mmap.mmap(-1, pages * 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
memory.madvise(mmap.MADV_NOHUGEPAGE)
print(ctypes.addressof(ctypes.c_char.from_buffer(memory)), flush=True)
sys.stdin.readline()
for page in range(pages):
    memory[page * 4096 + 7] = 1
more = mmap.mmap(-1, 123 * 4096)
print("done", flush=True)
sys.stdin.read()
"""

_C = r"""
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
static char *memory;
static long next;
__attribute__((noinline)) void touch(void)
{
    void *volatile frame = __builtin_frame_address(0);
    memory[next++ * 4096] = frame != 0;
}
__attribute__((noinline)) void grow_cache(void) { touch(); __asm__ volatile(""); }
__attribute__((noinline)) void load_table(void) { touch(); __asm__ volatile(""); }
int main(void)
{
    memory = mmap(0, 8000 * 4096L, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    madvise(memory, 8000 * 4096L, MADV_NOHUGEPAGE);
    puts("ready");
    fflush(stdout);
    getchar();
    for (int i = 0; i < 8000; i++)
        if (i % 4) grow_cache(); else load_table();
    puts("done");
    fflush(stdout);
    pause();
}
"""


def traced(process: subprocess.Popen[str], period: int, *, meanwhile: bool = True) -> FaultTrace:
    """Let the process go, and read the trace until it reports that it is done, or only then."""
    assert process.stdout is not None
    with FaultTracer(PROCFS, process.pid, period) as tracer:
        assert tracer.start() is None
        say(process, "go")
        while meanwhile and not readable(process.stdout.fileno()):
            tracer.wait(0.01)
        assert ready_line(process) == "done\n"
        return tracer.result()


@pytest.mark.parametrize(("count", "period"), [(1000, 1), (10_000, 64)])
def test_every_planted_fault_is_at_its_address(count: int, period: int) -> None:
    """Use no more samples than the ring holds, so that none is lost even if this process runs only afterwards."""
    with child("-c", _FAULTING, str(count)) as process:
        start = int(ready_line(process))
        trace = traced(process, period)
    assert trace.lost == 0
    planted = [sample for sample in trace.samples if start <= sample.address < start + count * PAGE]
    assert {sample.address % PAGE for sample in planted} == {7}
    assert {sample.tid for sample in planted} == {process.pid}
    pages = [(sample.address - start) // PAGE for sample in planted]
    if period == 1:
        assert pages == list(range(count))
        assert trace.faults >= count
    else:
        assert len(pages) == pytest.approx(count / period, abs=2)
    assert any(mapping.size == 123 * PAGE and mapping.prot == 3 for mapping in trace.mappings)


@pytest.mark.gcc
def test_the_share_of_each_call_chain(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = tmp_path / "program"
    flags = ["-O1", "-fno-omit-frame-pointer", "-x", "c", "-"]
    subprocess.run(["gcc", *flags, "-o", program], input=_C.encode(), check=True)
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert ready_line(process) == "ready\n"
            trace = traced(process, 7)
            assert main(["faults", str(process.pid), "--for", "0.05", "--json"]) == 0
            document = json.loads(capsys.readouterr().out)
            names = "schema pid seconds period threads untraced faults lost samples mappings groups"
            assert set(document) == set(names.split())
            places = symbols_in(program, process.pid)
        finally:
            process.kill()

    def name(address: int) -> str:
        return next((name for name, start, end in places if start <= address < end), "?")

    groups = grouped(trace.samples, lambda _: "memory", name, 2)
    shares = {group.chain: group.samples / len(trace.samples) for group in groups}
    assert shares[("touch", "grow_cache")] == pytest.approx(0.75, abs=0.03)
    assert shares[("touch", "load_table")] == pytest.approx(0.25, abs=0.03)
    told = list(fault_lines(trace, groups))
    assert "touch <- grow_cache" in told[1]


def symbols_in(program: Path, pid: int) -> list[tuple[str, int, int]]:
    maps = Path(f"/proc/{pid}/maps").read_text().splitlines()
    base = int(next(line for line in maps if str(program) in line).split("-")[0], 16)
    told = subprocess.run(["nm", "-S", program], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in told.splitlines()]
    return [(row[3], base + int(row[0], 16), base + int(row[0], 16) + int(row[1], 16)) for row in rows if len(row) == 4]


_CHURNING = """
import mmap
print(flush=True)
while True:
    memory = mmap.mmap(-1, 4 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    for page in range(0, 4 << 20, 4096):
        memory[page] = 1
    memory.close()
"""


def test_faults_in_memory_that_is_gone_are_named_by_who_mapped_it(capsys: pytest.CaptureFixture[str]) -> None:
    with child("-c", _CHURNING) as process:
        next_line(process)
        told = ""

        def named() -> bool:
            """Return whether the process ran while being traced: on a busy machine it may not."""
            nonlocal told
            assert main(["faults", str(process.pid), "--for", "0.3s", "--every", "13"]) == 0
            told = capsys.readouterr().out
            return f"times by {process.pid}: " in told

        until(named)
    assert "anonymous memory" in told


def test_a_ring_that_overflows_says_how_much_was_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "_DATA_PAGES", 1)
    with child("-c", _FAULTING, "5000") as process:
        ready_line(process)
        trace = traced(process, 1, meanwhile=False)
    assert trace.lost > 0
    assert len(trace.samples) < 5000


def test_a_process_that_ends_or_never_was() -> None:
    with child("-c", "import sys; print(flush=True); sys.stdin.readline()") as process:
        ready_line(process)
        with FaultTracer(PROCFS, process.pid) as tracer:
            assert tracer.start() is None
            say(process, "end")
            assert tracer.wait(PATIENCE, lambda: False) is True, "ended before its time, the process goes on"
            assert tracer.wait(PATIENCE) is False
    with FaultTracer(PROCFS, 2**30) as tracer:
        gone = tracer.start()
    assert isinstance(gone, Unavailable)
    assert gone.cause is Cause.GONE


_AS_NOBODY = """
import os, subprocess, sys
from mmexplorer.kernel.process.faults import FaultTracer
from mmexplorer.kernel.procfs import LiveProcfs
os.setgroups([]); os.setgid(65534); os.setuid(65534)
own = subprocess.Popen(["sleep", "60"])
with FaultTracer(LiveProcfs(), own.pid) as tracer:
    print(tracer.start(), flush=True)
own.kill()
own.wait()
with FaultTracer(LiveProcfs(), 1) as tracer:
    print(tracer.start())
"""


@pytest.mark.root
def test_the_owner_may_at_paranoid_2_and_others_get_a_sentence() -> None:
    level = int(Path("/proc/sys/kernel/perf_event_paranoid").read_text())
    done = subprocess.run(
        [sys.executable, "-c", _AS_NOBODY], input="x", stdout=subprocess.PIPE, text=True, check=True, cwd=Path.cwd()
    )
    own, other = done.stdout.splitlines()
    assert own == "None" if level <= 2 else "perf_event_paranoid" in own
    assert "permission denied" in other if level <= 2 else "perf_event_paranoid" in other


def test_records_that_are_cut_short_end_the_data() -> None:
    sample = struct.pack("=IHHQIIQQQQQ", 9, 2, 64, 0x10, 1, 2, 3, 0x1000, 2, (1 << 64) - 512, 0x10)
    assert list(parse_records(sample)) == [FaultSample(0x1000, 0x10, 2, 3, ())]
    assert list(parse_records(sample[:-1])) == []
    assert list(parse_records(struct.pack("=IHH", 9, 0, 0) + sample)) == []
    assert list(parse_records(struct.pack("=IHHQQ", 2, 0, 24, 5, 17))) == [17]
    mapping = struct.pack("=IIQQQIIQQII", 1, 2, 0x5000, 0x1000, 0, 0, 0, 0, 0, 3, 2) + b"//anon\0\0"
    body = mapping + struct.pack("=IIQ", 1, 2, 99)
    record = struct.pack("=IHH", 10, 0, 8 + len(body)) + body
    assert list(parse_records(record)) == [MappingEvent(2, 99, 0x5000, 0x1000, 3, 2, "//anon")]


@pytest.mark.parametrize("arguments", [["--for", "0"], ["--for", "x"], ["--every", "0"], ["--every", "99999999"]])
def test_wrong_usage(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ending:
        main(["faults", "1", *arguments])
    assert ending.value.code == 2
