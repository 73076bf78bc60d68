"""A lab from a file on the real kernel: the README's example passes; what goes wrong is reported, and no more."""

import pytest

from mmexplorer.labs.file.build import lab_from
from tests.support.pilots.lab_players import failures, played
from tests.unit.test_lab_file import MEMORY, example, steps


def test_the_example_of_the_readme_passes() -> None:
    lab = lab_from(example())
    outcomes = list(played(lab))
    assert [failures(outcome) for outcome in outcomes] == [[] for _ in lab.steps]
    assert [outcome.answer for outcome in outcomes] == ["hardly at all", "10 pages"]


@pytest.mark.parametrize(
    ("operations", "said"),
    [
        (f'{MEMORY}, {{do = "munmap", of = "m"}}, {{do = "load", of = "m"}}', "was ended by SIGSEGV"),
        (f'{MEMORY}, {{do = "touch", of = "m", length = "1 GiB"}}', "may touch 256M in all"),
        ('{do = "malloc", name = "b", size = "4 kB", count = 100000, fill = true}', "may touch 256M in all"),
        ('{do = "mmap", name = "m", length = "100 TiB"}', "ENOMEM"),
    ],
)
def test_what_cannot_be_done_is_told(operations: str, said: str) -> None:
    [outcome] = played(lab_from(steps(operations)))
    assert not outcome.passed
    assert said in outcome.replies[-1].error
