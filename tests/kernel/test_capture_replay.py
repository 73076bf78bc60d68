"""A process is recorded while it changes, and every moment of the capture equals what was printed live."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mmexplorer.kernel.capture.capture import Capture
from mmexplorer.kernel.capture.record.recorder import Recorded
from mmexplorer.kernel.capture.record.recording import AllRecording, ProcessRecording, Taken
from mmexplorer.kernel.capture.record.writer import CaptureWriter, create
from mmexplorer.kernel.capture.sources import open_file
from mmexplorer.kernel.process.find import process_key
from mmexplorer.kernel.process.table import ProcessTable
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.kernel.source import live
from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.source import Request
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.parse.process.stat import parse_stat
from mmexplorer.present.json.maps import maps_document
from tests.support.captures import MANIFEST

_CHILD = """
import mmap, os, sys, time
kept, leak, pids = [], [], []
def step(word):
    if word == "leak": leak.append(bytearray(300_000))
    elif word == "map":
        kept.append(mmap.mmap(-1, 1 << 20)); kept[-1].write(b"x" * 50_000)
    elif word == "unmap": kept.pop().close()
    elif word == "fork":
        pid = os.fork()
        if not pid: time.sleep(20); os._exit(0)
        pids.append(pid)
    elif word == "file":
        with open(sys.executable, "rb") as file: kept.append(mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ))
    elif word == "exec":
        again = "import sys\\nwhile True: print('again', flush=True); sys.stdin.readline()"
        os.execv(sys.executable, [sys.executable, "-c", again])
while True:
    print("done", flush=True)
    step(os.read(0, 100).decode().strip())
"""
_LASTING = (
    "start",
    "end",
    "size",
    "perms",
    "offset",
    "dev",
    "inode",
    "path",
    "kind",
    "vm_flags",
    "segment",
    "rss",
    "swap",
)
_STEPS = ("leak", "map", "nothing", "file", "map", "unmap", "fork", "leak", "exec", "again")


@pytest.fixture
def child() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", _CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        yield process
        process.kill()


def _told(child: subprocess.Popen[str], word: str) -> None:
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(f"{word}\n")
    child.stdin.flush()
    assert child.stdout.readline()
    while parse_stat(Path(f"/proc/{child.pid}/stat").read_bytes()).state != "S":  # type: ignore[union-attr]
        os.sched_yield()


def _key(pid: int) -> ProcessKey:
    key = process_key(LiveProcfs(), str(pid))
    assert isinstance(key, ProcessKey)
    return key


def _printed(space: AddressSpace | Unavailable | None) -> dict[str, object]:
    assert isinstance(space, AddressSpace)
    printed: dict[str, object] = json.loads("".join(maps_document(space, 4096, "live", 0.0)))
    return printed


def _lasting(printed: dict[str, object]) -> list[dict[str, object]]:
    """Leave out what other processes change between readings: they map the same libraries and touch their pages."""
    regions = printed["regions"]
    assert isinstance(regions, list)
    return [{name: region[name] for name in _LASTING} for region in regions]


def _saved(path: Path, moments: list[Recorded]) -> Capture:
    writer = create(str(path), MANIFEST, 1 << 30)
    assert isinstance(writer, CaptureWriter)
    assert [writer.add(each) for each in moments] == [None] * len(moments)
    assert writer.close() is None
    capture = open_file(str(path))
    assert isinstance(capture, Capture)
    return capture


def test_every_moment_is_what_was_printed_live(child: subprocess.Popen[str], tmp_path: Path) -> None:
    key = _key(child.pid)
    recording = ProcessRecording(LiveProcfs(), key)
    moments, shown, printed = [], [], []
    for word in _STEPS:
        _told(child, word)
        moments.append(recording.take(counters_now=True).recorded)
        shown.append(_printed(recording.space))
        printed.append(_printed(live().address_space(child.pid, Request(counters_now=True))))
    child.kill()
    child.wait()
    last = recording.take()
    assert last.ended
    moments.append(last.recorded)
    capture = _saved(tmp_path / "x.mmx", moments)
    assert len(capture.moments) == len(_STEPS) + 1
    for index, expected in enumerate(shown):
        replayed = _printed(capture.at(index).address_space(child.pid, Request()))
        assert replayed == expected
        assert _lasting(replayed) == _lasting(printed[index])
    gone = capture.at(len(_STEPS)).address_space(child.pid, Request())
    assert isinstance(gone, Unavailable)
    assert gone.reason == "the process has ended"


def test_counters_that_are_older_stay_with_the_regions_that_are_as_they_were(
    child: subprocess.Popen[str], tmp_path: Path
) -> None:
    recording = ProcessRecording(LiveProcfs(), _key(child.pid))
    moments = [recording.take(counters_now=True).recorded]
    _told(child, "map")
    moments.append(recording.take(counters=False).recorded)
    space = _saved(tmp_path / "x.mmx", moments).at(1).address_space(child.pid, Request())
    assert isinstance(space, AddressSpace)
    assert not isinstance(space.counters, Unavailable)
    known = [region for region in space.regions if region.range in space.counters.by_range]
    assert 0 < len(space.regions) - len(known) < 5
    assert space.counters.taken_at == moments[0].moment.clocks.monotonic


def test_all_processes_are_there_and_their_maps_come_by_turns(child: subprocess.Popen[str], tmp_path: Path) -> None:
    recording = AllRecording(LiveProcfs(), every=10.0)
    moments: list[Taken] = []
    # However slow reading is, every second moment has the map of one more process; some may start meanwhile.
    at_most = 2 * len(LiveProcfs().numbers()) + 200
    while not any(f"proc/{child.pid}/maps" in each.recorded.contents for each in moments):
        moments.append(recording.take())
        assert len(moments) <= at_most
    capture = _saved(tmp_path / "x.mmx", [each.recorded for each in moments])
    source = capture.at(len(moments) - 1)
    replayed = ProcessTable(source.procfs).read()
    assert child.pid in {key.pid for key in replayed}
    ours = next(sample.process for key, sample in replayed.items() if key.pid == child.pid)
    assert ours.user == LiveProcfs().user(child.pid)
    assert ours.rss
    space = source.address_space(child.pid, Request())
    assert isinstance(space, AddressSpace)
    assert space.regions
