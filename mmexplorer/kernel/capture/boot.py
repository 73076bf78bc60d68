"""Identifies the boot of the machine that a source shows."""

from mmexplorer.kernel.capture.replay import ReplayProcfs
from mmexplorer.kernel.source import Source


def boot_of(source: Source) -> str:
    """Return an identifier of the boot; "" if the source has none."""
    if isinstance(source.procfs, ReplayProcfs):
        return source.procfs.moments.manifest.boot_id
    text = source.procfs.read("sys/kernel/random/boot_id")
    return text.decode("ascii", "replace").strip() if isinstance(text, bytes) else ""
