"""The output of readelf(1) as values to compare with."""

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_HEADER = re.compile(r"^  (Class|Data|Type|Machine|Entry point address): +(.*)$", re.MULTILINE)
_SECTION = re.compile(
    r"^  \[ *(\d+)\] (.*?) +(\S+) +([0-9a-f]{8,16}) ([0-9a-f]{6,}) ([0-9a-f]{6,}) ([0-9a-f]{2,}) +([A-Za-z]*) +(\d+)"
    r" +(\d+) +(\d+)$",
    re.MULTILINE,
)
_SEGMENT = re.compile(r"^  (\S+) +" + r"0x([0-9a-f]+) " * 5 + r"([R ][W ][E ]) (?:0x)?([0-9a-f]+)$", re.MULTILINE)
_MAPPING = re.compile(r"^   (\d\d+) {5}(.*)$", re.MULTILINE)
_INTERP = re.compile(r"\[Requesting program interpreter: (.*)\]$", re.MULTILINE)

_MACHINES = {
    "Advanced Micro Devices X86-64": "X86_64",
    "Intel 80386": "386",
    "AArch64": "AARCH64",
    "ARM": "ARM",
    "PowerPC": "PPC",
    "Linux BPF": "BPF",
    "RISC-V": "RISCV",
}
_OS_SEGMENTS = 0x60000000


class Told(NamedTuple):
    """readelf's view of a file."""

    header: tuple[str, str, str, str, int]
    """Class, data, type, machine, entry."""
    interp: str | None
    segments: list[tuple[str, int, int, int, int, int, str, int]]
    """Type, offset, vaddr, paddr, filesz, memsz, flags, align."""
    sections: list[tuple[int, str, str, int, int, int, int, str, int, int, int]]
    """Index, name, type, address, offset, size, entsize, flags, link, info, align."""
    mapping: list[list[str]]


def readelf(paths: Sequence[str], batch: int = 60) -> Iterator[tuple[str, Told]]:
    """Run `readelf -hlSW` over at least two files."""
    for start in range(0, len(paths), batch):
        # For a single file, readelf prints no "File:" line.
        some = [*paths[start : start + batch], "/proc/self/exe"]
        output = subprocess.run(
            ["readelf", "-hlSW", *some], capture_output=True, check=False, env={**os.environ, "LC_ALL": "C"}
        ).stdout.decode("utf-8", "surrogateescape")
        texts = re.split(r"^\nFile: .*\n", output, flags=re.MULTILINE)[1:]
        for path, text in zip(some[:-1], texts, strict=False):
            yield path, _told(text)


def _told(text: str) -> Told:
    found = dict(_HEADER.findall(text))
    interp = _INTERP.search(text)
    return Told(
        header=(
            found["Class"],
            "2LSB" if "little" in found["Data"] else "2MSB",
            found["Type"].split(" ")[0],
            _MACHINES[found["Machine"]],
            int(found["Entry point address"], 16),
        ),
        interp=interp[1] if interp else None,
        segments=[
            (_segment_type(kind), *(int(number, 16) for number in numbers), flags.strip(), int(align, 16))
            for kind, *numbers, flags, align in _SEGMENT.findall(text)
        ],
        sections=[
            (int(i), name, kind, *(int(n, 16) for n in numbers), flags, int(link), int(info), int(align))
            for i, name, kind, *numbers, flags, link, info, align in _SECTION.findall(text)
        ],
        mapping=[names.split() for _, names in _MAPPING.findall(text)],
    )


def _segment_type(name: str) -> str:
    if name.startswith("LOOS+"):
        return f"{_OS_SEGMENTS + int(name.removeprefix('LOOS+'), 16):#x}"
    return name
