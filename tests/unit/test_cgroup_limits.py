"""Which limit applies."""

from mmexplorer.model.system.cgroup import Binding, CgroupLevel, CgroupMemory, binding
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.system.settings import cgroup_lines
from mmexplorer.present.text.line import plain

MIB = 1 << 20


def level(path: str, limit: int | Unavailable | None) -> CgroupLevel:
    return CgroupLevel(path, limit, 12 * MIB, None, 0)


def test_the_smallest_of_the_chain_binds() -> None:
    levels = (level("/a/b", None), level("/a", 64 * MIB), level("/", 100 * MIB))
    assert binding(levels, 900 * MIB) == Binding(64 * MIB, levels[1])
    assert plain(cgroup_lines(CgroupMemory(2, levels), 900 * MIB)[0]) == (
        "the cgroup /a binds: 64M, not the machine's 900M; beyond it a process in the cgroup is killed"
    )


def test_without_a_smaller_limit_the_machine_binds() -> None:
    levels = (level("/a", None), level("/", 2000 * MIB))
    assert binding(levels, 900 * MIB).level is None
    lines = [plain(text) for text in cgroup_lines(CgroupMemory(1, levels), 900 * MIB)]
    assert lines[0] == "the machine's own 900M binds: no cgroup limit is smaller"
    assert lines[1] == "/a limit none, used 12M, swap limit none, killed 0"


def test_a_file_that_is_not_there_is_said_and_binds_nothing() -> None:
    levels = (level("/", Unavailable(Cause.UNSUPPORTED, "this cgroup has no memory.max")),)
    assert binding(levels, 900 * MIB).level is None
    assert "limit — (this cgroup has no memory.max)" in plain(cgroup_lines(CgroupMemory(2, levels), MIB)[1])
    absent = Unavailable(Cause.UNSUPPORTED, "this kernel has no memory cgroups")
    assert plain(cgroup_lines(absent, MIB)[0]) == "cgroup — this kernel has no memory cgroups"


def test_own_kills() -> None:
    assert CgroupMemory(2, (level("/", None),)).oom_kills == 0
    assert CgroupMemory(2, ()).oom_kills is None
