"""An ELF file in JSON (`mmexplorer elf --json`), with field names that the README explains."""

from collections.abc import Mapping

from mmexplorer.model.elf.image import ElfImage, LoaderPart, Section, Segment, loader_table
from mmexplorer.present.json.document import record
from mmexplorer.present.text.format import hexadecimal

Object = Mapping[str, object]


def image_json(image: ElfImage, page_size: int) -> dict[str, object]:
    """Return a file. Sections that could not be read are null, with the reason under `unavailable`."""
    return record(image_fields(image, [segment_fields(segment) for segment in image.segments], page_size))


def image_fields(image: ElfImage, segments: list[dict[str, object]], page_size: int) -> dict[str, object]:
    """Return the fields of a file; `segments` are already converted."""
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


def segment_fields(segment: Segment) -> dict[str, object]:
    """Return the fields of a program header."""
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
