"""An ELF file loaded by a process in JSON (`mmexplorer elf -p PID --json`)."""

from mmexplorer.model.elf.image import Segment
from mmexplorer.model.elf.layout import LoadedImage, run_time_range
from mmexplorer.present.json.document import record
from mmexplorer.present.json.elf import image_fields, segment_fields
from mmexplorer.present.text.format import hexadecimal


def loaded_json(loaded: LoadedImage, page_size: int) -> dict[str, object]:
    """Return a loaded file, including its load bias and the pages in memory of each LOAD."""
    segments = [segment_fields(segment) | _run_time(loaded, segment, page_size) for segment in loaded.image.segments]
    return record(image_fields(loaded.image, segments, page_size) | {"load_bias": hexadecimal(loaded.load_bias)})


def _run_time(loaded: LoadedImage, segment: Segment, page_size: int) -> dict[str, object]:
    if segment.type != "LOAD":
        return {}
    pages = run_time_range(loaded, segment, page_size)
    return {"start": hexadecimal(pages.start), "end": hexadecimal(pages.end)}
