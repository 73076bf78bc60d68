"""Whether processes are kept from us: `proc(5)`, the mount option hidepid."""

import os

from mmexplorer.kernel.procfs import LiveProcfs
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.parse.mountinfo import proc_hides


def hides_processes() -> bool:
    """Whether /proc keeps other users' processes from us; which groups or capabilities may see them isn't asked."""
    mounts = LiveProcfs().read("self/mountinfo") if os.geteuid() else b""
    return not isinstance(mounts, Unavailable) and proc_hides(mounts)
