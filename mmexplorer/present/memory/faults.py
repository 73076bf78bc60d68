"""A trace of faults as text, like `perf report`: the share of each group, then the mappings."""

from collections.abc import Iterator, Sequence

from mmexplorer.model.memory.faults import FaultGroup, FaultTrace, Mapped, folded
from mmexplorer.present.text.format import address_range, number_of, size

_GROUPS = 40
_MAPPINGS = 40
_PROT = ((1, "r"), (2, "w"), (4, "x"))
_SHARED = 1


def cost_line(period: int, seconds: float) -> str:
    """Describe before it starts how a trace affects the process."""
    every = "every fault" if period == 1 else f"one fault in {period:,}"
    cost = (
        "each with its call chain: meanwhile its page faults may take twice as long"
        if period == 1
        else "with its call chain, which costs some microseconds each"
    )
    return f"recording {every} for {seconds:g} s, {cost}"


def fault_lines(trace: FaultTrace, groups: Sequence[FaultGroup]) -> Iterator[str]:
    """Yield the totals, the groups and the mappings. Not cleaned."""
    count = len(trace.samples)
    yield (
        f"{trace.faults:,} faults in {trace.seconds:.1f} s, of which {count:,} were recorded:"
        f" {number_of(trace.threads, 'thread')}, {trace.lost:,} lost"
    )
    if trace.untraced:
        yield f"not traced: {number_of(trace.untraced, 'thread')}"
    for group in groups[:_GROUPS]:
        share = 100 * group.samples / count
        yield f"{share:6.2f}% {group.samples * trace.period:>10,}  {group.region}  {' <- '.join(group.chain)}"
    if len(groups) > _GROUPS:
        yield f"... and {len(groups) - _GROUPS:,} more"
    mapped = folded(trace.mappings)
    yield from map(_mapping_line, mapped[:_MAPPINGS])
    if len(mapped) > _MAPPINGS:
        yield f"... and {len(mapped) - _MAPPINGS:,} more mappings"


def _mapping_line(mapped: Mapped) -> str:
    mapping = mapped.event
    perms = "".join(letter if mapping.prot & bit else "-" for bit, letter in _PROT)
    perms += "s" if mapping.flags & _SHARED else "p"
    span = address_range(mapping.address, mapping.address + mapping.size)
    what = f"{perms} {size(mapping.size)} {mapping.path}"
    return f"{how_mapped(mapped)} by {mapping.tid}: {span} {what}"


def how_mapped(mapped: Mapped) -> str:
    """Return `mapped`, `mapped 3 times`, or `resized 3 times` if the size of the region changed."""
    often = "" if mapped.times == 1 else f" {mapped.times:,} times"
    return f"{'resized' if mapped.grew else 'mapped'}{often}"
