"""Uses a separate process for each file system that may not respond, and waits for it no longer than a second.

A process that still waits is left alone: if its answer finally arrives, the file system responds again.
"""

import contextlib
import itertools
import json
import os
import select
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

from mmexplorer.kernel.errors import unavailable
from mmexplorer.kernel.files import Identity, Inode, OpenFile
from mmexplorer.kernel.remote.mounts import Remote
from mmexplorer.model.typed import Any
from mmexplorer.model.unavailable import Cause, Unavailable

ANSWER_SECONDS = 1.0
"""The limit until something arrives; a slow server that keeps sending is not given up."""
_REAP_SECONDS = 0.2
"""The limit until a child that was killed has ended; one that can't be killed yet is left to the kernel."""
_PROGRAM = os.path.join(os.path.dirname(__file__), "child.py")  # noqa: PTH118, PTH120 - a str for argv
_HELPERS_AT_MOST = 16
_CHUNK = 1 << 16
_LENGTH = struct.Struct("=i")


class NoAnswerError(OSError):
    """The file system didn't respond in time; the message names it."""


class _Child:
    """The process and its answers. Raises TimeoutError, and EOFError once it has ended."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd="/",
            start_new_session=True,
        )
        assert self._process.stdout is not None  # noqa: S101 - a PIPE; for the type checker
        self._answers = self._process.stdout
        self._buffer = bytearray()

    def send(self, request: dict[str, Any]) -> None:
        """Send a request; doesn't block, since the child reads whenever no answer is pending."""
        assert self._process.stdin is not None  # noqa: S101 - a PIPE; for the type checker
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
        except OSError as error:
            raise EOFError from error

    def line(self) -> dict[str, Any]:
        """Wait for an answer."""
        while b"\n" not in self._buffer:
            self._more()
        line, _, self._buffer = self._buffer.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def piece(self) -> bytes:
        """Wait for the next bytes of a file; empty at the end. Raises OSError, also for the child's errno."""
        (length,) = _LENGTH.unpack(self._take(_LENGTH.size))
        if length < 0:
            raise OSError(-length, os.strerror(-length))
        return self._take(length)

    def _take(self, length: int) -> bytes:
        while len(self._buffer) < length:
            self._more()
        taken = bytes(self._buffer[:length])
        del self._buffer[:length]
        return taken

    def answered(self) -> bool:
        """Return whether there is something to read, even just the end."""
        return self._comes_within(0)

    def _comes_within(self, seconds: float) -> bool:
        # Not select(2): it can't handle descriptors above 1,023, and thousands of /proc files are kept open.
        waiting = select.poll()
        waiting.register(self._answers, select.POLLIN)
        return bool(waiting.poll(1000 * seconds))

    def _more(self) -> None:
        if not self._comes_within(ANSWER_SECONDS):
            raise TimeoutError
        data = self._answers.read(_CHUNK)
        if not data:
            raise EOFError
        self._buffer += data

    def end(self) -> None:
        """Kill it, and wait briefly."""
        self._process.kill()
        for pipe in (self._process.stdin, self._answers):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_REAP_SECONDS)


class Helper:
    """Opens the files of one file system, for any thread."""

    def __init__(self, on: Remote) -> None:
        self._on = on
        self._lock = threading.Lock()
        self._child: _Child | None = None
        self._waits = False
        self._handles = itertools.count()
        self.used = time.monotonic()

    def open(self, path: str, root: str | None = None, wanted: str = "an ELF file") -> OpenFile | Unavailable:
        """Open the regular file at `path`, as seen by a process whose root directory is `root`."""
        handle = next(self._handles)
        try:
            answer = self._ask({"do": "open", "handle": handle, "path": path, "root": root, "wanted": wanted})
        except NoAnswerError as error:
            return Unavailable(Cause.NO_ANSWER, str(error))
        except OSError as error:
            return unavailable(error)
        if "identity" in answer:
            return _RemoteFile(self, handle, Identity(*answer["identity"]))
        return Unavailable(Cause(answer["cause"]), answer["reason"], answer["remedy"])

    def inode(self, path: str, root: str | None = None) -> Inode | None:
        """Return a file's device and inode, like `files.inode_of` and `inode_below`. Raises OSError."""
        found = self._ask({"do": "inode", "path": path, "root": root})["inode"]
        return None if found is None else (found[0], found[1])

    def read(self, handle: int, offset: int, length: int) -> bytes:
        """Read from an open file. Raises OSError."""
        with self._lock, self._turn() as child:
            child.send({"do": "read", "handle": handle, "offset": offset, "length": length})
            return b"".join(iter(child.piece, b""))

    def close(self, handle: int) -> None:
        """Close a file if that doesn't block."""
        with contextlib.suppress(OSError):
            self._ask({"do": "close", "handle": handle})

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        with self._lock, self._turn() as child:
            child.send(request)
            return child.line()

    @contextlib.contextmanager
    def _turn(self) -> Iterator[_Child]:
        """Yield the child, or a new one if the last is unusable. Raises OSError."""
        if self._waits and self._child is not None and not self._child.answered():
            raise self._no_answer()
        if self._waits:
            self.end()
        self.used = time.monotonic()
        self._child = self._child or _Child()
        try:
            yield self._child
        except TimeoutError:
            self._waits = True
            raise self._no_answer() from None
        except EOFError:
            self.end()
            raise OSError(0, "the process that looks at this file system ended") from None

    def _no_answer(self) -> NoAnswerError:
        return NoAnswerError(f"does not answer ({self._on.name})")

    def end(self) -> None:
        """End the child; the next request starts another one."""
        child, self._child, self._waits = self._child, None, False
        if child is not None:
            child.end()


class _RemoteFile(OpenFile):
    """A file that a helper has opened."""

    def __init__(self, helper: Helper, handle: int, identity: Identity) -> None:
        self._helper = helper
        self._handle: int | None = handle
        self.identity = identity

    def _read(self, offset: int, length: int) -> bytes:
        assert self._handle is not None  # noqa: S101 - not closed; for the type checker
        return self._helper.read(self._handle, offset, length)

    def close(self) -> None:
        handle, self._handle = self._handle, None
        if handle is not None:
            self._helper.close(handle)


_helpers: dict[Remote, Helper] = {}
_helpers_lock = threading.Lock()


def helper_for(on: Remote) -> Helper:
    """Return the helper of a file system: all readers share what one of them found out."""
    with _helpers_lock:
        if on not in _helpers:
            while len(_helpers) >= _HELPERS_AT_MOST:
                _helpers.pop(min(_helpers, key=lambda each: _helpers[each].used)).end()
            _helpers[on] = Helper(on)
        return _helpers[on]
