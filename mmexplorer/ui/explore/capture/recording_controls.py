"""The keys `R` and `W` of Explore: ask for a file and write to it."""

from collections.abc import Callable
from functools import partial

from textual.screen import Screen

from mmexplorer.model.process.process import Process
from mmexplorer.model.source import Recorder
from mmexplorer.present.text.clean import clean
from mmexplorer.ui.explore.capture.recording import RECORD, WRITE, Recording
from mmexplorer.ui.explore.poller import ExplorePoller
from mmexplorer.ui.widgets.prompt import Prompt
from mmexplorer.ui.workers import start_worker

_NO_NAME = "it needs a name"


class RecordingControls:
    """Controls the recording, if there is a recorder. Owned by the screen."""

    def __init__(
        self, screen: Screen[None], recorder: Recorder | None, poller: ExplorePoller, wake: Callable[[], object]
    ) -> None:
        self._screen = screen
        self._recording = Recording(recorder, poller, wake, self._notify) if recorder is not None else None

    @property
    def can_record(self) -> bool:
        """Whether there is a recorder."""
        return self._recording is not None

    @property
    def status(self) -> str:
        """The number of moments recorded, for the header; "" if nothing is being recorded."""
        return self._recording.status if self._recording is not None else ""

    def report_failure(self) -> None:
        """Notify the user if writing the file failed."""
        if self._recording is not None:
            self._recording.report_failure()

    def record(self, process: Process | None) -> None:
        """Ask for a file to record to, or stop recording."""
        if self._recording is not None and self._recording.path:
            start_worker(self._screen, self._recording.stop, group="record")
        else:
            self._ask(RECORD, "record into", process)

    def write_recent(self, process: Process | None) -> None:
        """Ask for a file to write the last minutes to."""
        self._ask(WRITE, "write the last minutes into", process)

    def start(self, path: str) -> str:
        """Record every moment from now on to the named file; return an error in its name, or ""."""
        if not path.strip():
            return _NO_NAME
        if self._recording is not None:
            start_worker(self._screen, partial(self._recording.start, path.strip()), group="record")
        return ""

    def write(self, path: str) -> str:
        """Write the last minutes to the named file; return an error in its name, or ""."""
        if not path.strip():
            return _NO_NAME
        if self._recording is not None:
            start_worker(self._screen, partial(self._recording.write, path.strip()), group="record")
        return ""

    def _ask(self, subject: str, label: str, process: Process | None) -> None:
        if self._recording is not None and process is not None:
            name = self._recording.suggested(f"{process.name}-{process.pid}")
            self._screen.query_one(Prompt).ask(subject, label, name, "a file that isn't there yet")

    def _notify(self, message: str, *, error: bool) -> None:
        self._screen.notify(clean(message), severity="error" if error else "information", markup=False)
