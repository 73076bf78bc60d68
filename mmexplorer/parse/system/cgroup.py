"""Finds a process's memory cgroup and reads its limit files: `cgroups(7)`, v1 and v2."""

import re

from mmexplorer.model.value import frozen
from mmexplorer.parse.error import ParseError

_NO_LIMIT_V1 = 1 << 62
"""v1 writes "no limit" as the largest multiple of the page size below 2^63 (PAGE_COUNTER_MAX)."""
_OCTAL = re.compile(rb"\\([0-7]{3})")


@frozen
class Hierarchy:
    """A mounted cgroup hierarchy that could control memory."""

    version: int
    root: str
    """The cgroup that the mount shows as its root."""
    mount_point: str


def parse_limit(data: bytes) -> int | ParseError | None:
    """Read a limit in bytes (`memory.max`, `memory.limit_in_bytes`); None for no limit."""
    text = data.strip()
    if text == b"max":
        return None
    if not text.isdigit() or len(text) > len(str(1 << 64)):
        return ParseError(data[:80], "a limit is a number of bytes or `max`")
    limit = int(text)
    return None if limit >= _NO_LIMIT_V1 else limit


def parse_memory_path(data: bytes) -> tuple[int, str] | ParseError:
    """Read /proc/PID/cgroup: the version that controls memory, and the path in it.

    A line that names the controller `memory` means v1; without one, v2 controls memory, on the line `0::`.
    """
    unified = None
    for text in data.split(b"\n"):
        hierarchy, _, rest = text.partition(b":")
        controllers, colon, path = rest.partition(b":")
        if colon and b"memory" in controllers.split(b","):
            return 1, path.decode("utf-8", "surrogateescape")
        if colon and hierarchy == b"0" and not controllers:
            unified = path.decode("utf-8", "surrogateescape")
    return (2, unified) if unified is not None else ParseError(data[:200], "no memory cgroup")


def parse_hierarchies(data: bytes) -> tuple[Hierarchy, ...]:
    """Find the cgroup mounts in /proc/PID/mountinfo (`proc_pid_mountinfo(5)`) that could control memory."""
    found = []
    for text in data.split(b"\n"):
        left, _, right = text.partition(b" - ")
        fields, tail = left.split(b" "), right.split(b" ")
        if len(fields) < len(("id", "parent", "device", "root", "mount point", "options")) or len(tail) < len("tso"):
            continue
        version = {b"cgroup2": 2, b"cgroup": 1}.get(tail[0])
        if version == 2 or (version == 1 and b"memory" in tail[2].split(b",")):  # noqa: PLR2004 - cgroup version 2
            found.append(Hierarchy(version, _unescaped(fields[3]), _unescaped(fields[4])))
    return tuple(found)


def _unescaped(field: bytes) -> str:
    return _OCTAL.sub(lambda found: bytes([int(found.group(1), 8) & 0xFF]), field).decode("utf-8", "surrogateescape")
