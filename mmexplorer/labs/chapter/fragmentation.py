"""Contiguous allocation: external fragmentation, three rules of fit, and how paging avoids the problem."""

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
"""Eight requests fill the 16 units; B, D and F are released; then 3 units are requested."""
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
    """Return a check that only this rule meets all requests."""
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
    "With first fit the first request to fail was one for {first_failed:n}, with {first_free:n} units free.",
)
_NONE_FAILED = Remark(
    lambda f: f["first_wasted"] == 0, ("With first fit no request failed for which enough units were free.")
)

LAB = Lab(
    name="fragmentation",
    title="Free but unusable",
    row="10",
    learn="Memory that must be contiguous breaks up into holes; memory in pages doesn't have to be contiguous.",
    order=30,
    address_space=0,
    simulator=MemorySimulator,
    steps=(
        Step(
            title="Holes",
            text=(
                "Imagine a memory of 16 units, without pages: each request gets units side by side. Eight programs take"
                " 2 each, and it is full. Then B, D and F end. A letter shows who owns a unit, a dot is a free unit."
            ),
            question=Choice(
                "6 units are free. A new program asks for 3. Does it get them?",
                ("yes", "no"),
                1,
                ("6 are free, but the 3 must lie side by side, and the largest hole has 2.", ""),
            ),
            operations=_each(_SMALL, _EVERY_SECOND, "first"),
            checks=(
                Check("6 units are free", lambda f: f["first_free"] == 6),  # noqa: PLR2004 - as in the words
                Check("the request for 3 fails", lambda f: f["first_failed"] == 3),  # noqa: PLR2004
            ),
            explanation=(
                "{first_free:n} units are free, but the largest [[hole]] has {first_largest:n}, and nowhere are"
                " {first_failed:n} free side by side. That is [[external fragmentation]]. Moving the programs together"
                " would help, but their pointers hold addresses of their data, which would all become wrong."
            ),
        ),
        Step(
            title="Which rule wins?",
            text=(
                "Which hole should be used? [[first fit|First fit]] takes the first that is large enough, [[best fit]]"
                " the smallest, [[worst fit]] the largest. There are two holes, one of 5 units and one of 3. A request"
                " for 3 comes first, then one for 5."
            ),
            question=Choice(
                "Which rule serves both?",
                _WHICH_RULE,
                1,
                (
                    "It takes the 3 from the first hole that is large enough, the 5, and then no hole of 5 is left.",
                    "",
                    "It takes the 3 from the largest hole, the one that the 5 will need.",
                ),
            ),
            operations=_each(_SMALL, _BEST_WINS, *_RULES),
            checks=(_only("best"),),
            explanation=(
                "Best fit put 3 into 3 and 5 into 5. The others took the 3 from the larger hole, so that {first_free:n}"
                " units are free in the end, but only {first_largest:n} of them side by side."
            ),
        ),
        Step(
            title="The same rule loses",
            text="The holes have 7 units and 5. The requests are for 4, then 3, then 5.",
            question=Choice(
                "Which rule serves all three?",
                _WHICH_RULE,
                0,
                (
                    "",
                    "It puts the 4 into the 5, since that fits best, and then no hole is left for the 5.",
                    "It takes the 4 from the 7, then the 3 from the 5, and no hole is left for the 5.",
                ),
            ),
            operations=_each(_SMALL, _BEST_LOSES, *_RULES),
            checks=(_only("first"),),
            explanation=(
                "First fit filled the 7 with 4 and 3 and kept the 5 whole. Best fit put 4 into 5 and left a splinter of"
                " 1, too small for the next request. No rule is always right, because none of them knows the requests"
                " to come."
            ),
        ),
        Step(
            title="Five hundred requests",
            text=(
                "There are 256 units. 500 random requests take up to 32 units each or give some back; together they"
                " never ask for more than nine tenths of the memory. Each rule gets the same requests, and so does"
                " paging. A picture shows memory at a rule's first failure, or at the end if nothing failed, with a"
                " sign for every 8 units. The random requests come from the seed 1; other seeds give other figures, as"
                " the step “Another seed” shows."
            ),
            question=Choice(
                "Under which rule do the most requests fail?",
                _WHICH_RULE,
                _most_failures,
                (
                    "As long as small holes are enough, it doesn't touch the large holes at the end.",
                    "It leaves splinters, but keeps the large holes for large requests.",
                    ("It does cut up the large holes, but with these requests it wasn't the worst."),
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
                " Worst fit cuts up exactly the large holes that a large request will need. When first fit failed for"
                " the first time, {first_free:n} of 256 units were free and {first_failed:n} were wanted. With paging:"
                " {paged_failures:n}."
            ),
        ),
        Step(
            title="Now with paging",
            text=(
                "Back to the 16 units and the first experiment: B, D and F have ended, 6 units are free in three holes,"
                " and a new program asks for 3. But now each unit is a [[page]], and a [[page table]] says where each"
                " page of a program lies."
            ),
            question=Choice(
                "Does it get them?",
                ("no: the largest hole still has 2", "yes"),
                1,
                ("The pages don't have to lie side by side any more: the page table can combine any of them.", ""),
            ),
            operations=_each(_SMALL, _EVERY_SECOND, "paged"),
            checks=(
                Check("no request fails", lambda f: f["paged_failures"] == 0),
                Check("the 3 pages lie in two places", lambda f: f["paged_pieces"] == 2),  # noqa: PLR2004
                _NEVER_IN_VAIN,
            ),
            explanation=(
                "The ninth program, I, got its 3 pages in {paged_pieces:n} places; {paged_free:n} are left. To the"
                " program they are contiguous: its addresses are [[virtual address|virtual]], and the processor looks"
                " each one up in the page table. Any free page is as good as any other, so there is no external"
                " fragmentation. What remains is [[internal fragmentation]], the unused end of the last page. The"
                " kernel itself still needs contiguous pages now and then, for a [[huge page]] for example."
            ),
        ),
        Step(
            title="Another seed",
            text=(
                "Another five hundred requests, from a seed of your choice. The same seed always gives the same"
                " requests."
            ),
            question=Number("Which seed?", unit="", figure=""),
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
                "Make your own requests, in 16 units: one number with up to 20 digits. Each digit asks for that many"
                " units, and a 0 gives back every second block in use: 2222222203 takes 2 eight times, gives four of"
                " these blocks back, and asks for 3."
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
