"""Recording to a file: done between two polls, with notifications."""

import asyncio

from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.ui.explore.capture.recording import Recording
from mmexplorer.ui.explore.poller import ExplorePoller
from tests.support.fakes.machine import machine
from tests.support.fakes.source import FakeSource

FULL = Unavailable(Cause.NOT_READ, "the disk is full")


class FakeRecorder:
    """Writes nothing."""

    def __init__(self, refused: Unavailable | None = None) -> None:
        self.refused = refused
        self.asked: list[str] = []
        self.recorded: int | None = None
        self.failure: Unavailable | None = None

    def write_recent(self, path: str) -> Unavailable | None:
        self.asked.append(f"write {path}")
        return self.refused

    def start(self, path: str) -> Unavailable | None:
        self.asked.append(f"start {path}")
        self.recorded = 1 if self.refused is None else None
        return self.refused

    def stop(self) -> Unavailable | None:
        self.asked.append("stop")
        self.recorded = None
        return None


class Desk:
    """A recording whose poller runs when woken."""

    def __init__(self, refused: Unavailable | None = None) -> None:
        self.recorder = FakeRecorder(refused)
        self.poller = ExplorePoller(FakeSource(machine()), None)
        self.told: list[tuple[str, bool]] = []
        self.recording = Recording(self.recorder, self.poller, self.look, self.tell)

    def look(self) -> None:
        self.poller.poll()

    def tell(self, message: str, *, error: bool) -> None:
        self.told.append((message, error))


def test_a_recording_begins_and_ends_by_the_thread_that_looks() -> None:
    it = Desk()
    asyncio.run(it.recording.start("x.mmx"))
    assert it.recorder.asked == ["start x.mmx"]
    assert it.recording.status == "● recording 1"
    asyncio.run(it.recording.stop())
    assert it.recording.status == it.recording.path == ""
    assert [error for _, error in it.told] == [False, False]


def test_what_is_refused_is_told_and_nothing_is_recorded() -> None:
    it = Desk(FULL)
    asyncio.run(it.recording.start("x.mmx"))
    asyncio.run(it.recording.write("y.mmx"))
    assert it.told == [("x.mmx: the disk is full", True), ("y.mmx: the disk is full", True)]
    assert it.recording.path == ""


def test_a_file_that_could_be_written_no_further_is_told_once() -> None:
    it = Desk()
    asyncio.run(it.recording.start("x.mmx"))
    it.recorder.recorded, it.recorder.failure = None, FULL
    it.recording.report_failure()
    it.recording.report_failure()
    assert it.told[1:] == [("x.mmx: the disk is full; what was written can be opened", True)]


def test_a_suggested_name_leads_nowhere_else() -> None:
    name = Desk().recording.suggested("../a b/\x1b-7")
    assert "/" not in name
    assert not name.startswith(".")
    assert name.isprintable()
