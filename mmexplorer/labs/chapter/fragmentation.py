"""Memory handed out in one row: free units that are of no use, the three rules of fit, and how paging ends it."""

from mmexplorer.labs.figures import Figures
from mmexplorer.labs.lab import Check, Choice, Lab, Number, Remark, Step
from mmexplorer.labs.operations import simulate
from mmexplorer.labs.protocol import Operation
from mmexplorer.labs.simulated.allocator import Rule
from mmexplorer.labs.simulated.simulator import MemorySimulator, drawn, typed, written

_SMALL, _LARGE = 16, 256
_DRAWN, _LARGEST = 500, 32
_SEED = 1
_OWN = 2222222203
_RULES = ("first", "best", "worst")
_EVERY_SECOND = "+2 +2 +2 +2 +2 +2 +2 +2 -1 -3 -5 +3"
"""Eight requests fill the 16 units; B, D and F are given back; then somebody asks for 3."""
_BEST_WINS = "+5 +2 +3 +6 -0 -2 +3 +5"
_BEST_LOSES = "+7 +2 +5 +2 -0 -2 +4 +3 +5"


def _each(size: int, requests: str, *rules: str) -> tuple[Operation, ...]:
    return tuple(simulate(size, requests, rule) for rule in rules)


def _all(size: int, requests: str) -> tuple[Operation, ...]:
    return _each(size, requests, *(rule.value for rule in Rule))


def _from_seed(seed: int) -> tuple[Operation, ...]:
    return _all(_LARGE, written(drawn(seed, _LARGE, _DRAWN, _LARGEST)))


def _from_digits(digits: int) -> tuple[Operation, ...]:
    return _all(_SMALL, written(typed(digits)))


def _only(winner: str) -> Check:
    """Only that rule meets all requests."""
    return Check(
        f"only {winner} fit meets every request",
        lambda f: all((f[f"{rule}_failures"] == 0) is (rule == winner) for rule in _RULES),
    )


def _most_failures(f: Figures) -> int:
    return max(range(len(_RULES)), key=lambda index: f[f"{_RULES[index]}_failures"])


_WHICH_RULE = ("first fit", "best fit", "worst fit")
_NEVER_IN_VAIN = Check("with paging no request fails while enough units are free", lambda f: f["paged_wasted"] == 0)
_FIRST_FAILED = Remark(
    lambda f: f["first_wasted"] > 0,
    "By first fit a request for {first_failed:n} was the first to fail, with {first_free:n} units free.",
)
_NONE_FAILED = Remark(lambda f: f["first_wasted"] == 0, "By first fit none failed that there was enough for.")

LAB = Lab(
    name="fragmentation",
    title="Free, and of no use",
    row="10",
    learn="Memory that must lie in one row breaks up into holes; in pages it need not lie in one row.",
    order=30,
    address_space=0,
    simulator=MemorySimulator,
    steps=(
        Step(
            title="Holes",
            text=(
                "Imagine a memory of 16 units, without pages: whoever asks gets units in one row. Eight programs take 2"
                " each, and it is full. Then B, D and F end. A letter is a unit's owner, a dot is a free unit."
            ),
            question=Choice(
                "6 units are free. Somebody asks for 3. Do they get them?",
                ("yes", "no"),
                1,
                ("There are 6, but a request has to lie in one row, and the longest row is 2.", ""),
            ),
            operations=_each(_SMALL, _EVERY_SECOND, "first"),
            checks=(
                Check("6 units are free", lambda f: f["first_free"] == 6),  # noqa: PLR2004 - as in the words
                Check("the request for 3 fails", lambda f: f["first_failed"] == 3),  # noqa: PLR2004
            ),
            explanation=(
                "{first_free:n} units are free, but the largest [[hole]] has {first_largest:n}, and"
                " {first_failed:n} in one row are nowhere. That is [[external fragmentation]]. Moving the programs"
                " together would help, had they not kept the addresses of their own data in pointers."
            ),
        ),
        Step(
            title="A rule that wins",
            text=(
                "Which hole should be used? [[first fit|First fit]] takes the first that is large enough,"
                " [[best fit]] the smallest, [[worst fit]] the largest. There are two holes, of 5 units and of 3;"
                " now 3 are wanted, and then 5."
            ),
            question=Choice(
                "Which rule serves both?",
                _WHICH_RULE,
                1,
                (
                    "It takes the 3 out of the first hole that is large enough, the 5, and then no hole of 5 is left.",
                    "",
                    "It takes the 3 out of the largest hole, and that is the one the 5 would need.",
                ),
            ),
            operations=_each(_SMALL, _BEST_WINS, *_RULES),
            checks=(_only("best"),),
            explanation=(
                "Best fit put 3 into 3 and 5 into 5. The others cut the 3 off the larger hole, and in the end"
                " {first_free:n} units are free, but only {first_largest:n} of them in one row."
            ),
        ),
        Step(
            title="The same rule loses",
            text="The holes are of 7 units and of 5. Wanted are 4, then 3, then 5.",
            question=Choice(
                "Which rule serves all three?",
                _WHICH_RULE,
                0,
                (
                    "",
                    "It puts the 4 into the 5, since that fits best, and then nothing is left for the 5.",
                    "It takes 4 out of 7, then 3 out of 5, and nothing is left for the 5.",
                ),
            ),
            operations=_each(_SMALL, _BEST_LOSES, *_RULES),
            checks=(_only("first"),),
            explanation=(
                "First fit filled the 7 with 4 and 3 and kept the 5 whole. Best fit put 4 into 5 and left a splinter"
                " of 1, too small for what is wanted next. No rule is always right, for none of them knows what will"
                " be asked next."
            ),
        ),
        Step(
            title="Five hundred requests",
            text=(
                "256 units; 500 random requests take up to 32 units or give some back. All that is asked for is never"
                " more than nine tenths of the memory. Each rule gets the same requests, and so does paging. A picture"
                " shows the moment of a rule's first failure, or the end where nothing failed. The requests are drawn"
                " from the number 1: other numbers give other figures, as the step 'Another seed' shows."
            ),
            question=Choice(
                "Under which rule do the most requests fail?",
                _WHICH_RULE,
                _most_failures,
                (
                    "It leaves large holes at the end alone, as long as the small ones do.",
                    "It leaves splinters, but keeps the large holes for those who need them.",
                    (
                        "Cutting up the largest hole seems to leave useful rests; with these requests it was not the"
                        " worst."
                    ),
                ),
                guess=True,
            ),
            operations=_from_seed(_SEED),
            checks=(
                Check(
                    "each rule fails though enough units are free", lambda f: all(f[f"{r}_wasted"] > 0 for r in _RULES)
                ),
                _NEVER_IN_VAIN,
            ),
            explanation=(
                "First fit: {first_failures:n} failures, best fit: {best_failures:n}, worst fit: {worst_failures:n}."
                " Worst fit cuts up just the large holes that a large request will need. When first fit failed for the"
                " first time, {first_free:n} of 256 units were free and {first_failed:n} were wanted. With paging:"
                " {paged_failures:n}."
            ),
        ),
        Step(
            title="Now with paging",
            text=(
                "Back to the 16 units and the first experiment: B, D and F have ended, 6 units are free in three holes,"
                " and somebody asks for 3. But now each unit is a [[page]], and a [[page table]] says for each page of"
                " a program where it lies."
            ),
            question=Choice(
                "Do they get them?",
                ("no: the largest hole still has 2", "yes"),
                1,
                ("The units need not lie in one row any more: the page table puts any of them together.", ""),
            ),
            operations=_each(_SMALL, _EVERY_SECOND, "paged"),
            checks=(
                Check("no request fails", lambda f: f["paged_failures"] == 0),
                Check("the 3 pages lie in two places", lambda f: f["paged_pieces"] == 2),  # noqa: PLR2004
                _NEVER_IN_VAIN,
            ),
            explanation=(
                "The ninth program, I, got its 3 pages in {paged_pieces:n} places; {paged_free:n} are left. To the"
                " program they are one row: its addresses are [[virtual address|virtual]], and the processor looks"
                " each one up in the page table. Any free page is as good as any other, so external fragmentation is"
                " over. What remains is [[internal fragmentation]], the unused end of the last page; and the kernel"
                " itself still needs rows of pages now and then, for a [[huge page]] for example."
            ),
        ),
        Step(
            title="Another seed",
            text="The five hundred requests once more, drawn from a number of your choice. The same number always"
            " gives the same requests.",
            question=Number("Which number?", unit="", figure=""),
            operations=_from_seed(2026),
            own=_from_seed,
            checks=(_NEVER_IN_VAIN,),
            explanation=(
                "Failures: first fit {first_failures:n}, best fit {best_failures:n}, worst fit {worst_failures:n}, with"
                " paging {paged_failures:n}."
            ),
        ),
        Step(
            title="Requests of your own",
            text=(
                "Make your own, in 16 units: up to 20 digits in one number. Each digit asks for so many units, and a 0"
                " gives back every second block that is left: 2222222203 takes eight times 2, gives four of them back,"
                " and asks for 3."
            ),
            question=Number("Which digits?", unit="", figure=""),
            operations=_from_digits(_OWN),
            own=_from_digits,
            checks=(_NEVER_IN_VAIN,),
            explanation=(
                "Requests that failed: first fit {first_failures:n}, best fit {best_failures:n}, worst fit"
                " {worst_failures:n}, with paging {paged_failures:n}."
            ),
            remarks=(_FIRST_FAILED, _NONE_FAILED),
        ),
    ),
)
