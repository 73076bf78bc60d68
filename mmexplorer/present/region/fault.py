"""What was wrong with the address of a signal, in a sentence; the crash lab uses the same words."""

from mmexplorer.model.address import Between, Inside
from mmexplorer.model.process.fault import FaultKind, Verdict
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.present.region.address import between_text, region_phrase
from mmexplorer.present.text.format import address as written
from mmexplorer.present.text.format import address_range

_WHY = {
    FaultKind.NULL: "; a pointer that is NULL was used, or a member of what it points to",
    FaultKind.UNMAPPED: "",
    FaultKind.STACK_OVERFLOW: "; the stack would have to grow down to it, and may not: a stack overflow",
    FaultKind.GUARD: "; a guard: nothing may touch it",
    FaultKind.STACK_GUARD: "; a guard below a thread's stack: a stack overflow",
    FaultKind.PAST_FILE_END: "; it allows the access, but the file behind it ends before",
    FaultKind.KERNEL: "; the upper half of the addresses is the kernel's",
}
_WITHOUT = {
    FaultKind.NON_CANONICAL: (
        "a non-canonical address, whose upper bits are neither all 0 nor all 1: the processor doesn't say which it was"
    ),
    FaultKind.NO_ADDRESS: "the signal is not about an address",
}


def verdict_text(verdict: Verdict, space: AddressSpace) -> str:
    """Describe where the address lies in `space` and why the kernel refused the access. Not cleaned."""
    if verdict.address is None or verdict.place is None:
        return _WITHOUT.get(verdict.kind, _WITHOUT[FaultKind.NO_ADDRESS])
    jump = "a jump to " if verdict.jump else ""
    return f"{jump}{written(verdict.address)}{_where(verdict.place, space)}{_why(verdict)}"


def _where(place: Inside | Between, space: AddressSpace) -> str:
    if isinstance(place, Between):
        return between_text(place, space)
    region = place.region
    return f" lies in {region_phrase(region, space)} ({address_range(*region.range)}), permissions {region.perms}"


def _why(verdict: Verdict) -> str:
    if verdict.kind is FaultKind.NOT_ALLOWED and isinstance(verdict.place, Inside):
        return f"; it is mapped, but {_missing(verdict, verdict.place.region.perms)}"
    return _WHY.get(verdict.kind, "")


def _missing(verdict: Verdict, perms: str) -> str:
    if verdict.jump:
        return "may not be executed"
    return "may not be written" if perms.startswith("r-") else "not for this kind of access"
