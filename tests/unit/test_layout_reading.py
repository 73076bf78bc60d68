"""Which of the mapped files are read at all."""

from mmexplorer.kernel.capture.text_source import NoFiles, text_procfs
from mmexplorer.kernel.process.layout import read_image, read_layout
from mmexplorer.parse.pasted import Pasted
from mmexplorer.parse.process.maps import parse_maps

_MAPS = b"""\
55d000000000-55d000001000 r-xp 00000000 fe:00 12                         /usr/bin/cat
7f0000000000-7f0000001000 rw-s 00000000 00:01 1024                       /dev/zero (deleted)
7f0000002000-7f0000003000 rw-s 00000000 00:01 1025                       /dev/zero (deleted)
7f0000004000-7f0000005000 rw-p 00000000 00:05 6                          /dev/zero
"""


def test_shared_anonymous_memory_is_not_opened_as_a_file() -> None:
    regions = parse_maps(_MAPS).regions
    procfs, files = text_procfs(Pasted((), 0, (), 0)), NoFiles()
    _, read = read_layout(procfs, files, 1, regions)
    told = ["not at hand", "shared anonymous memory", "shared anonymous memory", "not at hand"]
    assert all(part in str(reason) for part, reason in zip(told, read.values(), strict=True))
    for file, reason in read.items():
        assert read_image(files, 1, regions, file) == reason
