"""How a process's memory is protected, by its actual mappings and not just by its files' headers."""

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum

from mmexplorer.model.elf.image import page_floor
from mmexplorer.model.elf.layout import LoadedImage, run_time_address
from mmexplorer.model.region import Range, Region
from mmexplorer.model.snapshot import AddressSpace, Counters
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.model.value import NamedTuple, frozen

_ADDR_NO_RANDOMIZE = 0x0040000
"""From `personality(2)`."""


class Verdict(Enum):
    """How serious a finding is."""

    GOOD = "good"
    WEAK = "weak"
    """A protection is missing."""
    BAD = "bad"
    """Memory is both writable and executable, or is executed without a file that can be checked."""
    UNKNOWN = "unknown"


class Finding(NamedTuple):
    """One finding about a process or a file."""

    what: str
    """`pie`, `relro`, `bind_now`, `canary`, `executable_stack`, `branch_protection`, `write_execute` ..."""
    where: str
    """A path, a range as in maps, or "process"; not cleaned."""
    verdict: Verdict
    evidence: str
    """The header, flag or region that shows it; not cleaned."""


@frozen
class Hardening:
    """The protections an ELF file's headers declare."""

    type: str
    """EXEC or DYN."""
    executable: bool
    """Whether it is a program: it has an interpreter, or declares itself one."""
    stack_flags: str | None
    """The flags of GNU_STACK; None if there is none and the kernel decides."""
    relro: bool
    bind_now: bool
    canary: bool | None
    """Whether it calls the handler for a smashed stack; None if it has no names to tell."""
    branch: tuple[str, ...]
    """IBT and SHSTK on x86, BTI and PAC on arm64, as declared in its notes."""
    textrel: bool
    """Whether relocation writes to its code."""


def promised(where: str, hardening: Hardening) -> Iterator[Finding]:
    """Judge what a file declares."""
    if hardening.executable or hardening.type == "EXEC":
        pie = hardening.type == "DYN"
        yield Finding("pie", where, Verdict.GOOD if pie else Verdict.WEAK, f"e_type {hardening.type}")
    yield _stack(where, hardening.stack_flags)
    yield Finding("relro", where, _good(hardening.relro), "GNU_RELRO" if hardening.relro else "no GNU_RELRO")
    now = "BIND_NOW" if hardening.bind_now else "no BIND_NOW: the PLT's part of the GOT stays writable"
    yield Finding("bind_now", where, _good(hardening.bind_now), now)
    if hardening.canary is None:
        yield Finding("canary", where, Verdict.UNKNOWN, "no names tell")
    else:
        chk = "__stack_chk_fail" if hardening.canary else "no __stack_chk_fail"
        yield Finding("canary", where, _good(hardening.canary), chk)
    notes = ", ".join(hardening.branch) or "no note promises IBT or SHSTK, BTI or PAC"
    yield Finding("branch_protection", where, _good(bool(hardening.branch)), notes)
    if hardening.textrel:
        yield Finding("text_relocations", where, Verdict.BAD, "TEXTREL")


def _stack(where: str, flags: str | None) -> Finding:
    if flags is None:
        return Finding("executable_stack", where, Verdict.UNKNOWN, "no GNU_STACK: the kernel decides")
    return Finding("executable_stack", where, Verdict.BAD if "E" in flags else Verdict.GOOD, f"GNU_STACK {flags}")


def _good(is_there: bool) -> Verdict:  # noqa: FBT001 - a value, not a mode
    return Verdict.GOOD if is_there else Verdict.WEAK


def relro_applied(loaded: LoadedImage, regions: Sequence[Region], page_size: int) -> Finding | None:
    """Return whether the pages of GNU_RELRO are read-only now; None for an image without."""
    where = loaded.image.path
    for segment in loaded.image.segments:
        if segment.type != "GNU_RELRO":
            continue
        start = run_time_address(loaded, page_floor(segment.vaddr, page_size))
        end = run_time_address(loaded, page_floor(segment.vaddr + segment.memsz, page_size))
        writable = [each for each in regions if each.start < end and start < each.end and "w" in each.perms]
        if end <= start:
            return Finding("relro_applied", where, Verdict.WEAK, "no whole page of it can be made read-only")
        if writable:
            return Finding("relro_applied", where, Verdict.WEAK, f"{_range(writable[0].range)} is {writable[0].perms}")
        return Finding("relro_applied", where, Verdict.GOOD, f"{start:08x}-{end:08x} is not writable")
    return None


def mapped(space: AddressSpace) -> Iterator[Finding]:
    """Judge the regions."""
    for region in space.regions:
        yield from _of_region(region, _flags(region, space.counters))


def _flags(region: Region, counters: Counters | Unavailable) -> Iterable[str]:
    usage = counters.by_range.of(region) if isinstance(counters, Counters) else None
    return (usage.vm_flags or ()) if usage is not None else ()


def _of_region(region: Region, flags: Iterable[str]) -> Iterator[Finding]:
    where = _range(region.range)
    evidence = " ".join(filter(None, (region.perms, region.path)))
    if "sl" in flags:
        yield Finding("sealed", where, Verdict.GOOD, f"{evidence} (VmFlags sl)")
    if "x" not in region.perms:
        return
    if "w" in region.perms:
        yield Finding("write_execute", where, Verdict.BAD, evidence)
    if region.path == "[stack]":
        yield Finding("executable_stack", where, Verdict.BAD, evidence)
    if region.path.startswith("/memfd:"):
        yield Finding("executable_memfd", where, Verdict.BAD, evidence)
    elif region.deleted:
        yield Finding("executable_deleted", where, Verdict.BAD, f"{evidence} (deleted)")
    elif not region.path:
        yield Finding("executable_anonymous", where, Verdict.WEAK, evidence)


def _range(span: Range) -> str:
    return f"{span.start:08x}-{span.end:08x}"


def randomized(persona: int | Unavailable, randomize_va_space: int | Unavailable) -> Iterator[Finding]:
    """Judge whether addresses are random, by the process's personality and the machine's setting."""
    if isinstance(persona, Unavailable):
        yield Finding("aslr", "process", Verdict.UNKNOWN, f"personality: {persona}")
    else:
        off = bool(persona & _ADDR_NO_RANDOMIZE)
        evidence = f"personality {persona:#010x}{' has ADDR_NO_RANDOMIZE' if off else ''}"
        yield Finding("aslr", "process", Verdict.WEAK if off else Verdict.GOOD, evidence)
    if isinstance(randomize_va_space, Unavailable):
        yield Finding("aslr", "machine", Verdict.UNKNOWN, f"kernel.randomize_va_space: {randomize_va_space}")
    else:
        full = randomize_va_space >= 2  # noqa: PLR2004 - proc_sys_kernel(5): 2 randomises the heap as well
        told = f"kernel.randomize_va_space = {randomize_va_space}"
        yield Finding("aslr", "machine", Verdict.GOOD if full else Verdict.WEAK, told)


def judged(where: str, hardening: Hardening | Unavailable) -> Iterator[Finding]:
    """Judge the protections a file's headers declare, or return why they could not be read."""
    if isinstance(hardening, Unavailable):
        yield Finding("headers", where, Verdict.UNKNOWN, str(hardening))
    else:
        yield from promised(where, hardening)
