"""The OOM killer of this kernel: its scores recomputed, and a real kill in a memory cgroup of our own."""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mmexplorer.kernel.lab.oom_cgroup import Place, find_place, settings
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.kernel.system.live_source import LiveSystem
from mmexplorer.kernel.system.oom import KernelLog, read_candidate, read_ranking
from mmexplorer.model.system.oom import Immunity, Kill, KillNotice, badness, shown_score
from mmexplorer.model.system.snapshot import SystemSnapshot, killed_between
from mmexplorer.model.system.source import SystemRequest
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.system.oom import notice
from mmexplorer.present.text.line import plain
from tests.support.fakes.proc import add_process, stat_text
from tests.support.patience import PATIENCE
from tests.support.specimens.children import code, until

PAGE = os.sysconf("SC_PAGE_SIZE")
CPUS = os.cpu_count() or 1
LAG = 3 * CPUS * max(32, 2 * CPUS)
"""Pages by which the kernel's counts may lag behind its exact sums: a batch for each kind and CPU."""
HOLD = "x = bytearray({size}); print(flush=True); import sys; sys.stdin.read()"


def total_pages() -> int:
    meminfo = LiveSystem().meminfo()
    assert not isinstance(meminfo, Unavailable)
    return (meminfo["MemTotal"] + meminfo["SwapTotal"]) // PAGE


@pytest.mark.parametrize("adj", [0, 500, 1000])
def test_the_score_is_recomputed_from_what_a_process_holds(adj: int) -> None:
    total = total_pages()
    with code(HOLD.format(size=300 << 20)) as process:
        Path(f"/proc/{process.pid}/oom_score_adj").write_text(str(adj))
        found = read_candidate(LiveProcfs(), process.pid)
        assert found is not None
        points = badness(found, total, PAGE)
        assert points is not None
        assert found.adj == adj
        assert shown_score(points - LAG, total) <= found.score <= shown_score(points + LAG, total)
        assert found.immunity is Immunity.NONE
        assert found.rss is not None
        assert found.rss > 300 << 20


def test_every_process_is_ranked_by_the_kernels_own_score() -> None:
    with code(HOLD.format(size=1 << 20)) as process:
        Path(f"/proc/{process.pid}/oom_score_adj").write_text("1000")
        ranking = read_ranking(LiveProcfs())
        ranks = {candidate.key.pid: rank for rank, candidate in enumerate(ranking)}
        killable = [candidate.score for candidate in ranking if candidate.immunity is Immunity.NONE]
        assert killable == sorted(killable, reverse=True)
        # Not first: other tests also have processes that volunteer to be killed.
        assert ranks[process.pid] < ranks[os.getpid()]
        exempt = {candidate.key.pid: candidate.immunity for candidate in ranking if candidate.score == 0}
        threads = [pid for pid, immunity in exempt.items() if immunity is Immunity.KERNEL_THREAD]
        assert all(candidate.rss is None for candidate in ranking if candidate.key.pid in threads)


def test_an_adj_of_minus_1000_and_a_kernel_thread_are_marked(tmp_path: Path) -> None:
    exempt = {"oom_score": b"0\n", "oom_score_adj": b"-1000\n", "status": b"VmRSS:\t    1024 kB\n"}
    add_process(tmp_path, 5, stat_text(5, start_time=1), **exempt)
    add_process(tmp_path, 6, stat_text(6, start_time=1, flags=0x200000), **(exempt | {"oom_score_adj": b"0\n"}))
    add_process(tmp_path, 7, stat_text(7, start_time=1), **(exempt | {"oom_score_adj": b"?\n"}))
    first, second = read_ranking(LiveProcfs(str(tmp_path)))
    assert (first.key.pid, first.immunity, first.rss) == (5, Immunity.ADJ, 1 << 20)
    assert (second.key.pid, second.immunity) == (6, Immunity.KERNEL_THREAD)


def test_a_process_that_is_gone_is_left_out() -> None:
    with code(HOLD.format(size=1)) as process:
        process.kill()
        process.wait()
        assert read_candidate(LiveProcfs(), process.pid) is None


@contextmanager
def memory_cgroup(limit: int) -> Iterator[Path]:
    """Create a memory cgroup limited to that many bytes of memory, without swap."""
    place = find_place()
    assert isinstance(place, Place), place
    folder = Path(place.hierarchy.mount_point, place.parent, f"mmexplorer-test-{os.getpid()}-{secrets.token_hex(4)}")
    folder.mkdir()
    try:
        for setting in settings(place.hierarchy.version, limit):
            name, _, value = setting.partition("=")
            if not name.startswith("?") or (folder / name[1:]).exists():
                (folder / name.removeprefix("?")).write_text(value)
        yield folder
    finally:
        remove(folder)


def remove(folder: Path) -> None:
    """Remove a cgroup. The kernel takes a while to uncharge dead processes, and returns EBUSY until then."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            folder.rmdir()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


TOUCH_TO_DEATH = """
import os, sys
open("/proc/self/oom_score_adj", "w").write("1000")
open(sys.argv[1] + "/cgroup.procs", "w").write(str(os.getpid()))
bytearray(200 << 20)
"""


@pytest.mark.root("makes a memory cgroup and reads /dev/kmsg")
@pytest.mark.cgroup
def test_a_kill_is_counted_told_and_announced() -> None:
    source = LiveSystem()
    look = SystemRequest(kernel_log=True)
    before = source.sample(look)
    with memory_cgroup(32 << 20) as folder:
        ended = subprocess.run([sys.executable, "-c", TOUCH_TO_DEATH, str(folder)], check=False)
        assert ended.returncode == -9
        after = after_the_log_tells(source, look, before, folder.name)
    assert isinstance(before.oom_kills, int)
    assert isinstance(after.oom_kills, int)
    assert after.oom_kills > before.oom_kills
    found = killed_between(before, after)
    assert found is not None
    (kill,) = [kill for kill in found.kills if kill.cgroup and kill.cgroup.endswith(f"/{folder.name}")]
    assert (kill.in_cgroup, kill.adj, kill.uid) == (True, 1000, 0)
    assert kill.anon_rss is not None
    # Pages touched before it joined remain charged elsewhere, so its RSS may slightly exceed the limit.
    assert 16 << 20 < kill.anon_rss < 64 << 20
    # Another test may cause a kill at the same time.
    announced = plain(notice(KillNotice(1, (kill,)), 200))
    assert f"({kill.pid}): the cgroup " in announced
    assert announced.endswith(f"/{folder.name} reached its limit")
    source.close()


def after_the_log_tells(source: LiveSystem, look: SystemRequest, before: SystemSnapshot, cgroup: str) -> SystemSnapshot:
    """Sample until the log names the cgroup: the record is written just after the process has died."""
    deadline = time.monotonic() + PATIENCE
    while True:
        after = source.sample(look)
        found = killed_between(before, after)
        if found and any(kill.cgroup and kill.cgroup.endswith(f"/{cgroup}") for kill in found.kills):
            return after
        assert time.monotonic() < deadline, f"the log never told of {cgroup}: {found}"
        time.sleep(0.02)


@pytest.mark.root("becomes another user")
def test_the_log_is_closed_to_users_and_says_so() -> None:
    # It imports first: that user may not be allowed to read the package.
    program = (
        "import os; from mmexplorer.kernel.system.oom import KernelLog; "
        "os.setgroups([]); os.setgid(65534); os.setuid(65534); "
        "print(repr(KernelLog().kills()))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    expected = Unavailable(Cause.DENIED, "the kernel log can't be read: operation not permitted", "run with sudo")
    assert ended.stdout.strip() == repr(expected)


@pytest.mark.root("reads /dev/kmsg")
def test_reading_the_log_takes_nothing_from_others() -> None:
    # Retry if another test causes a kill between the two.
    until(lambda: kills_in_the_log() == kills_in_the_log())


def kills_in_the_log() -> tuple[Kill, ...] | Unavailable:
    log = KernelLog()
    try:
        return log.kills()
    finally:
        log.close()
