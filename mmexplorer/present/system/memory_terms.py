"""The meaning of each figure of free(1), with the current values of its terms: what it is, and what it is not."""

from collections.abc import Callable, Mapping

from mmexplorer.model.system.available import AvailableTerms
from mmexplorer.model.system.memory import Free, Size, added, field, free, hugetlb
from mmexplorer.model.system.snapshot import SystemSnapshot, terms_of
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.system.amounts import fine_size, fine_text, in_one_unit
from mmexplorer.present.system.free import free_formula
from mmexplorer.present.text.line import Line, Tone, line, span


def meaning(name: str, snapshot: SystemSnapshot) -> tuple[Line, ...]:
    """Explain `total`, `used`, `free`, `shared`, `buffers`, `cache`, `available` or `swap`, one sentence per line."""
    if isinstance(snapshot.meminfo, Unavailable):
        return (line(span(f"{name}: {snapshot.meminfo}", Tone.WARN)),)
    figures = free(snapshot.meminfo)
    if isinstance(figures, Unavailable):
        return (line(span(f"{name}: {figures}", Tone.WARN)),)
    return tuple(_WORDS[name](figures, snapshot))


def not_the_total(figures: Free) -> Line:
    """Explain why used + free + buff/cache isn't the total (procps 4), or that it is (procps 3.3)."""
    sum_ = added(figures.used, figures.free, figures.buff_cache)
    if isinstance(sum_, Unavailable):
        return line(f"used + free + buff/cache can't be added up: {sum_}")
    if sum_ == figures.total:
        return line(f"used + free + buff/cache = {fine_size(sum_)} is the total: used is {free_formula(figures)}.")
    more = "more" if sum_ > figures.total else "less"
    return line(
        f"used is {free_formula(figures)}, so used + free + buff/cache is not the total but ",
        span(fine_size(abs(sum_ - figures.total)), Tone.BRIGHT),
        f" {more}: cache that can't be given back counts as used and as cache, the reserves as used and as free.",
    )


def available_sum(terms: AvailableTerms) -> Line:
    """Return the kernel's formula for available, with its terms."""
    cache, slab = terms.cache - terms.cache_kept, terms.slab - terms.slab_kept
    sum_, unused, reserves, cache_text, slab_text = in_one_unit(
        (terms.estimate, terms.free, terms.reserves, cache, slab)
    )
    return line(
        span("available "),
        span(sum_, Tone.BRIGHT),
        f" = free {unused} - reserves {reserves} + file cache {cache_text} of {fine_size(terms.cache)}",
        f" + slab {slab_text} of {fine_size(terms.slab)}",
    )


def _total(figures: Free, snapshot: SystemSnapshot) -> list[Line]:
    huge = hugetlb(_meminfo(snapshot))
    lines = [
        _head("total", figures.total, "the memory that the kernel manages: MemTotal."),
        line("Less than what is installed: firmware and the kernel's own code and data were taken off at boot."),
    ]
    if huge:
        lines.append(line(f"{fine_size(huge)} of it is set aside for huge pages and serves nothing else."))
    return lines


def _used(figures: Free) -> list[Line]:
    formula = free_formula(figures)
    if not isinstance(figures.available, Unavailable):
        total, available = in_one_unit((figures.total, figures.available))
        formula = f"{formula} = {total} - {available}."
    return [
        _head("used", figures.used, formula),
        line("What could not be given to a new process: memory of processes and of the kernel, and needed cache."),
        line("Not the sum of the processes' RSS: shared pages would count several times, the kernel's not at all."),
        not_the_total(figures),
    ]


def _free(figures: Free) -> list[Line]:
    return [
        _head("free", figures.free, "memory that nothing uses: MemFree."),
        line("Low free is normal: memory that lies idle is wasted, so the kernel fills it with cache."),
        line("Not what a new process can have: see available."),
    ]


def _shared(figures: Free) -> list[Line]:
    return [
        _head("shared", figures.shared, "tmpfs files, shared anonymous memory and SysV segments: Shmem."),
        line("It is inside buff/cache, and can't be dropped as a file's pages can: it can only be swapped out."),
        line("Not the memory that processes share by mapping the same file, such as a library's code."),
    ]


def _buffers(figures: Free) -> list[Line]:
    return [
        _head("buffers", figures.buffers, "the cache of block devices themselves: directories, inodes, bitmaps."),
        line("It is given back when memory is short, once dirty blocks are written."),
    ]


def _cache(figures: Free, snapshot: SystemSnapshot) -> list[Line]:
    meminfo = _meminfo(snapshot)
    cached, slab = field(meminfo, "Cached"), field(meminfo, "SReclaimable")
    return [
        _head("cache", figures.cache, f"page cache {fine_text(cached)} + reclaimable slab {fine_text(slab)}."),
        line(f"With buffers {fine_text(figures.buffers)} it is buff/cache {fine_text(figures.buff_cache)}."),
        line(
            f"Most of it is given back when memory is short; {fine_text(field(meminfo, 'Dirty'))} is dirty and must be "
            f"written first, {fine_text(figures.shared)} is shmem and can only be swapped out."
        ),
    ]


def _available(figures: Free, snapshot: SystemSnapshot) -> list[Line]:
    terms = terms_of(snapshot)
    head = _head("available", figures.available, "the kernel's estimate of what can be had without swapping.")
    if isinstance(terms, Unavailable):
        return [head, line(span(f"its terms: {terms}", Tone.DIM))]
    return [
        head,
        available_sum(terms),
        line("Half of the cache, but no more than the low watermarks, counts as needed and isn't promised."),
        line("An estimate, not a promise. It can be below free, by the reserves that only the kernel may use."),
    ]


def _swap(figures: Free, snapshot: SystemSnapshot) -> list[Line]:
    if figures.swap_total == 0:
        return [line("no swap: nothing can be paged out. This is a valid state; anonymous memory then stays in RAM.")]
    lines = [
        _head(
            "swap",
            figures.swap_used,
            f"used of {fine_text(figures.swap_total)}; {fine_text(figures.swap_free)} is free.",
        ),
        line("Used swap is no alarm by itself: what counts is whether pages come back from it (pswpin)."),
    ]
    areas = snapshot.swaps if not isinstance(snapshot.swaps, Unavailable) else ()
    for area in areas:
        note = "; compressed, in memory itself" if area.compressed_memory else ""
        lines.append(
            line(
                f"{area.name}: {area.type}, {fine_size(area.used)} of {fine_size(area.size)}",
                f", priority {area.priority}{note}",
            )
        )
    return lines


_WORDS: Mapping[str, Callable[[Free, SystemSnapshot], list[Line]]] = {
    "total": _total,
    "used": lambda figures, _snapshot: _used(figures),
    "free": lambda figures, _snapshot: _free(figures),
    "shared": lambda figures, _snapshot: _shared(figures),
    "buffers": lambda figures, _snapshot: _buffers(figures),
    "cache": _cache,
    "available": _available,
    "swap": _swap,
}


def _head(name: str, value: Size, words: str) -> Line:
    if isinstance(value, Unavailable):
        return line(span(name, Tone.ACCENT), f" —: {value}")
    return line(span(name, Tone.ACCENT), " ", span(fine_size(value), Tone.BRIGHT), f": {words}")


def _meminfo(snapshot: SystemSnapshot) -> Mapping[str, int]:
    return {} if isinstance(snapshot.meminfo, Unavailable) else snapshot.meminfo
