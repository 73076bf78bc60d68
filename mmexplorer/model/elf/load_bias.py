"""Where an ELF file was loaded: the load biases, by a vote of the regions that map it.

A region that maps bytes of one LOAD votes for the bias that would put them there. The offset alone is ambiguous:
neighbouring segments can share a page of the file, and a tool may map parts of a library as data. So a bias is accepted
only if at least half of the LOADs are found where it puts them, and each region supports one bias only. A file loaded
several times has several biases (kernel/README.md, "ELF and regions").
"""

from collections.abc import Collection, Iterable, Sequence

from mmexplorer.model.elf.image import ElfImage, Segment, page_ceil, page_floor
from mmexplorer.model.elf.layout import ADDRESS_MASK
from mmexplorer.model.region import Region
from mmexplorer.model.value import NamedTuple


class FilePart(NamedTuple):
    """The file pages that a LOAD maps, and its virtual address."""

    segment: int
    """Its index in the program-header table."""
    offset: int
    """In the file, from the file's start even for an ELF inside an archive; rounded down to a page."""
    end: int
    """Rounded up to a page."""
    address: int
    """p_vaddr, rounded down to a page."""
    flags: str


class _Vote(NamedTuple):
    part: FilePart
    region: Region
    size: int
    """Bytes of the part that the region maps."""


def file_part(image: ElfImage, load: Segment, page_size: int) -> FilePart:
    """Round a LOAD outward to the file pages that mmap(2) has to map for it."""
    offset = image.header_offset + load.offset
    return FilePart(
        segment=load.index,
        offset=page_floor(offset, page_size),
        end=page_ceil(offset + load.filesz, page_size),
        address=page_floor(load.vaddr, page_size),
        flags=load.flags,
    )


def load_biases(
    image: ElfImage, regions: Iterable[Region], page_size: int, anchors: Collection[int] = ()
) -> tuple[int, ...]:
    """Return the biases at which `image` is loaded: those in `anchors` first, the others ascending.

    `regions` are those that map the file. `anchors` are biases derived from the auxiliary vector: they need one vote
    only.
    """
    parts = [file_part(image, load, page_size) for load in image.loads if load.filesz]
    votes = _votes(parts, regions)
    ranked = sorted(votes, key=lambda bias: (bias not in anchors, *_rank(votes[bias]), bias))
    taken: set[int] = set()
    believed = []
    for bias in ranked:
        evidence = [vote for vote in votes[bias] if vote.region.start not in taken]
        if evidence and (bias in anchors or _convincing(evidence, parts)):
            believed.append(bias)
            taken.update(vote.region.start for vote in evidence)
    return tuple(sorted(believed, key=lambda bias: (bias not in anchors, bias)))


def _votes(parts: Sequence[FilePart], regions: Iterable[Region]) -> dict[int, list[_Vote]]:
    votes: dict[int, list[_Vote]] = {}
    runs = _neighbours(parts)
    for region in regions:
        end = region.offset + region.size
        for run in runs:
            if run[0].offset <= region.offset and end <= run[-1].end:
                bias = (region.start - (region.offset - run[0].offset) - run[0].address) & ADDRESS_MASK
                sizes = [(part, min(part.end, end) - max(part.offset, region.offset)) for part in run]
                votes.setdefault(bias, []).extend(_Vote(part, region, size) for part, size in sizes if size > 0)
    return votes


def _neighbours(parts: Sequence[FilePart]) -> list[list[FilePart]]:
    """Group LOADs that follow each other both in the file and in memory: the kernel merges their mappings.

    patchelf adds such LOADs one after the other, and so every wheel repaired by auditwheel has them.
    """
    runs: list[list[FilePart]] = []
    for part in parts:
        before = runs[-1][-1] if runs else None
        if before and before.offset < part.offset <= before.end and _shift(part) == _shift(before):
            runs[-1].append(part)
        else:
            runs.append([part])
    return runs


def _shift(part: FilePart) -> int:
    return part.address - part.offset


def _rank(votes: Sequence[_Vote]) -> tuple[int, int, int]:
    """Sort by the number of segments, then of regions with the permissions asked for, then of bytes, largest first."""
    return (
        -len({vote.part.segment for vote in votes}),
        -sum(_permissions_agree(vote) for vote in votes),
        -sum(vote.size for vote in votes),
    )


def _permissions_agree(vote: _Vote) -> bool:
    asked = ("R" in vote.part.flags, "W" in vote.part.flags, "E" in vote.part.flags)
    return asked == tuple(letter != "-" for letter in vote.region.perms[:3])


def _convincing(votes: Sequence[_Vote], parts: Sequence[FilePart]) -> bool:
    """Return whether half of the LOADs are each half mapped, and it isn't just one LOAD mapped as data."""
    mapped: dict[int, int] = {}
    for vote in votes:
        mapped[vote.part.segment] = mapped.get(vote.part.segment, 0) + vote.size
    found = [part for part in parts if 2 * mapped.get(part.segment, 0) >= part.end - part.offset]
    if 2 * len(found) < len(parts):
        return False
    return len(found) > 1 or any("x" in vote.region.perms for vote in votes) or not any("E" in p.flags for p in parts)
