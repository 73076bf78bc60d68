"""One process's memory according to four files, side by side, with the reason for each difference."""

from collections.abc import Sequence

from mmexplorer.model.system.process_memory import Account, Origin, ProcessMemory, Reason, reconcile
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.text.format import kilobytes, signed_size
from mmexplorer.present.text.line import Line, Tone, line, plain, span

_REASONS = {
    Reason.VSYSCALL: "the kernel's [vsyscall] page is listed among the regions, but belongs to no process",
    Reason.TIMING: "the process changed while the files were read one after another",
    Reason.ROUNDING: "smaps cuts each region's share down to a whole kB, the rollup only their sum",
    Reason.SHMEM_SWAP: "smaps counts swapped-out shared memory too, VmSwap only private memory",
    Reason.BATCHES: "the kernel keeps part of these counters per CPU and adds it up later",
    Reason.SHARING: "another process that maps the same pages began or ended between the two readings",
    Reason.UNEXPLAINED: "not explained by anything we know: the process may have changed and changed back",
}
_WORDS = {
    "VSZ": "address space: promised, not necessarily in memory",
    "RSS": "in memory now, shared pages counted whole; without hugetlb",
    "PSS": "the same, each shared page divided by the number that map it",
    "USS": "mapped by this process alone: what its end would free",
    "anonymous": "heap, stacks, copied pages: has no file to go back to",
    "file": "pages of files, which can be dropped and read again",
    "shmem": "tmpfs and shared anonymous memory",
    "swap": "swapped out",
    "page tables": "what the kernel needs to map all this",
    "hugetlb": "huge pages of hugetlb: in neither RSS nor PSS",
}
_WHAT, _CELL = 12, 14


def memory_lines(memory: ProcessMemory | Unavailable) -> tuple[Line, ...]:
    """Return the table, with a row per quantity and a column per file, and the reasons for differences."""
    if isinstance(memory, Unavailable):
        return (line(span(f"memory — {memory}", Tone.DIM)),)
    lines = [line(span(" " * _WHAT + "".join(f"{origin.value:>{_CELL}}" for origin in Origin), Tone.DIM))]
    for account in reconcile(memory):
        lines += _account(account)
    return (*lines, *_missing(memory))


def _account(account: Account) -> list[Line]:
    cells = [
        span(f"{kilobytes(account.figures[origin]) if origin in account.figures else '':>{_CELL}}", Tone.BRIGHT)
        for origin in Origin
    ]
    name = span(account.quantity.ljust(_WHAT), Tone.ACCENT)
    row = line(name, *cells, span(f"  {_WORDS[account.quantity]}", Tone.DIM))
    reasons = [
        line(
            span(f"{'':{_WHAT}}{difference.origin.value} {signed_size(difference.amount)}: ", Tone.CHANGED),
            _REASONS[difference.reason],
        )
        for difference in account.differences
    ]
    return [row, *reasons]


def _missing(memory: ProcessMemory) -> list[Line]:
    sources = zip(Origin, (memory.regions, memory.rollup, memory.status, memory.statm), strict=True)
    return [
        line(span(f"{origin.value} — {source}", Tone.DIM))
        for origin, source in sources
        if isinstance(source, Unavailable)
    ]


def without_tails(lines: Sequence[Line], width: int) -> tuple[Line, ...]:
    """Drop the dim words at the end of rows that don't fit, so that figures aren't wrapped."""
    return tuple(
        each[:-1] if len(plain(each)) > width and len(each) > 1 and each[-1].tone is Tone.DIM else each
        for each in lines
    )
