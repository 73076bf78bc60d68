"""Whether processes are hidden from us: `proc(5)`, the mount option hidepid."""

import os

from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.parse.process.mountinfo import proc_hides


def hides_processes() -> bool:
    """Return whether /proc hides other users' processes from us, ignoring groups and capabilities that may see them."""
    mounts = LiveProcfs().read("self/mountinfo") if os.geteuid() else b""
    return not isinstance(mounts, Unavailable) and proc_hides(mounts)
