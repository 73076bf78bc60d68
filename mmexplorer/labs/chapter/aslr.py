"""The same program several times: where it lies each time, and how that is chosen."""

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
                "cat is started three times, one after the other: the same file, the same arguments. Each one waits for"
                " something to read, and we look at their maps."
            ),
            question=Choice(
                "At how many different addresses do the three stacks begin?",
                ("1", "2", "3"),
                2,
                (
                    "That would be so with randomisation switched off.",
                    "By accident two of millions of places could be the same; here they weren't.",
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
                " function of a library, or to return into code on the way, has to know where they are, and what was"
                " found out in one run is of no use in the next."
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
            text="The same three maps once more. Now look at the program's own regions, from its first byte on.",
            question=Choice(
                "The distance from the start of its code to the start of its data: is it the same in all three?",
                ("no: each region has an address of its own", "yes"),
                1,
                ("The regions of one file move together: their distance is fixed in its table.", ""),
            ),
            operations=(ready(),),
            checks=(Check("counted from its start, the program looks the same", lambda f: f["distinct_shapes"] == 1),),
            explanation=(
                "Yes. A program is moved as a whole: one number, the [[load bias]], is added to all its addresses. The"
                " code may rely on the distances, and does. So one address that leaks gives all the others of that file"
                " away."
            ),
        ),
        Step(
            title="Without randomisation",
            text=(
                "cat is started three times again, but each time with personality(2) and ADDR_NO_RANDOMIZE before"
                " execve, as a debugger does it, or setarch -R."
            ),
            question=Choice(
                "At how many different addresses does the program lie?",
                ("2", "3", "1"),
                2,
                (
                    "The personality is set for all three: nothing is drawn any more.",
                    "Randomisation is off for these three.",
                    "",
                ),
            ),
            prepare=(program("cat"),),
            operations=_three(randomize=False),
            checks=(
                Check("program, libraries and stack: each at one address", _all_at_one_place),
                Check("the heap, too", lambda f: f.numbers.get("distinct_heap", 1) == 1),
            ),
            explanation=(
                "One: the program at {first_program_at:hex}, the stack at {first_stack_at:hex}, all three times. These"
                " are three processes with the same addresses, and yet three different memories: see the lab"
                " address-spaces. A breakpoint that was found once is in the same place next time."
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
                    "A copy gets its original's map; addresses are drawn by execve, not by fork.",
                    "",
                    "Nothing is drawn in a fork: a pointer of the parent must stay good in the copy.",
                ),
            ),
            operations=tuple(fork(name) for name in _NAMES),
            checks=(
                Check("program, libraries and stack: each at one address", _all_at_one_place),
                Check("the program looks the same", lambda f: f["distinct_shapes"] == 1),
            ),
            explanation=(
                "One. The addresses are chosen when a program is started ([[execve]]), and a copy has those of its"
                " original. A server that forks a process for each visitor gives them all the same addresses: one that"
                " wants to keep them secret has to start its program again each time."
            ),
            fresh=True,
        ),
    ),
)
