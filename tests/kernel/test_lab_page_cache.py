"""The page-cache lab compared with fincore(1), and its file, which is removed however the lab ends."""

import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mmexplorer.kernel.lab import requirements
from mmexplorer.kernel.lab.child_process import LabChild
from mmexplorer.kernel.lab.player import Session
from mmexplorer.kernel.lab.requirements import disk_folder, lacking, lacking_disk
from mmexplorer.labs.chapter.page_cache import LAB
from mmexplorer.labs.lab import MIB, Limits
from mmexplorer.labs.operations import close_file, drop_cache, fsync, read_file, ready, temporary_file, write_file
from mmexplorer.labs.protocol import LabReply
from tests.support.pilots.lab_players import failures

FOLDER = disk_folder()


@pytest.fixture
def lab() -> Iterator[LabChild]:
    process = LabChild(Limits(touched=16 * MIB), folder=FOLDER)
    process.start()
    assert process.ask(ready()).ok
    yield process
    process.close()


def files_of(pid: int | None) -> list[Path]:
    """Return the open files of the process that are on a disk."""
    return [entry for entry in Path(f"/proc/{pid}/fd").iterdir() if str(entry.readlink()).startswith(FOLDER)]


def resident(file: Path) -> int:
    done = subprocess.run(
        ["fincore", "--bytes", "--noheadings", "--output", "RES", str(file)], capture_output=True, text=True, check=True
    )
    return int(done.stdout)


@pytest.mark.oracle
def test_what_is_in_the_page_cache_is_what_fincore_sees(lab: LabChild) -> None:
    assert lab.ask(temporary_file("file")).ok
    (file,) = files_of(lab.pid)

    def agrees(reply: LabReply) -> bool:
        """Compare the two; retried until equal, because the kernel may release pages in between."""
        assert reply.ok, reply.error
        return reply.figures["file_cached"] == resident(file)

    assert until_same(agrees, lambda: lab.ask(write_file("file", MIB)))
    assert until_same(agrees, lambda: lab.ask(fsync("file")))
    assert until_same(agrees, lambda: lab.ask(drop_cache("file")))
    assert until_same(agrees, lambda: lab.ask(read_file("file")))


def until_same(agrees: Callable[[LabReply], bool], ask: Callable[[], LabReply]) -> bool:
    return any(agrees(ask()) for _ in range(5))


def test_the_file_has_no_name_and_closing_it_removes_it(lab: LabChild) -> None:
    assert lab.ask(temporary_file("file")).ok
    (file,) = files_of(lab.pid)
    assert str(file.readlink()).endswith(" (deleted)")
    assert file.stat().st_nlink == 0
    assert lab.ask(write_file("file", MIB)).ok
    assert file.stat().st_ino not in {entry.inode() for entry in os.scandir(FOLDER)}
    assert lab.ask(close_file("file")).figures == {"files_open": 0}
    assert files_of(lab.pid) == []


def test_a_disk_that_refuses_is_a_sentence(lab: LabChild) -> None:
    assert lab.ask(temporary_file("file")).ok
    resource.prlimit(lab.pid or 0, resource.RLIMIT_FSIZE, (MIB, MIB))
    refused = lab.ask(write_file("file", 2 * MIB))
    assert (refused.ok, refused.error) == (False, "File too large")
    assert lab.ask(close_file("file")).ok, "it lives on"


def test_it_writes_no_more_than_it_may(lab: LabChild) -> None:
    assert lab.ask(temporary_file("file")).ok
    assert lab.ask(write_file("file", 17 * MIB)).error.startswith("the lab process may touch 16M in all")


def test_a_step_of_the_lab_leaves_the_file_to_the_process_alone() -> None:
    session = Session(LAB)
    try:
        outcome = session.perform()
        assert outcome is not None
        assert failures(outcome) == []
        assert len(files_of(session.pid)) == 1
        assert outcome.figures["rss_change"] < MIB, "the cache is not in the process"
    finally:
        session.close()


def test_a_tmpfs_is_no_disk_and_without_one_the_lab_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr(requirements, "_FOLDERS", ("/dev/shm", "/nowhere", "/proc"))
    lack = lacking(LAB)
    assert lack is not None
    assert lack.reason == "no directory for temporary files is on a disk and supports O_TMPFILE; set TMPDIR to one"


def test_a_disk_that_is_nearly_full_is_said_before_the_first_step() -> None:
    assert lacking_disk(MIB) == ""
    assert lacking_disk(1 << 60).startswith(f"{FOLDER} has ")
