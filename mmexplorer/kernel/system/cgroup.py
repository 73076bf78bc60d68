"""Reads the limits of a memory cgroup, version 1 or 2, and those of its ancestors."""

import posixpath
from collections.abc import Sequence

from mmexplorer.kernel.procfs import LiveProcfs, Procfs
from mmexplorer.model.system.cgroup import CgroupLevel, CgroupMemory
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import NamedTuple
from mmexplorer.parse.error import ParseError
from mmexplorer.parse.system.cgroup import Hierarchy, parse_hierarchies, parse_limit, parse_memory_path
from mmexplorer.parse.system.flat_keyed import parse_flat_keyed

_FILES = {
    1: ("memory.limit_in_bytes", "memory.usage_in_bytes", "memory.memsw.limit_in_bytes", "memory.oom_control"),
    2: ("memory.max", "memory.current", "memory.swap.max", "memory.events"),
}
"""Limit, usage, swap limit and kill counter, by version (`cgroups(7)`)."""
_PEAK = {1: "memory.max_usage_in_bytes", 2: "memory.peak"}


def read_cgroup(procfs: Procfs, pid: str = "self") -> CgroupMemory | Unavailable:
    """Read a process's memory cgroup: its own level first, the top of the mount last."""
    found = find_cgroup(procfs, pid)
    if isinstance(found, Unavailable):
        return found
    hierarchy, path = found
    return CgroupMemory(hierarchy.version, tuple(read_level(hierarchy, below) for below in _upward(path)))


def find_cgroup(procfs: Procfs, pid: str = "self") -> tuple[Hierarchy, str] | Unavailable:
    """Find a process's memory cgroup: the mounted hierarchy, and the path below its mount point."""
    membership, mounts = procfs.read(f"{pid}/cgroup"), procfs.read("self/mountinfo")
    if isinstance(membership, Unavailable):
        return membership
    if isinstance(mounts, Unavailable):
        return mounts
    found = parse_memory_path(membership)
    if isinstance(found, ParseError):
        return Unavailable(Cause.UNSUPPORTED, "this kernel has no memory cgroups")
    version, path = found
    mounted = [mount for mount in parse_hierarchies(mounts) if mount.version == version]
    if not mounted:
        return Unavailable(Cause.UNSUPPORTED, f"no memory cgroup file system of version {version} is mounted")
    hierarchy = _showing(mounted, path)
    if hierarchy is None:
        return Unavailable(Cause.UNSUPPORTED, "no mount of the memory cgroups shows this process's own")
    return hierarchy, _inside(hierarchy, path)


def _showing(mounted: Sequence[Hierarchy], path: str) -> Hierarchy | None:
    """Choose the mount that contains the path and shows the most of its ancestors; of two equal ones, the later.

    Another cgroup's mount (docker in docker, kubelet) has that cgroup's limits at its top. If no mount contains the
    path, accept only one whose root is that of our cgroup namespace, or above: `/`, `/..`.
    """
    visible = {mount.mount_point: mount for mount in mounted}.values()
    containing = [mount for mount in visible if _contains(mount.root, path)]
    if containing:
        return min(containing, key=lambda mount: len(mount.root))
    return next((mount for mount in visible if not mount.root.strip("/.")), None)


def _contains(root: str, path: str) -> bool:
    return ".." not in path.split("/") and (root == "/" or f"{path}/".startswith(f"{root}/"))


def _inside(hierarchy: Hierarchy, path: str) -> str:
    """Return the path below the mount point. A path outside the mount's root counts as its top.

    To a process outside its cgroup namespace, a path starts with `/..` (`cgroup_namespaces(7)`).
    """
    relative = posixpath.relpath(path, hierarchy.root)
    outside = ".." in path.split("/") or relative.startswith("..")
    return "" if outside or relative == "." else relative


def _upward(path: str) -> tuple[str, ...]:
    levels = [path]
    while path:
        path = posixpath.dirname(path)
        levels.append(path)
    return tuple(levels)


class Room(NamedTuple):
    """How much more memory the processes of a cgroup can get."""

    path: str
    size: int
    """Bytes."""


def memory_room(procfs: Procfs, pid: str = "self") -> Room | None:
    """Find which cgroup, of a process's own and its ancestors, leaves the least room; None if none has a limit.

    Page cache charged to a cgroup is reclaimed when it reaches its limit, so it counts as room.
    """
    found = find_cgroup(procfs, pid)
    if isinstance(found, Unavailable):
        return None
    hierarchy, path = found
    rooms = (_room(hierarchy, below) for below in _upward(path))
    return min((room for room in rooms if room is not None), key=lambda room: room.size, default=None)


def _room(hierarchy: Hierarchy, path: str) -> Room | None:
    level = read_level(hierarchy, path)
    if not isinstance(level.limit, int) or not isinstance(level.usage, int):
        return None
    folder = LiveProcfs(posixpath.join(hierarchy.mount_point, path).rstrip("/"))
    statistics = folder.parsed("memory.stat", parse_flat_keyed)
    known = {} if isinstance(statistics, Unavailable) else statistics
    cache = sum(known.get(name, 0) for name in _FILE_CACHE[hierarchy.version])
    return Room(level.path, max(0, level.limit - max(0, level.usage - cache)))


_FILE_CACHE = {1: ("total_active_file", "total_inactive_file"), 2: ("active_file", "inactive_file")}
"""The page cache in memory.stat, including descendants."""


def read_level(hierarchy: Hierarchy, path: str) -> CgroupLevel:
    """Read one cgroup by its path below the mount point."""
    folder = LiveProcfs(posixpath.join(hierarchy.mount_point, path).rstrip("/"), known_as="")
    limit, usage, swap_limit, events = _FILES[hierarchy.version]
    return CgroupLevel(
        path=f"/{path}",
        limit=_bytes(folder, limit),
        usage=_bytes(folder, usage),
        swap_limit=_bytes(folder, swap_limit),
        oom_kills=_kills(folder, events),
    )


def read_peak(hierarchy: Hierarchy, path: str) -> int | Unavailable | None:
    """Read the highest usage of a cgroup: `memory.peak` (Linux 5.19), `memory.max_usage_in_bytes` in v1."""
    folder = LiveProcfs(posixpath.join(hierarchy.mount_point, path).rstrip("/"), known_as="")
    return _bytes(folder, _PEAK[hierarchy.version])


def _bytes(folder: Procfs, name: str) -> int | Unavailable | None:
    limit = folder.parsed(name, parse_limit)
    return _without_file(name, limit) if isinstance(limit, Unavailable) else limit


def _kills(folder: Procfs, name: str) -> int | Unavailable:
    data = folder.read(name)
    if isinstance(data, Unavailable):
        return _without_file(name, data)
    kills = parse_flat_keyed(data).get("oom_kill")
    return Unavailable(Cause.UNSUPPORTED, f"this kernel has no oom_kill in {name}") if kills is None else kills


def _without_file(name: str, why: Unavailable) -> Unavailable:
    if why.cause is Cause.GONE:
        return Unavailable(Cause.UNSUPPORTED, f"this cgroup has no {name}")
    return why
