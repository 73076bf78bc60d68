"""Why a region is where it is, in sentences with the figures in them. Nothing here is cleaned."""

from mmexplorer.model.elf import Segment
from mmexplorer.model.layout import LoadedImage, run_time_address
from mmexplorer.model.region import Range, Region


def segment(loaded: LoadedImage, load: Segment, region: Region, span: Range) -> str:
    """File bytes of a LOAD."""
    address = run_time_address(loaded, load.vaddr)
    text = (
        f"{_place(loaded, load, region)}. p_vaddr {load.vaddr:#x} + bias = {address:#x}, {load.memsz:,} bytes in"
        f" memory; rounded outward to pages: {span.start:#x}-{span.end:#x}"
    )
    return f"{text}. {_permissions(load, region)}" if _permissions(load, region) else text


def relro(loaded: LoadedImage, load: Segment, region: Region) -> str:
    """The part of a writable LOAD that was made read-only."""
    return (
        f"GNU_RELRO in {_place(loaded, load, region)}. The dynamic linker wrote the addresses it looked up into these"
        " pages, then made them read-only"
    )


def zeroed_tail(loaded: LoadedImage, load: Segment, region: Region) -> str:
    """The page where the file's bytes end and bss begins."""
    kept = run_time_address(loaded, load.vaddr + load.filesz) - region.start
    return (
        f"last page of {_place(loaded, load, region)}. Its first {kept:,} bytes are the file's; the rest was zeroed, as"
        " bss begins there"
    )


def bss(loaded: LoadedImage, load: Segment, region: Region, end: int) -> str:
    """Memory that the file has no bytes for. `end` is the end of the LOAD's last page in memory."""
    text = (
        f"bss of LOAD #{load.index} of {name(loaded)}: p_memsz {load.memsz:,} is {load.bss:,} bytes more than the file"
        f" has; they are zero-filled anonymous memory at {region.start:#x}, {_bias(loaded)}"
    )
    if region.end <= end:
        return text
    return f"{text}. It ends at {end:#x}: the rest is other anonymous memory, which the kernel merged with it"


def patched(loaded: LoadedImage, load: Segment, region: Region) -> str:
    """Anonymous memory where the file should be."""
    return (
        f"inside LOAD #{load.index} of {name(loaded)}, {_bias(loaded)}, but not from the file: anonymous memory was"
        f" mapped over it at {region.start:#x}"
    )


def hole(loaded: LoadedImage, before: Segment, region: Region) -> str:
    """The space between two LOADs."""
    return (
        f"hole after LOAD #{before.index} of {name(loaded)}, {_bias(loaded)}: the next LOAD begins on a larger"
        f" alignment, and the {region.size:,} bytes between are made inaccessible so that nothing else is mapped there"
    )


def vdso(loaded: LoadedImage, load: Segment, region: Region) -> str:
    """The ELF image that the kernel brings along."""
    return (
        f"LOAD #{load.index} of the vDSO: the kernel's own ELF image -> {region.start:#x}, {_bias(loaded)}. No file is"
        " behind it; it lets a program read the clock without entering the kernel"
    )


def name(loaded: LoadedImage) -> str:
    """The file's name without its folders; with the place in it where the ELF begins, if that isn't the start."""
    base = loaded.image.path.rpartition("/")[2]
    at = loaded.image.header_offset
    return f"the ELF at {at:#x} in {base}" if at else base


def _place(loaded: LoadedImage, load: Segment, region: Region) -> str:
    return f"LOAD #{load.index} of {name(loaded)}: file {region.offset:#x} -> {region.start:#x}, {_bias(loaded)}"


def _bias(loaded: LoadedImage) -> str:
    return "bias 0 (linked for this address)" if loaded.load_bias == 0 else f"bias {loaded.load_bias:#x}"


def _permissions(load: Segment, region: Region) -> str:
    """Explain permissions that aren't those of the program header; "" if they agree."""
    readable, writable, executable = (letter != "-" for letter in region.perms[:3])
    if executable and "E" not in load.flags:
        return (
            f'Executable although the header says "{load.flags}": made so by mprotect(2), or READ_IMPLIES_EXEC is set'
            " (personality(2)), as for a program that asks for an executable stack"
        )
    if (readable, writable, executable) != ("R" in load.flags, "W" in load.flags, "E" in load.flags):
        return f'Its permissions {region.perms[:3]} are not the header\'s "{load.flags}": mprotect(2) changed them'
    return ""
