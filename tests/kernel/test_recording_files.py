"""What a recording keeps of the files that a process maps."""

import mmap
import os
from contextlib import ExitStack
from pathlib import Path

import pytest

from mmexplorer.kernel.capture import files
from mmexplorer.kernel.capture.record.recorder import RecordingProcfs
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.parse.process.maps import parse_maps


def test_it_keeps_only_so_many_that_are_not_elf(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(files, "_KEPT", 3)
    procfs = LiveProcfs()
    recorder = RecordingProcfs(procfs)
    recording = files.RecordingFiles(procfs, recorder)
    with ExitStack() as stack:
        for number in range(5):
            path = tmp_path / str(number)
            path.write_text("text")
            opened = stack.enter_context(path.open("rb"))
            stack.enter_context(mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ))
        regions = parse_maps(Path("/proc/self/maps").read_bytes()).regions
        texts = [region for region in regions if region.path.startswith(str(tmp_path))]
        assert len(texts) == 5
        for region in texts:
            assert str(recording.images(os.getpid(), [region])) == "not an ELF file"
    assert [str(answer) for name, answer in recorder.take().items() if name.startswith("files/")] == [
        "not an ELF file"
    ] * 3
