"""Page replacement: first in first out, least recently used, the clock, and the optimal rule."""

from mmexplorer.labs.lab import Check, Choice, Lab, Number, Step
from mmexplorer.labs.operations import replace
from mmexplorer.labs.protocol import Operation
from mmexplorer.labs.simulated.replacement import ReplacementSimulator

_BELADY = "123412512345"
_LOOP = "123412341234"
_LOCAL = "121314121314"


def _all(references: str, frames: int) -> tuple[Operation, ...]:
    return tuple(replace(references, policy, frames) for policy in ("fifo", "lru", "clock", "optimal"))


def _own(digits: int) -> tuple[Operation, ...]:
    return _all(str(abs(digits))[:30], 3)


LAB = Lab(
    name="replacement",
    title="Which page has to go",
    row="7",
    learn="The best page to evict is the one needed furthest in the future; recent use is a good guide to that.",
    order=17,
    address_space=0,
    simulator=ReplacementSimulator,
    steps=(
        Step(
            title="First in, first out",
            text=(
                "Memory has 3 [[page frame|frames]], all free. A program uses the pages 1 2 3 4 1 2 5 1 2 3 4 5, one"
                " after the other. Using a page that isn't in memory causes a [[page fault]]; if no frame is free, the"
                " page that came in first has to go. Work it out on paper."
            ),
            question=Number("How many of the 12 references are faults?", unit="faults", figure="fifo_faults"),
            operations=(replace(_BELADY, "fifo", 3),),
            checks=(Check("9 faults", lambda f: f["fifo_faults"] == 9),),  # noqa: PLR2004 - as in the words
            explanation=(
                "{fifo_faults:n}. In the picture each column is a reference, each row is a frame, and ! marks a fault."
                " Page 1 goes when 4 comes in, and it is the very next page needed."
            ),
        ),
        Step(
            title="One frame more",
            text="The same references and the same rule, but 4 frames.",
            question=Choice(
                "Will there be more faults or fewer than 9?",
                ("fewer: more pages fit into memory", "more", "the same number"),
                1,
                (
                    (
                        "You would expect that, and it is true of LRU. First in, first out looks only at age, and with"
                        " 4 frames the oldest pages are the wrong ones to evict."
                    ),
                    "",
                    "Other pages are evicted now, and the count changes with them.",
                ),
            ),
            operations=(replace(_BELADY, "fifo", 4),),
            checks=(Check("10 faults", lambda f: f["fifo_faults"] == 10),),  # noqa: PLR2004 - as in the words
            explanation=(
                "{fifo_faults:n} faults with {frames:n} frames, against 9 with 3: Belady's anomaly. This can't happen"
                " with a rule that keeps at least the same pages with 4 frames as with 3; LRU is such a rule."
            ),
        ),
        Step(
            title="The best possible rule",
            text=(
                "The same references and 3 frames. If the future were known, the page to evict would be the one that"
                " isn't needed for the longest time, or never again."
            ),
            question=Number("What is the smallest possible number of faults?", unit="faults", figure="optimal_faults"),
            operations=_all(_BELADY, 3),
            checks=(
                Check("7 faults", lambda f: f["optimal_faults"] == 7),  # noqa: PLR2004 - as in the words
                Check(
                    "no rule does better",
                    lambda f: f["optimal_faults"] <= min(f["fifo_faults"], f["lru_faults"], f["clock_faults"]),
                ),
            ),
            explanation=(
                "{optimal_faults:n}; first in, first out has {fifo_faults:n}, LRU {lru_faults:n}, the clock"
                " {clock_faults:n}. No real system can know the future, but this shows how far a rule is from the best."
            ),
        ),
        Step(
            title="A page that is used all the time",
            text="Now 1 2 1 3 1 4 1 2 1 3 1 4, with 2 frames: page 1 is every second reference.",
            question=Choice(
                "Which rule keeps page 1 in memory?",
                ("first in, first out", "both", "least recently used (LRU)"),
                2,
                ("It ignores whether a page was used: only age counts.", "Only one of them looks at use.", ""),
            ),
            operations=_all(_LOCAL, 2),
            checks=(
                Check("LRU has fewer faults than first in, first out", lambda f: f["lru_faults"] < f["fifo_faults"]),
            ),
            explanation=(
                "LRU: {lru_faults:n} faults, first in, first out: {fifo_faults:n}. Programs use a few pages again and"
                " again, so recent use is a good guess of future use. Recording every use would cost too much. The"
                " clock ({clock_faults:n}) relies on one bit that the processor sets when it uses a page, and Linux's"
                " lists of active and inactive pages work in a similar way."
            ),
        ),
        Step(
            title="A loop that doesn't fit",
            text="1 2 3 4 1 2 3 4 1 2 3 4 with 3 frames: a loop over one more page than there are frames.",
            question=Number("How many of the 12 references are faults with LRU?", unit="faults", figure="lru_faults"),
            operations=_all(_LOOP, 3),
            checks=(Check("12 faults", lambda f: f["lru_faults"] == 12),),  # noqa: PLR2004 - as in the words
            explanation=(
                "{lru_faults:n}, all of them: the page that was used longest ago is always the one needed next. The"
                " best possible is {optimal_faults:n}. No guess is right for every program. Reading a large file once"
                " is a similar case: it must not push everything else out."
            ),
        ),
        Step(
            title="References of your own",
            text="One number with up to 20 digits, each of them a page, with 3 frames: 1213141 for example.",
            question=Number("Which digits?", unit="", figure=""),
            operations=_own(7012030423),
            own=_own,
            checks=(
                Check(
                    "no rule does better than the best",
                    lambda f: f["optimal_faults"] <= min(f["fifo_faults"], f["lru_faults"], f["clock_faults"]),
                ),
            ),
            explanation=(
                "References: {references:n}. Faults: first in, first out {fifo_faults:n}, LRU {lru_faults:n}, the"
                " clock {clock_faults:n}, the best possible {optimal_faults:n}."
            ),
        ),
    ),
)
