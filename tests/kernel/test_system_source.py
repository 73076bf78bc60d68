"""LiveSystem on this machine, and on a /proc with missing files."""

from pathlib import Path

import pytest

from mmexplorer.kernel.lab.requirements import lacking_memory
from mmexplorer.kernel.procfs import LiveProcfs, Procfs
from mmexplorer.kernel.system.cgroup import Room, memory_room, read_cgroup
from mmexplorer.kernel.system.live_source import LiveSystem
from mmexplorer.kernel.system.oom import KernelLog
from mmexplorer.model.system.cgroup import CgroupMemory
from mmexplorer.model.system.sar import paging_row
from mmexplorer.model.system.snapshot import NOT_READ, SETTINGS
from mmexplorer.model.system.source import SystemRequest, SystemSource
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.system.flat_keyed import parse_flat_keyed
from mmexplorer.parse.system.vmstat import parse_vmstat

pytestmark = pytest.mark.smoke


def test_this_machine_gives_every_part() -> None:
    source: SystemSource = LiveSystem()
    seen = source.sample(SystemRequest(ranking=True))
    assert not isinstance(seen.meminfo, Unavailable)
    assert not isinstance(seen.vmstat, Unavailable)
    assert seen.meminfo["MemTotal"] > seen.meminfo["MemFree"] > 0
    assert seen.vmstat["pgfault"] > 0
    assert not isinstance(seen.settings, Unavailable)
    assert tuple(seen.settings) == SETTINGS
    swappiness = seen.settings["swappiness"]
    assert isinstance(swappiness, int)
    assert str(swappiness) == Path("/proc/sys/vm/swappiness").read_text().strip()
    assert not isinstance(seen.ranking, Unavailable)
    assert {candidate.key.pid for candidate in seen.ranking} >= {1}
    assert seen.cost > 0


def test_only_what_was_asked_for_is_read_and_the_ranking_is_kept() -> None:
    source = LiveSystem()
    bare = source.sample(SystemRequest(details=False))
    assert (bare.pressure, bare.zones, bare.ranking, bare.kills, bare.settings) == (
        NOT_READ, NOT_READ, NOT_READ, NOT_READ, NOT_READ,
    )  # fmt: skip
    ranked = source.sample(SystemRequest(ranking=True)).ranking
    assert source.sample(SystemRequest()).ranking is ranked


def test_the_rows_of_sar_need_no_other_counters_of_vmstat() -> None:
    text = Path("/proc/vmstat").read_bytes()
    before, every = parse_vmstat(text), parse_flat_keyed(text)
    after = {name: count + place for place, (name, count) in enumerate(every.items())}
    known = {name: after[name] for name in before}
    assert paging_row(before, known, 2.0) == paging_row(every, after, 2.0)


def test_vmstat_moves_on() -> None:
    source = LiveSystem()
    before, after = source.vmstat(), source.vmstat()
    assert not isinstance(before, Unavailable)
    assert not isinstance(after, Unavailable)
    assert after["pgfault"] >= before["pgfault"]


def test_an_empty_proc_has_a_sentence_for_every_part(tmp_path: Path) -> None:
    seen = LiveSystem(LiveProcfs(str(tmp_path)), str(tmp_path / "kmsg")).sample(
        SystemRequest(ranking=True, kernel_log=True)
    )
    assert seen.meminfo == Unavailable(Cause.GONE, "no such file or directory")
    assert seen.pressure == Unavailable(
        Cause.UNSUPPORTED,
        "pressure-stall information is off in this kernel",
        "boot with psi=1, on a kernel with CONFIG_PSI (Linux 4.20)",
    )
    assert seen.swaps == Unavailable(Cause.UNSUPPORTED, "this kernel was built without swap")
    assert isinstance(seen.zones, Unavailable)
    assert isinstance(seen.cgroup, Unavailable)
    assert seen.ranking == ()
    assert seen.kills == Unavailable(Cause.GONE, "the kernel log can't be read: no such file or directory")
    assert seen.oom_kills == seen.vmstat


def test_malformed_files_name_themselves(tmp_path: Path) -> None:
    (tmp_path / "zoneinfo").write_bytes(b"Node 0, zone DMA\n")
    (tmp_path / "swaps").write_bytes(b"?")
    (tmp_path / "sys" / "vm").mkdir(parents=True)
    (tmp_path / "sys" / "vm" / "swappiness").write_bytes(b"lots\n")
    seen = LiveSystem(LiveProcfs(str(tmp_path)), str(tmp_path / "kmsg")).sample(SystemRequest())
    assert seen.zones == Unavailable(Cause.MALFORMED, "/proc/zoneinfo: the zone has no watermarks")
    assert seen.swaps == Unavailable(Cause.MALFORMED, "/proc/swaps: swaps does not start with `Filename`")
    assert not isinstance(seen.settings, Unavailable)
    assert seen.settings["swappiness"] == Unavailable(Cause.MALFORMED, "/proc/sys/vm/swappiness: not a number")
    assert isinstance(seen.settings["panic_on_oom"], Unavailable)


def fake_cgroups(root: Path, membership: bytes, mount: str, files: dict[str, dict[str, str]]) -> Procfs:
    """Create a /proc/self and a cgroup file system whose folders contain `files`."""
    own = root / "proc" / "self"
    own.mkdir(parents=True)
    (own / "cgroup").write_bytes(membership)
    (own / "mountinfo").write_text(f"35 31 0:32 / {root}/cgroup rw - {mount}\n")
    for folder, contents in files.items():
        (root / "cgroup" / folder).mkdir(parents=True, exist_ok=True)
        for name, text in contents.items():
            (root / "cgroup" / folder / name).write_text(text)
    return LiveProcfs(str(root / "proc"))


def test_version_2_limits_of_the_whole_chain(tmp_path: Path) -> None:
    inner = {"memory.max": "max\n", "memory.current": "4096\n", "memory.swap.max": "0\n",
             "memory.events": "low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\n"}  # fmt: skip
    outer = inner | {"memory.max": "67108864\n", "memory.current": "8192\n"}
    procfs = fake_cgroups(tmp_path, b"0::/a/b\n", "cgroup2 cgroup2 rw", {"a": outer, "a/b": inner})
    found = read_cgroup(procfs)
    assert isinstance(found, CgroupMemory)
    assert found.version == 2
    assert [(level.path, level.limit) for level in found.levels[:2]] == [("/a/b", None), ("/a", 64 << 20)]
    assert (found.levels[0].usage, found.levels[0].swap_limit, found.oom_kills) == (4096, 0, 1)
    # The root of version 2 has no such files.
    assert found.levels[2].limit == Unavailable(Cause.UNSUPPORTED, "this cgroup has no memory.max")


def test_version_1_with_a_nonsense_limit_and_an_old_kernel(tmp_path: Path) -> None:
    top = {"memory.limit_in_bytes": "x\n", "memory.usage_in_bytes": "1\n", "memory.oom_control": "under_oom 0\n"}
    procfs = fake_cgroups(tmp_path, b"4:memory:/\n", "cgroup cgroup rw,memory", {"": top})
    found = read_cgroup(procfs)
    assert isinstance(found, CgroupMemory)
    (level,) = found.levels
    assert level.limit == Unavailable(Cause.MALFORMED, "memory.limit_in_bytes: a limit is a number of bytes or `max`")
    assert level.oom_kills == Unavailable(Cause.UNSUPPORTED, "this kernel has no oom_kill in memory.oom_control")
    assert found.oom_kills is None


@pytest.mark.parametrize(
    ("membership", "mount", "reason"),
    [
        (b"3:cpu:/\n", "cgroup2 cgroup2 rw", "this kernel has no memory cgroups"),
        (b"4:memory:/\n", "cgroup2 cgroup2 rw", "no memory cgroup file system of version 1 is mounted"),
    ],
)
def test_no_memory_cgroup(tmp_path: Path, membership: bytes, mount: str, reason: str) -> None:
    assert read_cgroup(fake_cgroups(tmp_path, membership, mount, {})) == Unavailable(Cause.UNSUPPORTED, reason)


def test_a_path_outside_the_mount_counts_as_its_top(tmp_path: Path) -> None:
    procfs = fake_cgroups(tmp_path, b"0::/../outside\n", "cgroup2 cgroup2 rw", {"": {"memory.max": "4096\n"}})
    found = read_cgroup(procfs)
    assert isinstance(found, CgroupMemory)
    assert [(level.path, level.limit) for level in found.levels] == [("/", 4096)]


def test_the_room_in_a_cgroup_counts_its_page_cache_and_goes_by_the_tightest(tmp_path: Path) -> None:
    mib = 1 << 20
    outer = {
        "memory.max": f"{100 * mib}\n",
        "memory.current": f"{95 * mib}\n",
        "memory.stat": f"active_file {5 * mib}\n",
    }
    inner = {"memory.max": f"{64 * mib}\n", "memory.current": f"{30 * mib}\n", "memory.stat": "anon 1\n"}
    procfs = fake_cgroups(tmp_path, b"0::/a/b\n", "cgroup2 cgroup2 rw", {"a": outer, "a/b": inner})
    assert memory_room(procfs) == Room("/a", 10 * mib)
    assert lacking_memory(11 * mib, procfs) == "the lab process needs 11M of memory, and the cgroup /a leaves 10M"
    assert lacking_memory(10 * mib, procfs) == ""


def test_a_machine_with_little_free_memory_is_spared(tmp_path: Path) -> None:
    (tmp_path / "meminfo").write_text("MemTotal: 262144 kB\nMemFree: 9000 kB\nMemAvailable: 102400 kB\n")
    procfs = LiveProcfs(str(tmp_path))
    assert lacking_memory(25 << 20, procfs) == ""
    assert lacking_memory(26 << 20, procfs) == (
        "the lab process needs 26M of memory, and the machine has 100M available: other programs might need it"
    )


def test_a_mount_that_shows_another_cgroup_is_passed_over(tmp_path: Path) -> None:
    other, whole = tmp_path / "other", tmp_path / "whole"
    for place, limit in ((other, 64 << 20), (whole / "mine", 32 << 20)):
        place.mkdir(parents=True)
        (place / "memory.max").write_text(f"{limit}\n")
    (tmp_path / "self").mkdir()
    mounts = [f"1 2 0:3 {root} {place} rw - cgroup2 cgroup2 rw\n" for root, place in (("/box", other), ("/", whole))]
    (tmp_path / "self" / "mountinfo").write_text("".join(mounts))
    (tmp_path / "self" / "cgroup").write_text("0::/mine\n")
    found = read_cgroup(LiveProcfs(str(tmp_path)))
    assert isinstance(found, CgroupMemory)
    assert [(level.path, level.limit) for level in found.levels[:1]] == [("/mine", 32 << 20)]
    (tmp_path / "self" / "mountinfo").write_text(mounts[0])
    assert str(read_cgroup(LiveProcfs(str(tmp_path)))) == "no mount of the memory cgroups shows this process's own"


def test_the_log_is_read_on_from_where_it_was_left(tmp_path: Path) -> None:
    path = tmp_path / "kmsg"
    record = b"3,%d,1000000,-;Killed process 42 (a) total-vm:100kB, anon-rss:8kB, file-rss:4kB\n"
    path.write_bytes(record % 1)
    log = KernelLog(str(path))
    first = log.kills()
    with path.open("ab") as more:
        more.write(record % 2)
    second = log.kills()
    assert not isinstance(first, Unavailable)
    assert not isinstance(second, Unavailable)
    assert [kill.sequence for kill in first] == [1]
    assert [kill.sequence for kill in second] == [1, 2]
    log.close()
