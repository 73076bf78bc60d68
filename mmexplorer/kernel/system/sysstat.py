"""What sar(1) says about itself and the machine: its version decides what it calls kbmemused (model/system/sar.py)."""

import os
import re
import subprocess

from mmexplorer.model.system.sar import Host

_VERSION = re.compile(r"sysstat version ([0-9]{1,4}(?:\.[0-9]{1,4}){1,3})")
_PATIENCE = 2.0
"""Seconds."""


def sar_version(program: str = "sar") -> tuple[int, ...] | None:
    """Ask `sar -V`; None where there is no sar, or none that answers."""
    try:
        answer = subprocess.run([program, "-V"], capture_output=True, timeout=_PATIENCE, check=False, text=True)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = _VERSION.search(answer.stdout + answer.stderr)
    return tuple(int(part) for part in found.group(1).split(".")) if found else None


def read_host() -> Host:
    """Look up what sar's first line names."""
    system = os.uname()
    return Host(system.release, system.nodename, system.machine, os.cpu_count() or 1)
