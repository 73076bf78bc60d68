"""Who reads on demand, by where a process was found."""

from mmexplorer.kernel.capture.core.inspector import CoreInspector
from mmexplorer.kernel.capture.core.source import CoreMemory
from mmexplorer.kernel.capture.named_files import FileInspector
from mmexplorer.kernel.source import Source
from mmexplorer.model.memory.inspection import Inspector
from mmexplorer.model.unavailable import Cause, Unavailable


def inspector_of_file(source: Source) -> Inspector:
    """Return what tells of a core what it has, and of a capture and a text what the mapped files tell."""
    if source.core is not None and isinstance(source.memory, CoreMemory):
        return CoreInspector(source.core, source.memory)
    kept = "the map and its counters" if source.kind == "capture" else "the map"
    reason = f"a {source.kind} has {kept}, no pages and no bytes: this needs a live process"
    return FileInspector(Unavailable(Cause.UNSUPPORTED, reason))
