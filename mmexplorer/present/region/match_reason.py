"""Why a region is where it is: the program header that put it there, with the arithmetic, or why there is none."""

from collections.abc import Callable, Mapping

from mmexplorer.model.elf.layout import Label, LoadedImage, Match, run_time_address
from mmexplorer.model.region import Region, RegionKind
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.region.address import phrase
from mmexplorer.present.region.row import RegionRow
from mmexplorer.present.text.line import Line, Tone, line, span

_KERNEL_MADE = frozenset({RegionKind.VVAR, RegionKind.VSYSCALL})


def match_reason(match: Match, region: Region) -> str:
    """Explain why `region` is where it is, by the program header it matches. Not cleaned.

    "LOAD #2 of libc.so.6: file 0x1c0000 -> 0x7f3a4c1d0000, bias 0x7f3a4c000000. p_vaddr ..."
    """
    if match.loaded.role == "vdso":
        return _vdso(match, region)
    return f"{_SENTENCES[match.label](match, region)}{_also(match)}"


def no_elf_reason(row: RegionRow, space: AddressSpace) -> Line:
    """Explain why there is no ELF file for `row`."""
    if row.region is None or row.kind is None:
        return line(span("A hole: no region, and so no file.", Tone.DIM))
    if row.kind in _KERNEL_MADE:
        return line(span("The kernel's own memory, mapped into every process: no file.", Tone.DIM))
    file = row.region.file
    if file is None:
        return line(span(f"No file behind it: {phrase(row.kind, row.name)}.", Tone.DIM))
    known = space.files.get(file)
    if isinstance(known, Unavailable):
        return line(span(f"— {row.name}: {known}", Tone.WARN))
    return line(span(f"{row.name} has not been opened yet.", Tone.DIM))


def _segment(match: Match, region: Region) -> str:
    load, pages = match.segment, match.span
    address = run_time_address(match.loaded, load.vaddr)
    text = (
        f"{_place(match, region)}. p_vaddr {load.vaddr:#x} + bias = {address:#x}, {load.memsz:,} bytes in"
        f" memory; rounded outward to pages: {pages.start:#x}-{pages.end:#x}"
    )
    return f"{text}. {permissions}" if (permissions := _permissions(match, region)) else text


def _relro(match: Match, region: Region) -> str:
    return (
        f"GNU_RELRO in {_place(match, region)}. The dynamic linker wrote the addresses it looked up into these"
        " pages, then made them read-only"
    )


def _zeroed_tail(match: Match, region: Region) -> str:
    load = match.segment
    kept = run_time_address(match.loaded, load.vaddr + load.filesz) - region.start
    return (
        f"last page of {_place(match, region)}. Its first {kept:,} bytes are the file's; the rest was zeroed, as"
        " bss begins there"
    )


def _bss(match: Match, region: Region) -> str:
    load, end = match.segment, match.span.end
    text = (
        f"bss of {_load(match)}: p_memsz {load.memsz:,} is {load.bss:,} bytes more than the file"
        f" has; they are zero-filled anonymous memory at {region.start:#x}, {_bias(match.loaded)}"
    )
    if region.end <= end:
        return text
    return f"{text}. It ends at {end:#x}: the rest is other anonymous memory, which the kernel merged with it"


def _patched(match: Match, region: Region) -> str:
    return (
        f"inside {_load(match)}, {_bias(match.loaded)}, but not from the file: anonymous memory was"
        f" mapped over it at {region.start:#x}"
    )


def _hole(match: Match, region: Region) -> str:
    return (
        f"hole after {_load(match)}, {_bias(match.loaded)}: the next LOAD begins on a larger"
        f" alignment, and the {region.size:,} bytes between are made inaccessible so that nothing else is mapped there"
    )


def _vdso(match: Match, region: Region) -> str:
    return (
        f"LOAD #{match.index} of the vDSO: the kernel's own ELF image -> {region.start:#x}, {_bias(match.loaded)}."
        " No file is behind it; it lets a program read the clock without entering the kernel"
    )


_SENTENCES: Mapping[Label, Callable[[Match, Region], str]] = {
    Label.SEGMENT: _segment,
    Label.RELRO: _relro,
    Label.ZEROED_TAIL: _zeroed_tail,
    Label.BSS: _bss,
    Label.HOLE: _hole,
    Label.PATCHED: _patched,
}


def _also(match: Match) -> str:
    """Name the further LOADs in a region that the kernel merged from several mappings."""
    if not match.also:
        return ""
    places = (f"#{each.index} at {run_time_address(match.loaded, each.vaddr):#x}" for each in match.also)
    return f". The kernel merged the next LOADs into it, whose bytes follow in the file: {', '.join(places)}"


def _place(match: Match, region: Region) -> str:
    return f"{_load(match)}: file {region.offset:#x} -> {region.start:#x}, {_bias(match.loaded)}"


def _load(match: Match) -> str:
    """Name the program header and its file, and where the ELF begins in it if that isn't the start."""
    image = match.loaded.image
    base, at = image.path.rpartition("/")[2], image.header_offset
    return f"LOAD #{match.index} of {f'the ELF at {at:#x} in {base}' if at else base}"


def _bias(loaded: LoadedImage) -> str:
    return "bias 0 (linked for this address)" if loaded.load_bias == 0 else f"bias {loaded.load_bias:#x}"


def _permissions(match: Match, region: Region) -> str:
    """Explain permissions that differ from those of the program header; "" if they agree."""
    flags = match.segment.flags
    readable, writable, executable = (letter != "-" for letter in region.perms[:3])
    if executable and "E" not in flags:
        return (
            f'Executable although the header says "{flags}": made so by mprotect(2), or READ_IMPLIES_EXEC is set'
            " (personality(2)), as for a program that asks for an executable stack"
        )
    if (readable, writable, executable) != ("R" in flags, "W" in flags, "E" in flags):
        return f'Its permissions {region.perms[:3]} are not the header\'s "{flags}": mprotect(2) changed them'
    return ""
