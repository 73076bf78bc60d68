"""Opens and reads files for the process that started it, and can wait forever in its place.

Started as `python -I -S child.py`, never imported. It reads one line of JSON per request from standard input, `{"do":
NAME, ...}` with the arguments of the function of that name below, and answers each with one line of JSON on standard
output. A file's bytes follow that line: each piece preceded by its length as a signed four-byte integer; 0 ends them,
and a negative one is the errno of a failure. It ends with its input.
"""

import ctypes
import json
import os
import signal
import struct
import sys
from typing import Any

sys.path.insert(0, os.path.abspath(os.path.join(os.path.dirname(__file__), *[os.pardir] * 3)))  # noqa: PTH100, PTH118, PTH120

from mmexplorer.kernel.files import OpenFile, inode_of, open_regular
from mmexplorer.kernel.files_below import inode_below, open_below
from mmexplorer.model.unavailable import Unavailable

_PIECE = 1 << 20
_PR_SET_PDEATHSIG = 1

_files: dict[int, OpenFile] = {}


def main() -> None:
    """Serve until the input ends; end with the process that started it, even while waiting."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    for line in sys.stdin.buffer:
        request = json.loads(line)
        if request["do"] == "read":
            _read(request["handle"], request["offset"], request["length"])
        else:
            _say(_DOES[request["do"]](request))


def _open(request: dict[str, Any]) -> dict[str, Any]:
    root, path = request["root"], request["path"]
    opened = open_regular(path, request["wanted"]) if root is None else open_below(root, path)
    if isinstance(opened, Unavailable):
        return {"cause": opened.cause.value, "reason": opened.reason, "remedy": opened.remedy}
    _files[request["handle"]] = opened
    return {"identity": opened.identity}


def _inode(request: dict[str, Any]) -> dict[str, Any]:
    root, path = request["root"], request["path"]
    return {"inode": inode_of(path) if root is None else inode_below(root, path)}


def _close(request: dict[str, Any]) -> dict[str, Any]:
    if opened := _files.pop(request["handle"], None):
        opened.close()
    return {}


_DOES = {"open": _open, "inode": _inode, "close": _close}


def _read(handle: int, offset: int, length: int) -> None:
    end = offset + length
    try:
        while offset < end and (piece := _files[handle].read(offset, min(_PIECE, end - offset))):
            _send(struct.pack("=i", len(piece)) + piece)
            offset += len(piece)
    except OSError as error:
        _send(struct.pack("=i", -(error.errno or 1)))
    else:
        _send(struct.pack("=i", 0))


def _say(answer: dict[str, Any]) -> None:
    _send(json.dumps(answer).encode() + b"\n")


def _send(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
