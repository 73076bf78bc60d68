import pytest

from mmexplorer.parse.process.mountinfo import Mount, parse_mountinfo, proc_hides

TEXT = rb"""22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 master:2 - ext4 /dev/vda rw,discard
41 27 0:52 / /home/a\040b\134 rw,nosuid - fuse.sshfs me@host:/ rw,user_id=0
42 27 0:53 / /none rw - tmpfs  rw
not a mount
"""

_PROC = b"45 43 0:21 / /proc rw,relatime - proc proc %b\n"


def test_each_mount_has_its_device_its_folder_and_its_type() -> None:
    assert parse_mountinfo(TEXT) == (
        Mount((0, 21), "/proc", "proc"),
        Mount((254, 0), "/", "ext4"),
        Mount((0, 52), "/home/a b\\", "fuse.sshfs"),
        Mount((0, 53), "/none", "tmpfs"),
    )


def test_our_own_mounts_are_all_understood() -> None:
    with open("/proc/self/mountinfo", "rb") as file:  # noqa: PTH123
        text = file.read()
    assert len(parse_mountinfo(text)) == text.count(b"\n")


@pytest.mark.parametrize(
    ("options", "hides"),
    [
        ([b"rw"], False),
        ([b"rw,hidepid=invisible"], True),
        ([b"rw,gid=5,hidepid=2"], True),
        ([b"rw,hidepid=noaccess"], True),
        ([b"rw,hidepid=off"], False),
        ([b"rw", b"rw,hidepid=2"], True),
        ([b"rw,hidepid=2", b"rw"], False),
        ([], False),
    ],
)
def test_whether_the_proc_on_top_hides_processes(options: list[bytes], hides: object) -> None:
    assert proc_hides(b"".join(_PROC % each for each in options)) is hides
