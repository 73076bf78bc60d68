"""A command under seccomp, as in a container: `python -m tests.support.specimens.filtered ERRNO NR,NR... COMMAND`.

The system calls with these numbers fail with ERRNO. `ioctl:TYPE` means the ioctls of one type letter.
"""

import ctypes
import os
import struct
import sys

_LOAD, _EQUAL, _AND, _RETURN = 0x20, 0x15, 0x54, 0x06
_NUMBER, _REQUEST = 0, 24
_IOCTL, _TYPE_BITS = 16, 0xFF00
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER = 38, 22, 2


class _Program(ctypes.Structure):
    """`struct sock_fprog`."""

    _fields_ = (("len", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def _step(code: int, operand: int, if_equal: int = 0, if_not: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_equal, if_not, operand)


def _refuse(call: str, error: int) -> bytes:
    """Return the filter that refuses one call with `error`, and continues after itself for all others."""
    end = _step(_RETURN, _ERRNO | error)
    if call.startswith("ioctl:"):
        asked = _step(_LOAD, _REQUEST) + _step(_AND, _TYPE_BITS) + _step(_EQUAL, ord(call[-1]) << 8, 0, 1) + end
        return _step(_EQUAL, _IOCTL, 0, 4) + asked
    return _step(_EQUAL, int(call), 0, 1) + end


def main() -> None:
    """Install the filter and exec the command."""
    error, calls, command = int(sys.argv[1]), sys.argv[2].split(","), sys.argv[3:]
    steps = b"".join(_step(_LOAD, _NUMBER) + _refuse(call, error) for call in calls) + _step(_RETURN, _ALLOW)
    text = ctypes.create_string_buffer(steps)
    program = _Program(len(steps) // 8, ctypes.addressof(text))
    libc = ctypes.CDLL(None, use_errno=True)
    unchanged = libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if unchanged or libc.prctl(_PR_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0):
        sys.exit(f"no seccomp here: {os.strerror(ctypes.get_errno())}")
    os.execvp(command[0], command)  # noqa: S606 - what the test names


if __name__ == "__main__":
    main()
