"""Chooses the inspector for a process found in a file."""

from mmexplorer.kernel.capture.core.inspector import CoreInspector
from mmexplorer.kernel.capture.core.source import CoreMemory
from mmexplorer.kernel.capture.named_files import FileInspector
from mmexplorer.kernel.source import Source
from mmexplorer.model.memory.inspection import Inspector
from mmexplorer.model.unavailable import Cause, Unavailable


def inspector_of_file(source: Source) -> Inspector:
    """Return an inspector: for a core, of its bytes and files; for a capture or text, of the mapped files only."""
    if source.core is not None and isinstance(source.memory, CoreMemory):
        return CoreInspector(source.core, source.memory)
    kept = "the map and its counters" if source.kind == "capture" else "the map"
    reason = f"a {source.kind} has {kept}, no pages and no bytes: this needs a live process"
    return FileInspector(Unavailable(Cause.UNSUPPORTED, reason))
