"""Converts OSError to Unavailable, in one place. Nothing above the kernel layer ever sees an OSError."""

import errno
import os

from mmexplorer.model.unavailable import Cause, Unavailable

ENDED = Unavailable(Cause.GONE, "the process has ended")
"""Always this object, so that `is` distinguishes it from other reasons for something being gone."""

_GONE = frozenset({errno.ENOENT, errno.ESRCH})
_DENIED = frozenset({errno.EACCES, errno.EPERM})

_ROOT_DENIED = "permission denied, even for root: CAP_SYS_PTRACE is missing, or the kernel shields this process"
_TRACE_REMEDY = "run with sudo, or grant CAP_SYS_PTRACE"
_FILE_REMEDY = "run with sudo"


def cause_of(error: OSError) -> Cause:
    """Return an errno's class. What is neither gone nor denied isn't supported by the kernel, file or device."""
    if error.errno in _GONE:
        return Cause.GONE
    return Cause.DENIED if error.errno in _DENIED else Cause.UNSUPPORTED


def unavailable(error: OSError) -> Unavailable:
    """Say why a file could not be read."""
    cause = cause_of(error)
    remedy = _FILE_REMEDY if cause is Cause.DENIED and os.geteuid() != 0 else ""
    return Unavailable(cause, _words(error), remedy)


def process_unavailable(error: OSError) -> Unavailable:
    """Say why something below /proc/PID could not be read (`ptrace(2)`, "Ptrace access mode checking")."""
    cause = cause_of(error)
    if cause is Cause.GONE:
        return ENDED
    if cause is not Cause.DENIED:
        return Unavailable(cause, _words(error))
    if os.geteuid() == 0:
        # uid 0 never guarantees access: a container's root lacks CAP_SYS_PTRACE, and some PID 1 deny it anyway.
        return Unavailable(cause, _ROOT_DENIED)
    return Unavailable(
        cause, "permission denied: another user's process, or one that shields its memory", _TRACE_REMEDY
    )


def _words(error: OSError) -> str:
    text = os.strerror(error.errno) if error.errno else str(error)
    return text[:1].lower() + text[1:]
