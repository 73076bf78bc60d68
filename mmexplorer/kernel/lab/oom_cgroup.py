"""A memory cgroup with only the lab child in it: found, made, verified, read and removed (`cgroups(7)`, v1 and v2)."""

import contextlib
import itertools
import os
import posixpath
import select
import subprocess
import sys
import time
from collections.abc import Iterator

from mmexplorer.kernel.lab.kills import leave, watch
from mmexplorer.kernel.opened import opened
from mmexplorer.kernel.procfs import LiveProcfs, Procfs
from mmexplorer.kernel.system.cgroup import find_cgroup, read_cgroup, read_level, read_peak
from mmexplorer.model.system.cgroup import CgroupLevel
from mmexplorer.model.system.oom import LAB_CGROUPS
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.model.value import field, frozen, mutable
from mmexplorer.parse.system.cgroup import Hierarchy

_CLEANER = posixpath.join(posixpath.dirname(__file__), "cgroup_keeper.py")
_PATIENCE = 2.0
"""Seconds to wait for the cgroup to be removed; a process put into it by someone else may keep it longer."""
_lingering: list[subprocess.Popen[bytes]] = []
"""Cleaners that could not remove their cgroup yet; they keep trying without us."""
_numbers = itertools.count(1)
_OFFERED = b"1000\n"
"""An oom_score_adj that makes the OOM killer choose the process before all others."""
_PROCFS = LiveProcfs()


@frozen
class Place:
    """A place where a memory cgroup can be created."""

    hierarchy: Hierarchy
    parent: str
    """Below the mount point; not used with `scope`."""
    scope: bool = False
    """Made by `systemd-run --user --scope`: cgroups are delegated to the user's systemd but not to us."""


def find_place(procfs: Procfs = _PROCFS) -> Place | Unavailable:
    """Find where we may create a memory cgroup; nothing is created yet."""
    found = find_cgroup(procfs)
    if isinstance(found, Unavailable):
        return found
    hierarchy, own = found
    candidates = (own,) if hierarchy.version == 1 else (posixpath.dirname(own), own)
    for parent in candidates:
        if _may_make(hierarchy, parent):
            return Place(hierarchy, parent)
    if hierarchy.version != 1 and _user_systemd():
        return Place(hierarchy, own, scope=True)
    return Unavailable(Cause.DENIED, "this user may not create a memory cgroup", "run it with sudo")


def _may_make(hierarchy: Hierarchy, parent: str) -> bool:
    """Return whether a child of `parent` can be created, limit memory, and receive a process of ours.

    v2 allows no controllers in a cgroup that has processes, so ours will be a sibling of our own, and moving a process
    there requires write access to cgroup.procs of their common parent.
    """
    folder = posixpath.join(hierarchy.mount_point, parent)
    if not os.access(folder, os.W_OK):
        return False
    if hierarchy.version == 1:
        return True
    controllers = LiveProcfs(folder).read("cgroup.subtree_control")
    return (
        isinstance(controllers, bytes)
        and b"memory" in controllers.split()
        and os.access(posixpath.join(folder, "cgroup.procs"), os.W_OK)
    )


def _user_systemd() -> bool:
    """Return whether this user's systemd is available."""
    from shutil import which  # noqa: PLC0415 - brings the compressors with it, and root doesn't need it

    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    return bool(runtime and which("systemd-run")) and os.path.exists(f"{runtime}/systemd/private")  # noqa: PTH110 - a single check


def settings(version: int, limit: int) -> tuple[str, ...]:
    """Return what is written to the cgroup, in order: `FILE=VALUE`, with a `?` if a kernel may lack the file.

    With swap a process could evade the limit. memsw counts memory plus swap, and can't be below the limit. A v1 cgroup
    inherits oom_kill_disable, which would make its processes hang instead of being killed.
    """
    if version == 1:
        return (
            f"memory.limit_in_bytes={limit}",
            f"?memory.memsw.limit_in_bytes={limit}",
            "?memory.swappiness=0",
            "memory.oom_control=0",
        )
    return (f"memory.max={limit}", "?memory.swap.max=0")


@mutable
class OomCgroup:
    """The cgroup of one lab process, of `limit` bytes."""

    limit: int
    place: Place | Unavailable = field(default_factory=find_place)
    log: tuple[str, ...] = ()
    """The equivalent shell commands."""
    _path: str = ""
    _slice: str = ""
    """The unit systemd puts the scope into, and nothing else. It stays when the scope disappears with its process."""
    _cleaner: subprocess.Popen[bytes] | None = None
    _killed: int = 0
    """Kills in it at the last count."""

    def prepare(self) -> tuple[str, ...]:
        """Prepare for a new lab process; return the prefix of its command: systemd-run, or nothing.

        Each process gets its own cgroup, or slice, and a cleaner that will remove it.
        """
        if isinstance(self.place, Unavailable):
            return ()
        if not self.place.scope:
            self._begin(self.place)
            return ()
        self.close()
        self._slice = f"{LAB_CGROUPS[1].format(os.getpid())}{next(_numbers)}.slice"
        self._start_cleaner("--slice", self._slice)
        self._cleaners_answer()
        limits = (f"MemoryMax={self.limit}", "MemorySwapMax=0")
        properties = [word for limit in limits for word in ("-p", limit)]
        command = ("systemd-run", "--user", "--scope", "--quiet", "--collect", *properties, f"--slice={self._slice}")
        self.log = (" ".join(command),)
        return (*command, "--")

    def confine(self, pid: int) -> str:
        """Create the cgroup, move the process into it, and verify that only it can be hit; return "" or what failed."""
        if isinstance(self.place, Unavailable):
            return str(self.place)
        why = "" if self.place.scope else self._made(self.place) or self._moved(self.place, pid)
        why = why or self.proved(pid)
        if not why:
            watch(id(self), self._counted)
        return why

    def _begin(self, place: Place) -> None:
        """Have the cgroup made, without waiting for it: meanwhile the lab process starts."""
        self.close()
        self._path = posixpath.join(place.parent, f"{LAB_CGROUPS[0].format(os.getpid())}{id(self):x}")
        self._start_cleaner(self._folder(place), *settings(place.hierarchy.version, self.limit))

    def _made(self, place: Place) -> str:
        if self._cleaner is None or self.log:
            self._begin(place)
        failed = self._cleaners_answer()
        if failed != b"0":
            self._path = ""
            self.close()
            words = os.strerror(int(failed)) if failed.isdigit() else "the process that made it ended"
            return f"the memory cgroup couldn't be created: {words}"
        wanted = settings(place.hierarchy.version, self.limit)
        self.log = (f"mkdir {self._folder(place)}", *(_echo(setting) for setting in wanted))
        return ""

    def _start_cleaner(self, *arguments: str) -> None:
        """Start the process that creates and later removes the cgroup."""
        self._cleaner = subprocess.Popen(
            [sys.executable, "-I", "-S", _CLEANER, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # ours may be a screen
            cwd="/",
            start_new_session=True,
        )

    def _cleaners_answer(self) -> bytes:
        """Wait until the cgroup is made; return the errno that the cleaner reports, in digits."""
        assert self._cleaner is not None  # noqa: S101 - the callers started it
        assert self._cleaner.stdout is not None  # noqa: S101 - a PIPE; for the type checker
        return self._cleaner.stdout.readline().strip()

    def _moved(self, place: Place, pid: int) -> str:
        try:
            with opened(self._file(place, "cgroup.procs"), os.O_WRONLY) as descriptor:
                os.write(descriptor, b"%d" % pid)
        except OSError as error:
            return f"the lab process couldn't be moved into its cgroup: {os.strerror(error.errno or 0)}"
        self.log = (*self.log, f"echo {pid} > cgroup.procs")
        return ""

    def proved(self, pid: int) -> str:
        """Read back everything that protects others; return "" or what is missing."""
        found, own = find_cgroup(_PROCFS, str(pid)), find_cgroup(_PROCFS)
        if isinstance(found, Unavailable) or isinstance(own, Unavailable):
            why = found if isinstance(found, Unavailable) else own
            return f"it isn't certain which cgroup the lab process is in: {why}"
        hierarchy, path = found
        members = LiveProcfs(posixpath.join(hierarchy.mount_point, path)).read("cgroup.procs")
        limit = read_level(hierarchy, path).limit
        missing = {
            "the lab process is not in a cgroup of its own": path == own[1] or (self._path and path != self._path),
            "the lab process is not alone in its cgroup": members != f"{pid}\n".encode(),
            "the cgroup's limit isn't set": not isinstance(limit, int) or limit > self.limit,
            "the oom_score_adj of the lab process is not 1000": _PROCFS.read(f"{pid}/oom_score_adj") != _OFFERED,
        }
        self._path = path
        return next((words for words, lacks in missing.items() if lacks), "")

    def readings(self) -> Iterator[tuple[str, int]]:
        """Yield the known figures of the cgroup (`labs/figures.py`)."""
        if isinstance(self.place, Unavailable) or not self._path:
            return
        level = read_level(self.place.hierarchy, self._path)
        members = LiveProcfs(posixpath.join(self.place.hierarchy.mount_point, self._path)).read("cgroup.procs")
        kills = self._kills(self.place, level)
        peak = read_peak(self.place.hierarchy, self._path)
        for name, value in (("limit", level.limit), ("usage", level.usage), ("peak", peak), ("oom_kills", kills)):
            if isinstance(value, int):
                yield f"cgroup_{name}", value
        if isinstance(members, bytes):
            yield "cgroup_processes", len(members.split())

    def _kills(self, place: Place, level: CgroupLevel) -> int | Unavailable:
        """Return the kills in the lab process's cgroup and no other.

        A scope disappears with its last process. v2 also counts events in all ancestors, and the slice above the scope
        contains nothing else: it still has the count.
        """
        above = posixpath.dirname(self._path)
        if isinstance(level.oom_kills, int) or not self._slice or posixpath.basename(above) != self._slice:
            return level.oom_kills
        return read_level(place.hierarchy, above).oom_kills

    def _counted(self) -> int:
        """Return the kills, or the last known number if the cgroup is gone."""
        if isinstance(self.place, Unavailable) or not self._path:
            return self._killed
        kills = self._kills(self.place, read_level(self.place.hierarchy, self._path))
        self._killed = max(self._killed, kills) if isinstance(kills, int) else self._killed
        return self._killed

    def close(self) -> None:
        """Remove the cgroup. The lab process has ended, or is about to; systemd removes its scope itself."""
        leave(id(self))
        self._killed = 0
        if self._cleaner is not None:
            self._dismiss(self._cleaner)
        self._cleaner, self._path, self._slice, self.log = None, "", "", ()

    def _dismiss(self, cleaner: subprocess.Popen[bytes]) -> None:
        assert cleaner.stdin is not None  # noqa: S101 - PIPEs; for the type checker
        assert cleaner.stdout is not None  # noqa: S101
        cleaner.stdin.close()
        with cleaner.stdout as output:
            ended = _ends(output.fileno(), time.monotonic() + _PATIENCE)
        if not ended:
            _lingering[:] = [one for one in (*_lingering, cleaner) if one.poll() is None]
        elif cleaner.wait():
            self._without_cleaner()

    def _without_cleaner(self) -> None:
        """Remove the cgroup ourselves, because the cleaner was killed."""
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            if self._slice:
                stop = ("systemctl", "--user", "--quiet", "stop", self._slice)
                subprocess.run(stop, stderr=subprocess.DEVNULL, timeout=_PATIENCE, check=False)
            elif isinstance(self.place, Place) and self._path:
                os.rmdir(posixpath.join(self.place.hierarchy.mount_point, self._path))  # noqa: PTH106 - a str

    def _folder(self, place: Place) -> str:
        return posixpath.join(place.hierarchy.mount_point, self._path)

    def _file(self, place: Place, name: str) -> str:
        return posixpath.join(self._folder(place), name)


def _ends(output: int, deadline: float) -> bool:
    """Wait until a process has closed its output, which it does by ending, or until `deadline` (monotonic clock)."""
    poll = select.poll()
    poll.register(output, select.POLLIN)
    while poll.poll(max(0, deadline - time.monotonic()) * 1000):
        if not os.read(output, 1024):
            return True
    return False


def _echo(setting: str) -> str:
    name, _, value = setting.removeprefix("?").partition("=")
    return f"echo {value} > {name}"


def lacking_cgroup(limit: int, procfs: Procfs = _PROCFS) -> str:
    """Return why no process can safely be confined to a cgroup of `limit` bytes here; "" if one can."""
    place = find_place(procfs)
    if isinstance(place, Unavailable):
        return str(place)
    setting = procfs.read("sys/vm/panic_on_oom")
    if setting == b"2\n":
        return "vm.panic_on_oom is 2: an OOM kill, even in a cgroup, would bring the whole system down"
    if isinstance(setting, Unavailable):
        return f"it isn't certain that an OOM kill wouldn't bring the system down: vm.panic_on_oom: {setting}"
    return _headroom(limit, procfs)


def _headroom(limit: int, procfs: Procfs) -> str:
    """Check that limits above the lab's are out of reach: if one of those is hit, other processes may be chosen."""
    memory = read_cgroup(procfs)
    if isinstance(memory, Unavailable):
        return str(memory)
    for level in memory.levels:
        if isinstance(level.limit, int) and isinstance(level.usage, int) and level.limit - level.usage < 2 * limit:
            return f"the cgroup {level.path} is near its own limit: another process in it could be killed"
    return ""
