"""/proc/PID/mountinfo: `proc_pid_mountinfo(5)`."""

import re

from mmexplorer.model.value import NamedTuple

_PROC = rb"(?m)^\d+ \d+ \S+ \S+ /proc [^\n]*? - proc \S+ (\S+)$"
_HIDING = frozenset(
    (
        *(b"hidepid=1", b"hidepid=noaccess"),  # their names can be listed, but no file of theirs can be read
        *(b"hidepid=2", b"hidepid=invisible"),
        *(b"hidepid=4", b"hidepid=ptraceable"),
    )
)
_ESCAPED = rb"\\([0-7]{3})"
_FIELDS_AT_LEAST = 6
"""Before the dash."""
_DIGITS_AT_MOST = 10
"""Of a device number."""


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
    mounts = map(_mount, data.split(b"\n"))
    return tuple(mount for mount in mounts if mount is not None)


def _mount(line: bytes) -> Mount | None:
    """Read `ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [FIELD...] - TYPE SOURCE OPTIONS`."""
    own, _, behind = line.partition(b" - ")
    fields = own.split(b" ")
    kind = behind.partition(b" ")[0]
    if len(fields) < _FIELDS_AT_LEAST or not all(fields) or not kind:
        return None
    major, _, minor = fields[2].partition(b":")
    numbers = (fields[0], fields[1], major, minor)
    if not all(map(bytes.isdigit, numbers)) or max(len(major), len(minor)) > _DIGITS_AT_MOST:
        return None
    return Mount((int(major), int(minor)), _text(fields[4]), _text(kind))


def proc_hides(data: bytes) -> bool:
    """Return whether the topmost /proc is mounted with a hidepid that hides other users' processes (`proc(5)`)."""
    mounted: list[bytes] = re.findall(_PROC, data)
    return bool(mounted) and any(option in _HIDING for option in mounted[-1].split(b","))


def _text(data: bytes) -> str:
    """Decode the escapes for blanks, newlines and backslashes."""
    if b"\\" in data:
        data = re.sub(_ESCAPED, lambda found: bytes([int(found[1], 8) & 0xFF]), data)
    return data.decode("utf-8", "surrogateescape")
