"""A translation in JSON: `mmexplorer translate --json`."""

from mmexplorer.model.memory.translation import Translation
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.json.document import document
from mmexplorer.present.text.format import hexadecimal


def translate_document(pid: int, translation: Translation) -> str:
    """Return the document: `frame` is a page frame number, `huge` the size of a huge page in bytes or null."""
    physical = translation.physical
    fields = {
        "pid": pid,
        "address": hexadecimal(translation.address),
        "levels": [{"name": level.name, "index": level.index} for level in translation.levels],
        "frame": translation.frame,
        "physical": physical if isinstance(physical, Unavailable) else hexadecimal(physical),
        "huge": translation.huge,
    }
    return document("translate", fields)
