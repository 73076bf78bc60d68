"""The file with a record of the labs that were played."""

import os
import time

from mmexplorer.commands.shared.exit import CommandFailure
from mmexplorer.kernel.errors import unavailable
from mmexplorer.labs.lab import Lab
from mmexplorer.labs.outcome import Outcome
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.json.lab import LoggedRun, log_document

_NOT_WHOLE = Unavailable(Cause.UNSUPPORTED, "only part of it could be written")


class RunLog:
    """Rewrites the record after each step, so that it is complete however the program ends."""

    def __init__(self, path: str) -> None:
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            raise CommandFailure(f"{path}: it already exists and won't be overwritten") from None
        except OSError as error:
            raise CommandFailure(f"{path}: {unavailable(error)}") from None
        self._runs: list[LoggedRun] = []
        self.error: Unavailable | None = None
        """Why it could not be written."""
        self._write()

    def note(self, lab: Lab, outcome: Outcome) -> None:
        """Record a step; a lab's first step, or one already done, starts a new run."""
        if not self._runs or not self._runs[-1].goes_on(lab, outcome):
            self._runs.append(LoggedRun(lab))
        self._runs[-1].steps.append((time.time(), outcome))
        self._write()

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _write(self) -> None:
        data = f"{log_document(self._runs)}\n".encode()
        try:
            written = os.pwrite(self._file, data, 0)
            os.ftruncate(self._file, written)
            self.error = None if written == len(data) else _NOT_WHOLE
        except OSError as error:
            self.error = unavailable(error)
