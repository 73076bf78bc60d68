"""/proc/PID/mountinfo: `proc_pid_mountinfo(5)`."""

import re

from mmexplorer.model.value import NamedTuple

_ROW = re.compile(rb"\d+ \d+ (\d{1,10}):(\d{1,10}) \S+ (\S+) \S+ (?:\S+ )*?- (\S+) ?(\S*)[^\n]*")
_PROC = re.compile(rb"^\d+ \d+ \S+ \S+ /proc [^\n]*? - proc \S+ (\S+)$", re.MULTILINE)
_HIDING = frozenset((b"hidepid=2", b"hidepid=invisible", b"hidepid=4", b"hidepid=ptraceable"))
_ESCAPED = re.compile(rb"\\([0-7]{3})")


class Mount(NamedTuple):
    """A mounted file system."""

    device: tuple[int, int]
    """Major and minor number, as in stat(2) for its files, except on btrfs."""
    point: str
    """The mount point, as a path below the process's root directory."""
    kind: str
    """The type: "ext4", "nfs4", "fuse.sshfs"."""


def parse_mountinfo(data: bytes) -> tuple[Mount, ...]:
    """Return the mounts in the kernel's order; malformed lines are left out."""
    rows = (_ROW.fullmatch(text) for text in data.split(b"\n"))
    return tuple(Mount((int(row[1]), int(row[2])), _text(row[3]), _text(row[4])) for row in rows if row is not None)


def proc_hides(data: bytes) -> bool:
    """Return whether the topmost /proc is mounted with a hidepid that hides other users' processes (`proc(5)`)."""
    mounted: list[bytes] = _PROC.findall(data)
    return bool(mounted) and any(option in _HIDING for option in mounted[-1].split(b","))


def _text(data: bytes) -> str:
    """Decode the escapes for blanks, newlines and backslashes."""
    plain = _ESCAPED.sub(lambda found: bytes([int(found[1], 8) & 0xFF]), data)
    return plain.decode("utf-8", "surrogateescape")
