"""The four files about a process's memory, on this kernel."""

import os
import signal

from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.kernel.system.live_source import LiveSystem
from mmexplorer.kernel.system.oom import read_candidate
from mmexplorer.kernel.system.process_memory import read_process_memory
from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.system.process_memory import Origin, ProcessMemory, Reason, reconcile
from mmexplorer.model.system.source import SystemRequest
from mmexplorer.model.unavailable import Cause, Unavailable
from tests.support.specimens.children import code, stopped, until

HOLD = """
import mmap, sys
private = bytearray(20 << 20)
shared = mmap.mmap(-1, 4 << 20)
shared.write(bytes(4 << 20))
print(flush=True)
sys.stdin.read()
"""
MIB = 1 << 20


def key_of(pid: int) -> ProcessKey:
    found = read_candidate(LiveProcfs(), pid)
    assert found is not None
    return found.key


def reasons(memory: ProcessMemory | Unavailable) -> set[Reason]:
    assert isinstance(memory, ProcessMemory)
    return {difference.reason for account in reconcile(memory) for difference in account.differences}


def test_a_stopped_process_is_the_same_in_all_four_files() -> None:
    with code(HOLD) as process:
        os.kill(process.pid, signal.SIGSTOP)
        stopped(process.pid)
        seen = LiveSystem().sample(SystemRequest(process=key_of(process.pid))).process
        assert isinstance(seen, ProcessMemory)
        assert not seen.changed_meanwhile
        accounts = {account.quantity: account for account in reconcile(seen)}
        rss = accounts["RSS"]
        assert rss.figures.keys() == set(Origin)
        # In an idle process, every difference has a reason other than timing.
        assert reasons(seen) - {Reason.SHARING} <= {Reason.VSYSCALL, Reason.ROUNDING, Reason.BATCHES}
        # Other processes that map the same libraries come and go: retry until none did between two readings.
        key = key_of(process.pid)
        until(lambda: Reason.SHARING not in reasons(read_process_memory(LiveProcfs(), key, seen.page_size)))
        assert rss.figures[Origin.REGIONS] == rss.figures[Origin.ROLLUP]
        assert accounts["anonymous"].value is not None
        assert accounts["anonymous"].value > 20 * MIB
        assert accounts["shmem"].value is not None
        assert accounts["shmem"].value >= 4 * MIB
        assert accounts["page tables"].value


def test_a_process_that_ended_or_another_under_its_number() -> None:
    with code(HOLD) as process:
        key = key_of(process.pid)
        another = ProcessKey(key.pid, key.start_time + 1)
        gone = Unavailable(Cause.GONE, "the process has ended")
        assert read_process_memory(LiveProcfs(), another, 4096) == gone
        process.kill()
        process.wait()
        assert read_process_memory(LiveProcfs(), key, 4096) == gone
