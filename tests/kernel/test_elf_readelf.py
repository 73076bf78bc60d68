"""`elf --json` compared with `readelf -hlSW`."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mmexplorer.kernel.elf.images import ElfCache
from mmexplorer.kernel.machine import page_size
from mmexplorer.model.elf.image import ElfImage
from mmexplorer.present.json.document import document
from mmexplorer.present.json.elf import image_json
from tests.support.oracles.readelf import Told, readelf
from tests.support.specimens.elf_bytes import make_elf
from tests.support.thorough import times

_FOLDERS = ("/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib32", "/usr/libx32", "/usr/libexec", "/usr/local", sys.prefix)
_COUNT = times(600)


def _elf_files() -> Iterator[str]:
    for folder in _FOLDERS:
        for place, folders, names in os.walk(folder):
            folders.sort()
            for name in sorted(names):
                path = f"{place}/{name}"
                if not Path(path).is_symlink() and _is_elf(path):
                    yield path


def _is_elf(path: str) -> bool:
    try:
        with Path(path).open("rb") as file:
            return file.read(4) == b"\x7fELF"
    except OSError:
        return False


def _corpus() -> list[str]:
    files = list(dict.fromkeys(_elf_files()))
    unusual = [path for path in files if "/lib32/" in path or "/libx32/" in path or path.endswith(".o")]
    chosen = files[:: max(1, len(files) // _COUNT)] + unusual[:: max(1, len(unusual) // 100)]
    return list(dict.fromkeys(chosen))


def _ours(image: ElfImage) -> Told:
    """Convert our JSON back to readelf's values."""
    shape = json.loads(document("elf", image_json(image, page_size())))
    assert shape["schema"] == "mmexplorer/elf/1"
    assert shape.get("unavailable") is None
    return Told(
        header=(shape["class"], shape["data"], shape["type"], shape["machine"], int(shape["entry"], 16)),
        interp=shape["interp"],
        segments=[
            (
                each["type"],
                *(int(each[name], 16) for name in ("offset", "vaddr", "paddr")),
                each["filesz"],
                each["memsz"],
                each["flags"],
                each["align"],
            )
            for each in shape["segments"]
        ],
        sections=[
            (
                each["index"],
                each["name"],
                each["type"],
                *(int(each[name], 16) for name in ("address", "offset")),
                *(each[name] for name in ("size", "entsize", "flags", "link", "info", "align")),
            )
            for each in shape["sections"]
        ],
        mapping=[each["sections"] for each in shape["segments"]] if shape["sections"] else [],
    )


def _with_our_types(told: Told) -> Told:
    """Convert an unknown section type, which readelf(1) writes as a range and an offset, to its number."""
    sections = [(each[0], each[1], _section_type(each[2]), *each[3:]) for each in told.sections]
    return told._replace(sections=sections)


def _section_type(name: str) -> str:
    base, _, plus = name.partition("+")
    bases = {"LOOS": 0x60000000, "LOPROC": 0x70000000, "LOUSER": 0x80000000}
    return f"{bases[base] + int(plus, 16):#x}" if base in bases and plus else name


@pytest.mark.oracle
def test_many_files_read_as_readelf_reads_them() -> None:
    corpus = _corpus()
    cache = ElfCache()
    compared = 0
    for path, told in readelf(corpus):
        image = cache.open_path(path)
        assert isinstance(image, ElfImage), (path, image)
        assert _ours(image) == _with_our_types(told), path
        compared += 1
    assert compared == len(corpus) >= times(500)


@pytest.mark.oracle
@pytest.mark.parametrize(("bits", "order", "machine"), [(32, "<", 3), (32, ">", 20), (64, ">", 183), (64, "<", 243)])
def test_files_of_either_class_and_byte_order(tmp_path: Path, bits: int, order: str, machine: int) -> None:
    path = tmp_path / "made"
    path.write_bytes(make_elf(bits, "<" if order == "<" else ">", machine).data)
    image = ElfCache().open_path(str(path))
    assert isinstance(image, ElfImage)
    [(_, told)] = readelf([str(path)])
    assert _ours(image) == told
    assert len(image.segments) == 4
    assert image.build_id == bytes(range(20)).hex()


@pytest.mark.oracle
def test_every_section_flag_has_readelfs_letter(tmp_path: Path) -> None:
    paths = []
    for machine in (3, 40, 62, 20):
        made = make_elf(64, "<", machine)
        for osabi in (0, 3, 9, 97):
            for bit in range(25):  # pairs of bits, up to bit 31
                data = bytearray(made.with_field(made.shoff + 3 * 64 + 8, "Q", 1 << bit | 1 << (bit + 7)))
                data[7] = osabi
                paths.append(tmp_path / f"{machine}-{osabi}-{bit}")
                paths[-1].write_bytes(data)
    cache = ElfCache()
    for path, told in readelf([str(path) for path in paths]):
        image = cache.open_path(path)
        assert isinstance(image, ElfImage)
        assert isinstance(image.sections, tuple)
        assert [section.flags for section in image.sections] == [section[7] for section in told.sections], path
