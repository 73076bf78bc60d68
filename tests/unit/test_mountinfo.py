from mmexplorer.parse.mountinfo import Mount, parse_mountinfo

TEXT = rb"""22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 master:2 - ext4 /dev/vda rw,discard
41 27 0:52 / /home/a\040b\134 rw,nosuid - fuse.sshfs me@host:/ rw,user_id=0
42 27 0:53 / /none rw - tmpfs  rw
not a mount
"""


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
