"""A file system that doesn't answer costs only its own files and a second."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from mmexplorer.kernel.elf.images import ElfCache
from mmexplorer.kernel.files import OpenFile, open_regular
from mmexplorer.kernel.process.address_space import read_address_space
from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.kernel.remote import helper as remote_helper
from mmexplorer.kernel.remote.helper import ANSWER_SECONDS, Helper
from mmexplorer.kernel.remote.mounts import Remote, remote
from mmexplorer.model.elf.image import ElfImage
from mmexplorer.model.region import Region
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.source import Request
from mmexplorer.model.unavailable import Cause, Unavailable
from tests.support.live import address_space
from tests.support.patience import PATIENCE
from tests.support.specimens.children import at_rest, until
from tests.support.specimens.fuse_mount import FuseMount, fuse_mount, mapper


def _patient() -> Any:
    """Let it take longer than a second to answer, as it may on a busy machine."""
    return mock.patch.object(remote_helper, "ANSWER_SECONDS", PATIENCE)


def look(pid: int) -> AddressSpace:
    procfs = LiveProcfs()
    space = read_address_space(procfs, ElfCache(procfs), pid, Request(counters_now=True))
    assert isinstance(space, AddressSpace)
    return space


def region_of(space: AddressSpace, mount: FuseMount) -> Region:
    return next(region for region in space.regions if region.path == str(mount.file))


def test_a_helper_that_waits_is_given_up_after_a_second_and_found_to_answer_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    helper = Helper(Remote((0, 0), "NFS mount /x"))
    with _patient():
        opened = helper.open(sys.executable)
        assert isinstance(opened, OpenFile)
        assert opened.read(0, 4) == b"\x7fELF"
        assert opened.read(0, opened.size) == Path(sys.executable).read_bytes()
    child = helper._child
    assert child is not None
    os.kill(child._process.pid, signal.SIGSTOP)
    start = time.monotonic()
    refused = helper.open(sys.executable)
    assert ANSWER_SECONDS <= time.monotonic() - start < ANSWER_SECONDS + PATIENCE
    assert refused == Unavailable(Cause.NO_ANSWER, "does not answer (NFS mount /x)")
    with pytest.raises(OSError, match="does not answer"):
        opened.read(4, 4)
    waited: list[float] = []

    def comes_within(seconds: float) -> bool:
        waited.append(seconds)
        return False

    monkeypatch.setattr(child, "_comes_within", comes_within)
    assert helper.open(sys.executable) == refused
    assert waited == [0], "it waited again"
    monkeypatch.undo()
    os.kill(child._process.pid, signal.SIGCONT)
    until(child.answered)
    with _patient():
        assert isinstance(helper.open(sys.executable), OpenFile)
    helper.end()


def test_a_helper_that_is_killed_is_replaced() -> None:
    helper = Helper(Remote((0, 0), "NFS mount /x"))
    with _patient():
        assert isinstance(helper.open(sys.executable), OpenFile)
        assert helper._child is not None
        helper._child._process.kill()
        helper._child._process.wait()
        assert isinstance(helper.open(sys.executable), Unavailable)
        assert isinstance(helper.open(sys.executable), OpenFile)
        assert helper.open("/nowhere") == open_regular("/nowhere")
        assert helper.open("/dev/null") == open_regular("/dev/null")
    helper.end()


def test_the_machine_s_own_files_are_opened_directly(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"], cwd=tmp_path) as process:
        at_rest(process.pid)
        space = address_space(process.pid)
        process.kill()
    assert isinstance(space, AddressSpace)
    assert any(region.inode for region in space.regions)
    assert all(remote(LiveProcfs(), os.getpid(), region) is None for region in space.regions if region.inode)


@pytest.mark.root("mounts a file system in FUSE")
def test_files_of_a_file_system_that_answers_are_read_like_others(tmp_path: Path) -> None:
    with _patient(), fuse_mount(tmp_path / "mnt") as mount, mapper(mount) as process:
        space = look(process.pid)
        region = region_of(space, mount)
        found = remote(LiveProcfs(), process.pid, region)
        assert found is not None
        assert found.name == f"FUSE mount {mount.folder}"
        assert region.file is not None
        image = space.files[region.file]
        assert isinstance(image, ElfImage)
        assert image.opened_via == "map_files"
        assert [segment.vaddr for segment in image.segments] == _addresses(sys.executable)


@pytest.mark.root("mounts a file system in FUSE")
@pytest.mark.parametrize("how", ["wait", "read"])
def test_only_the_file_of_a_dead_file_system_is_missing(tmp_path: Path, how: str) -> None:
    with fuse_mount(tmp_path / "mnt") as mount, mapper(mount) as process:
        mount.stop(how)
        start = time.monotonic()
        space = look(process.pid)
        assert time.monotonic() - start < ANSWER_SECONDS + PATIENCE
        region = region_of(space, mount)
        reason = Unavailable(Cause.NO_ANSWER, f"does not answer (FUSE mount {mount.folder})")
        assert region.file is not None
        assert space.files[region.file] == reason
        others = {file: image for file, image in space.files.items() if file != region.file}
        assert any(isinstance(image, ElfImage) for image in others.values())
        for arguments in (["maps"], ["maps", "--json"], ["elf", "-p"]):
            done = _command(*arguments, str(process.pid))
            assert done.returncode == 0, done.stderr
            assert str(mount.file) in done.stdout
        assert reason.reason in done.stdout
        assert json.loads(_command("maps", "--json", str(process.pid)).stdout)["pid"] == process.pid


@pytest.mark.root("mounts a file system in FUSE")
def test_a_named_file_of_a_dead_file_system_is_a_sentence(tmp_path: Path) -> None:
    with fuse_mount(tmp_path / "mnt") as mount:
        link = tmp_path / "link"
        link.symlink_to(mount.file)

        def is_told() -> bool:
            """Return whether it answered: on a busy machine a second may not be enough."""
            whole = _command("elf", str(link), "--json")
            return whole.returncode == 0 and json.loads(whole.stdout)["path"] == str(link)

        until(is_told)
        mount.stop()
        reason = f"does not answer (FUSE mount {mount.folder})"
        for arguments in (["elf", str(mount.file)], ["symbols", str(link)], ["users", str(link)], ["grow", str(link)]):
            done = _command(*arguments)
            assert (done.returncode, done.stdout) == (1, ""), arguments
            assert reason in done.stderr


@pytest.mark.root("mounts a file system in FUSE")
def test_a_file_system_whose_program_ended_leaves_no_descriptor_open(tmp_path: Path) -> None:
    with fuse_mount(tmp_path / "mnt") as mount:
        mount.file.stat()
        descriptor = os.open(mount.file, os.O_PATH)
        mount.end()
        before = set(os.listdir("/proc/self/fd"))  # noqa: PTH208 - names
        refused = open_regular(f"/proc/self/fd/{descriptor}")
        assert isinstance(refused, Unavailable)
        assert "not connected" in refused.reason
        assert set(os.listdir("/proc/self/fd")) <= before  # noqa: PTH208 - names
        os.close(descriptor)


def _addresses(path: str) -> list[int]:
    image = ElfCache().open_path(path)
    assert isinstance(image, ElfImage)
    return [segment.vaddr for segment in image.segments]


def _command(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "mmexplorer", *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
