"""What R and W of Explore do: they ask for a file, and have it written."""

from collections.abc import Callable

from textual.screen import Screen

from mmexplorer.model.process import Process
from mmexplorer.model.source import Recorder
from mmexplorer.present.text.clean import clean
from mmexplorer.ui.explore.capture.recording import RECORD, WRITE, Recording
from mmexplorer.ui.explore.poller import ExplorePoller
from mmexplorer.ui.widgets.prompt import Prompt

_NO_NAME = "it needs a name"


class RecordingControls:
    """Owned by the screen; without a recorder there is nothing to be written."""

    def __init__(
        self, screen: Screen[None], recorder: Recorder | None, poller: ExplorePoller, wake: Callable[[], None]
    ) -> None:
        self._screen = screen
        self._recording = Recording(recorder, poller, wake, self._tell) if recorder is not None else None

    @property
    def can_record(self) -> bool:
        """Whether there is something that writes."""
        return self._recording is not None

    @property
    def status(self) -> str:
        """Write how far it is, for the header; "" where nothing is recorded."""
        return self._recording.status if self._recording is not None else ""

    def look(self) -> None:
        """Tell of it if the file could be written no further."""
        if self._recording is not None:
            self._recording.look()

    def record(self, process: Process | None) -> None:
        """Ask for the file that is written from now on; end it, if one is written."""
        if self._recording is not None and self._recording.path:
            self._screen.run_worker(self._recording.stop(), group="record")
        else:
            self._ask(RECORD, "record into", process)

    def write_recent(self, process: Process | None) -> None:
        """Ask for the file that the last minutes are written into."""
        self._ask(WRITE, "write the last minutes into", process)

    def start(self, path: str) -> str:
        """Write every moment from now on into the file that was named; give what is wrong with its name, or ""."""
        if not path.strip():
            return _NO_NAME
        if self._recording is not None:
            self._screen.run_worker(self._recording.start(path.strip()), group="record")
        return ""

    def write(self, path: str) -> str:
        """Write the last minutes into the file that was named; give what is wrong with its name, or ""."""
        if not path.strip():
            return _NO_NAME
        if self._recording is not None:
            self._screen.run_worker(self._recording.write(path.strip()), group="record")
        return ""

    def _ask(self, subject: str, label: str, process: Process | None) -> None:
        if self._recording is not None and process is not None:
            name = self._recording.suggested(f"{process.name}-{process.pid}")
            self._screen.query_one(Prompt).ask(subject, label, name, "a file that isn't there yet")

    def _tell(self, message: str, *, error: bool) -> None:
        self._screen.notify(clean(message), severity="error" if error else "information", markup=False)
