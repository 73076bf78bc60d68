"""The same program run several times: its addresses in each run, and how they are chosen."""

from mmexplorer.labs.figures import Figures
from mmexplorer.labs.lab import Check, Choice, Lab, Need, Remark, Step
from mmexplorer.labs.operations import fork, program, ready, run
from mmexplorer.labs.protocol import Operation

_NAMES = ("first", "second", "third")
_PLACES = ("distinct_program", "distinct_library", "distinct_stack")


def _three(*, randomize: bool) -> tuple[Operation, ...]:
    return tuple(run("cat", name, randomize=randomize) for name in _NAMES)


def _all_at_one_place(f: Figures) -> bool:
    return all(f.numbers.get(place, 1) == 1 for place in _PLACES)


LAB = Lab(
    name="aslr",
    title="Never in the same place",
    row="13",
    learn="The kernel chooses the addresses of program, libraries and stack at random each time it runs a program.",
    order=65,
    address_space=1 << 20,
    needs=(Need.CAT, Need.RANDOMISED, Need.NOT_RANDOMISED),
    instead="address-spaces",
    steps=(
        Step(
            title="Run it three times",
            text=(
                "cat is started three times, with the same file and the same arguments. All three wait for something to"
                " read while we look at their maps."
            ),
            question=Choice(
                "At how many different addresses do the three stacks begin?",
                ("1", "2", "3"),
                2,
                (
                    "It would be one with randomisation switched off.",
                    "Two could be the same by accident, out of millions of places; here they weren't.",
                    "",
                ),
            ),
            prepare=(program("cat"),),
            operations=_three(randomize=True),
            checks=(
                Check("three stacks at three addresses", lambda f: f["distinct_stack"] == len(_NAMES)),
                Check(
                    "the libraries are at three addresses, if it has any",
                    lambda f: f.numbers.get("distinct_library", len(_NAMES)) == len(_NAMES),
                ),
            ),
            explanation=(
                "The stacks, which grow downward, begin at their upper ends, {first_stack_at:hex},"
                " {second_stack_at:hex} and {third_stack_at:hex}. This is [[ASLR]]: an attacker who wants to jump to a"
                " library function needs its address, and what one run reveals is useless in the next."
            ),
            remarks=(
                Remark(
                    lambda f: f["distinct_program"] == len(_NAMES),
                    "The program itself lies at {first_program_at:hex}, {second_program_at:hex} and"
                    " {third_program_at:hex}: its file has the type DYN, so it can be moved.",
                ),
                Remark(
                    lambda f: f["distinct_program"] == 1,
                    "The program itself lies at {first_program_at:hex} each time: its file has the type EXEC, and its"
                    " addresses are fixed.",
                ),
            ),
        ),
        Step(
            title="What stays the same",
            text="The same three maps again. Now look at the program's own regions.",
            question=Choice(
                "Is the distance from the start of its code to the start of its data the same in all three?",
                ("no: each region gets its own random address", "yes"),
                1,
                ("The regions of one file move together: their distance is fixed in its table.", ""),
            ),
            operations=(ready(),),
            checks=(
                Check(
                    "relative to its start, the program looks the same in all three",
                    lambda f: f["distinct_shapes"] == 1,
                ),
            ),
            explanation=(
                "Yes. A program is moved as a whole: one number, the [[load bias]], is added to all its addresses. The"
                " code relies on the distances. So a single leaked address gives away all the others of that file."
            ),
        ),
        Step(
            title="Without randomisation",
            text=(
                "cat is started three times again, but each time with personality(2) and ADDR_NO_RANDOMIZE before"
                " execve, as a debugger or setarch -R does."
            ),
            question=Choice(
                "At how many different addresses does the program lie?",
                ("2", "3", "1"),
                2,
                (
                    "The personality is set for all three, so nothing is random any more.",
                    "Randomisation is off for these three.",
                    "",
                ),
            ),
            prepare=(program("cat"),),
            operations=_three(randomize=False),
            checks=(
                Check("program, libraries and stack: each at one address", _all_at_one_place),
                Check("the heap too", lambda f: f.numbers.get("distinct_heap", 1) == 1),
            ),
            explanation=(
                "One: the program at {first_program_at:hex}, the stack at {first_stack_at:hex}, all three times. These"
                " are three processes with the same addresses but different memory: see the lab “Separate address"
                " spaces”. In a debugger, an address found in one run is still right in the next."
            ),
            fresh=True,
        ),
        Step(
            title="Copies keep their places",
            text=(
                "The lab process calls [[fork]] three times. Randomisation is switched on again, but nothing runs a new"
                " program: there is no execve."
            ),
            question=Choice(
                "At how many different addresses do the three stacks begin?",
                ("2", "1", "3"),
                1,
                (
                    "A copy gets the map of its parent; addresses are chosen by execve, not by fork.",
                    "",
                    "fork chooses no addresses: the parent's pointers must stay valid in the copy.",
                ),
            ),
            operations=tuple(fork(name) for name in _NAMES),
            checks=(
                Check("program, libraries and stack: each at one address", _all_at_one_place),
                Check("the program looks the same", lambda f: f["distinct_shapes"] == 1),
            ),
            explanation=(
                "One. The addresses are chosen when a program is started ([[execve]]), and a copy keeps those of its"
                " parent. A server that forks a process for each connection gives them all the same addresses; to avoid"
                " that, it has to call execve again each time."
            ),
            fresh=True,
        ),
    ),
)
