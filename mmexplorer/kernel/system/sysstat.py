"""What sar(1) reports about itself and the machine: its version determines kbmemused (model/system/sar.py)."""

import os
import re
import stat
import subprocess

from mmexplorer.model.system.sar import Host

_VERSION = re.compile(r"sysstat version ([0-9]{1,4}(?:\.[0-9]{1,4}){1,3})")
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_PATIENCE = 2.0
"""Seconds."""


_SYSTEM_PATH = ("/usr/bin", "/bin", "/usr/local/bin")


def sar_version(program: str = "sar") -> tuple[int, ...] | None:
    """Ask `sar -V`; None if there is no sar, or it doesn't answer.

    As root, only a program in the system's own folders that only root can change is run, whatever PATH says.
    """
    if os.geteuid() == 0:
        trusted = _of_the_system(program)
        if trusted is None:
            return None
        program = trusted
    try:
        answer = subprocess.run([program, "-V"], capture_output=True, timeout=_PATIENCE, check=False, text=True)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = _VERSION.search(answer.stdout + answer.stderr)
    return tuple(int(part) for part in found.group(1).split(".")) if found else None


def _of_the_system(program: str) -> str | None:
    return next((path for path in (f"{folder}/{program}" for folder in _SYSTEM_PATH) if _only_roots(path)), None)


def _only_roots(path: str) -> bool:
    real = os.path.realpath(path)
    places = [real, *(real[:at] or "/" for at, letter in enumerate(real) if letter == "/")]
    try:
        statuses = [os.stat(place) for place in places]  # noqa: PTH116 - a str
    except OSError:
        return False
    return all(status.st_uid == 0 and not status.st_mode & _OTHERS_WRITE for status in statuses)


def read_host() -> Host:
    """Look up the contents of sar's first line."""
    system = os.uname()
    return Host(system.release, system.nodename, system.machine, os.cpu_count() or 1)
