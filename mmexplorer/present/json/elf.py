"""How an ELF file stands in JSON (`mmexplorer elf --json`): the program's names, which the README explains."""

from collections.abc import Mapping

from mmexplorer.model.elf.image import ElfImage, LoaderPart, Section, Segment, loader_table
from mmexplorer.model.elf.layout import LoadedImage, run_time_range
from mmexplorer.present.json.document import record
from mmexplorer.present.text.format import hexadecimal

Object = Mapping[str, object]


def image_json(image: ElfImage, page_size: int) -> dict[str, object]:
    """Describe a file. Sections that could not be read are null, with the reason under `unavailable`."""
    return record(_image(image, [_segment(segment) for segment in image.segments], page_size))


def loaded_json(loaded: LoadedImage, page_size: int) -> dict[str, object]:
    """Describe a file that is loaded: also its load bias, and for every LOAD the pages it takes in memory."""
    segments = [_segment(segment) | _run_time(loaded, segment, page_size) for segment in loaded.image.segments]
    return record(_image(loaded.image, segments, page_size) | {"load_bias": hexadecimal(loaded.load_bias)})


def _image(image: ElfImage, segments: list[dict[str, object]], page_size: int) -> dict[str, object]:
    sections = image.sections
    return {
        "path": image.path,
        "class": image.elf_class,
        "data": image.data,
        "type": image.type,
        "machine": image.machine,
        "entry": hexadecimal(image.entry),
        "interp": image.interp,
        "build_id": image.build_id,
        "segments": image.no_segments or segments,
        "sections": [_section(section) for section in sections] if isinstance(sections, tuple) else sections,
        "loader": _loader(image, page_size),
    }


def _segment(segment: Segment) -> dict[str, object]:
    return record(
        {
            "index": segment.index,
            "type": segment.type,
            "offset": hexadecimal(segment.offset),
            "vaddr": hexadecimal(segment.vaddr),
            "paddr": hexadecimal(segment.paddr),
            "filesz": segment.filesz,
            "memsz": segment.memsz,
            "flags": segment.flags,
            "align": segment.align,
            "sections": segment.sections,
        }
    )


def _run_time(loaded: LoadedImage, segment: Segment, page_size: int) -> dict[str, object]:
    if segment.type != "LOAD":
        return {}
    pages = run_time_range(loaded, segment, page_size)
    return {"start": hexadecimal(pages.start), "end": hexadecimal(pages.end)}


def _section(section: Section) -> dict[str, object]:
    return record(
        {
            "index": section.index,
            "name": section.name,
            "type": section.type,
            "address": hexadecimal(section.address),
            "offset": hexadecimal(section.offset),
            "size": section.size,
            "entsize": section.entsize,
            "flags": section.flags,
            "link": section.link,
            "info": section.info,
            "align": section.align,
        }
    )


def _loader(image: ElfImage, page_size: int) -> dict[str, object]:
    table = loader_table(image, page_size)
    return {
        "code": _part(table.code),
        "data": _part(table.data),
        "entry": hexadecimal(table.entry),
        "memory": {"raw": table.memory.raw, "pages": table.memory.pages},
    }


def _part(part: LoaderPart | None) -> Object | None:
    if part is None:
        return None
    return {"offset": hexadecimal(part.offset), "size": part.size, "address": hexadecimal(part.address)}
