"""After fork, two processes share pages until one of them writes: copy on write."""

from mmexplorer.labs.figures import Figures
from mmexplorer.labs.lab import MIB, Check, Choice, Lab, Need, Number, Remark, Step
from mmexplorer.labs.operations import apart, end, fork, inside, load, mmap, no_huge_pages, store, touch

_SIZE = 10 * MIB
_PAGES = _SIZE // 4096
_HALF = _PAGES // 2
_NOISE = 32
"""Page faults of the Python interpreter itself, whose pages are shared too until it writes to them."""


def _frames(words: str, text: str, hidden: str) -> tuple[Remark, Remark]:
    """Return remarks on the page frames if they can be seen, and on Pss and pagemap if they are hidden."""
    return (
        Remark(lambda f: "same_frames" in f.numbers, f"{words} {text}"),
        Remark(lambda f: "same_frames" not in f.numbers, hidden),
    )


def _pythons_own(prefix: str, why: str) -> Remark:
    """Return a remark for a step whose counters show more than its touches; `prefix`: of the process's figures."""
    return Remark(
        lambda f: f[f"{prefix}process_min_flt"] > f[f"{prefix}touch_min_flt"],
        (
            f"(The counters of the whole process show more, {{{prefix}process_min_flt:n}} minor faults and"
            f" {{{prefix}rss_change:+kB}} of RSS: {why})"
        ),
    )


_IN_CHILD = _pythons_own(
    "child_",
    (
        "Python runs in the child, too. It writes to pages of its own, which are copied, and needs pages of mapped"
        " files whose entries fork did not copy."
    ),
)
_IN_PARENT = _pythons_own("", "Python, too, writes to pages of its own that are shared with the child.")


def _same_frames(count: int) -> Check:
    return Check(
        f"{count:,} pages are the same frame in both, where frames may be seen",
        lambda f: f.numbers.get("same_frames", count) == count,
    )


def _faults(counted: int, expected: int) -> bool:
    return 0 <= counted - expected <= _NOISE


def _both(f: Figures, name: str, expected: int) -> bool:
    return f[name] == expected and f[f"child_{name}"] == expected


LAB = Lab(
    name="cow",
    title="Copy on write: fork",
    row="9, 14",
    learn="fork copies page tables, not pages; a private page is copied when either process first writes to it.",
    order=85,
    address_space=_SIZE + 2 * MIB,
    needs=(Need.SMALL_PAGES, Need.PAGEMAP),
    steps=(
        Step(
            title="Fork",
            text=(
                "The lab process has written to 10 MiB, 2,560 pages. Now it calls [[fork]], which creates a second"
                " process: a copy of the first, with the same memory at the same addresses."
            ),
            question=Choice(
                "How much physical memory do the 10 MiB take in both processes together?",
                ("20 MiB", "15 MiB", "10 MiB"),
                2,
                (
                    "That would be true if fork copied the memory, but it copies only the page table that leads to it.",
                    "Nothing has been written since the fork, so nothing had to be copied, not even half.",
                    "",
                ),
            ),
            prepare=(
                mmap("memory", _SIZE),
                no_huge_pages("memory"),
                apart("memory"),
                touch("memory", _SIZE),
            ),
            operations=(fork("child"),),
            checks=(
                Check("all 2,560 pages are shared, seen from the parent", lambda f: f["pages_shared"] == _PAGES),
                Check("and seen from the child", lambda f: f["child_pages_shared"] == _PAGES),
                Check("Shared is 10,240 kB in both", lambda f: _both(f, "range_shared", _SIZE)),
                Check("Pss is 5,120 kB in both", lambda f: _both(f, "range_pss", _SIZE // 2)),
                _same_frames(_PAGES),
            ),
            explanation=(
                "Each process has {range_rss:kB} of these pages in memory and is charged for half of them: [[Pss]] is"
                " {range_pss:kB} and {child_range_pss:kB}. Together that is 10 MiB: fork copied the [[page table]]"
                " entries of this private, written memory and made every page read-only in both. (The other"
                " changes in the counters, {rss_change:+kB} of RSS and {process_min_flt:n} minor faults, are Python's"
                " own bookkeeping for the child.)"
            ),
            remarks=_frames(
                "The page tables of both processes lead to",
                "the same [[page frame]] at {same_frames:n} of 2,560 addresses.",
                (
                    "The numbers of the [[page frame|page frames]] are hidden from you (CAP_SYS_ADMIN); but bit 56 of"
                    " each page's entry in pagemap shows that the page is mapped more than once."
                ),
            ),
            watch="memory",
        ),
        Step(
            title="The child reads",
            text="The child reads one byte of each of the 2,560 pages.",
            question=Number(
                "How many page faults does that take?", unit="faults", figure="child_touch_min_flt", within=_NOISE
            ),
            operations=(inside("child", touch("memory", _SIZE, write=False)),),
            checks=(
                Check("at most 32 page faults", lambda f: _faults(f["child_touch_min_flt"], 0)),
                Check("all pages are still shared", lambda f: f["pages_shared"] == _PAGES),
                _same_frames(_PAGES),
            ),
            explanation=(
                "It took {child_touch_min_flt:n}: fork copied these page-table entries, so the child finds every page."
                " Reading changes nothing that the parent could see, so none of these pages has to be copied."
            ),
            remarks=(_IN_CHILD,),
            watch="memory",
        ),
        Step(
            title="The child writes",
            text="The child writes one byte into each page of the first half, 1,280 pages.",
            question=Number("What is its Pss for the 10 MiB now?", unit="kB", figure="child_range_pss", scale=1024),
            operations=(inside("child", touch("memory", _SIZE // 2)),),
            checks=(
                Check("1,280 page faults, give or take 32", lambda f: _faults(f["child_touch_min_flt"], _HALF)),
                Check("Private is 5,120 kB in both", lambda f: _both(f, "range_private", _SIZE // 2)),
                Check("Shared is 5,120 kB in both", lambda f: _both(f, "range_shared", _SIZE // 2)),
                Check("Pss is 7,680 kB in both", lambda f: _both(f, "range_pss", _SIZE // 4 * 3)),
                _same_frames(_HALF),
            ),
            explanation=(
                "The child took {child_touch_min_flt:n} faults, one for each write to a read-only page. The [[region]]"
                " allows writing, so the kernel copied the page and gave the copy to the child: [[copy on write]]. The"
                " first half now exists twice, {child_range_private:kB} private to each process; the second half is"
                " still shared. So Pss is 5,120 + 5,120 / 2 = {child_range_pss:kB} in both, and together they take 15"
                " MiB."
            ),
            remarks=(
                *_frames(
                    "The page tables lead to",
                    "the same frame at {same_frames:n} addresses now.",
                    "The frames are hidden from you, but Private and Shared in smaps say the same.",
                ),
                _IN_CHILD,
            ),
            watch="memory",
        ),
        Step(
            title="The parent writes",
            text=(
                "Now the parent writes into each page of the first half. The child has its own copies by now, but the"
                " parent's page table still says read-only."
            ),
            question=Choice(
                "What happens at each of these 1,280 writes?",
                ("nothing: the pages belong to the parent alone", "a fault, and a copy", "a fault, but no copy"),
                2,
                (
                    (
                        "They do, but its page table still says read-only: it wasn't updated when the child got its"
                        " copies."
                    ),
                    (
                        "The child has its own copies, so no other process needs the old page: there is no reason to"
                        " copy it."
                    ),
                    "",
                ),
            ),
            operations=(touch("memory", _SIZE // 2),),
            checks=(
                Check("1,280 page faults, give or take 32", lambda f: _faults(f["touch_min_flt"], _HALF)),
                Check("Pss is still 7,680 kB in both", lambda f: _both(f, "range_pss", _SIZE // 4 * 3)),
                Check("Private is still 5,120 kB in both", lambda f: _both(f, "range_private", _SIZE // 2)),
            ),
            explanation=(
                "The parent took {touch_min_flt:n} faults, and Pss is still {range_pss:kB}: at each one the kernel saw"
                " that no other process has this page any more, made it writable, and copied nothing. Even the last"
                " owner has to take the fault."
            ),
            remarks=(_IN_PARENT,),
            watch="memory",
        ),
        Step(
            title="Who sees what",
            text=(
                "In the second half, which is still shared, the parent writes the letter P into the last page. Then the"
                " child reads that byte. It was 1 when the child was made."
            ),
            question=Choice(
                "What does the child read?",
                ("1", "P"),
                0,
                ("", "The parent wrote to a copy of its own: the child keeps the old page and the old byte."),
            ),
            operations=(
                store("memory", "P", offset=_SIZE - 4096),
                inside("child", load("memory", offset=_SIZE - 4096)),
            ),
            checks=(
                Check("the child reads 1", lambda f: f["child_byte"] == 1),
                Check("one more page belongs to the parent alone", lambda f: f["pages_present"] == _HALF + 1),
                Check("and one more to the child", lambda f: f["child_pages_present"] == _HALF + 1),
            ),
            explanation=(
                "The child reads {child_byte:n}. This time the parent got the copy, and the page they shared is now the"
                " child's alone. To a program, fork looks as if everything had been copied at once."
            ),
            watch="memory",
        ),
        Step(
            title="The child ends",
            text="The child is ended. The shared pages have one owner left.",
            question=Number("What is the Pss of the parent's 10 MiB now?", unit="kB", figure="range_pss", scale=1024),
            operations=(end("child"),),
            checks=(
                Check("Pss is 10,240 kB", lambda f: f["range_pss"] == _SIZE),
                Check("no page is shared", lambda f: f["pages_shared"] == 0),
                Check("all 2,560 are its own", lambda f: f["pages_present"] == _PAGES),
            ),
            explanation=(
                "It is {range_pss:kB}, although this process did nothing: Pss depends on who else has the page. The"
                " [[RSS]] of the range was 10,240 kB all along. The child's copies are free again."
            ),
            watch="memory",
        ),
    ),
)
