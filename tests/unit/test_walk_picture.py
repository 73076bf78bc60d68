"""The drawn translation of an address."""

from dataclasses import replace

from mmexplorer.model.memory.inspection import Walk
from mmexplorer.model.memory.pages import PageState
from mmexplorer.model.memory.translation import Paging, Sharer, Translation
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.memory.walk import sharer_lines, walk_lines
from mmexplorer.present.text.line import plain

ADDRESS = 0x7F43_E0C2_A010
PAGING = Paging(4096, 48)
HIDDEN = Unavailable(Cause.DENIED, "hidden: the kernel tells frame numbers only with CAP_SYS_ADMIN")
TABLES = {"PUD": 2, "PMD": 3, "PTE": 9}


def walk(translation: Translation) -> Walk:
    return Walk(translation, 1, TABLES, 14 * 4096)


PLAIN = Translation(ADDRESS, PAGING.levels(ADDRESS), PageState.ANONYMOUS, 0x1A2B3C, 4096, None)


def drawn(found: Walk, width: int = 120) -> str:
    return "\n".join(map(plain, walk_lines(found, "anonymous memory", width)))


def test_the_bits_are_cut_into_the_indices_that_the_steps_name() -> None:
    text = drawn(walk(PLAIN))
    assert "0…0 011111110 100001111 100000110 000101010 000000010000" in text
    assert "PGD[254] ─▶ PUD[271] ─▶ PMD[262] ─▶ PTE[42] ─▶ frame 0x1a2b3c" in text
    assert int("011111110", 2) == 254
    assert int("000101010", 2) == 42
    assert "physical address 0x1a2b3c010 = frame 0x1a2b3c * 4096 + 0x10" in text.replace("\N{MULTIPLICATION SIGN}", "*")
    assert "mapped 1 time: by this process alone" in text
    assert "2 PUD, 3 PMD, 9 PTE = 56 kB; VmPTE: 56 kB" in text


def test_a_huge_page_ends_the_walk_early_with_a_longer_offset() -> None:
    huge = replace(PLAIN, levels=PLAIN.levels[:3], state=PageState.HUGE, huge=2 << 20)
    text = drawn(walk(huge))
    assert "PTE" not in text.splitlines()[4]
    assert f"100000110 {ADDRESS % (2 << 20):021b}" in text
    assert "the walk ends early" in text


def test_a_hidden_frame_leaves_all_that_can_be_said() -> None:
    text = drawn(walk(replace(PLAIN, frame=HIDDEN)))
    assert "PTE[42] ─▶ a frame (hidden" in text
    assert "physical" not in text
    assert "offset in the page 0x10" in text


def test_a_page_that_is_not_there_leads_to_nothing() -> None:
    absent = Unavailable(Cause.UNSUPPORTED, "no page is there yet: the first access faults it in")
    assert "PTE[42] ─▶ nothing: no page is there yet" in drawn(
        walk(replace(PLAIN, state=PageState.ABSENT, frame=absent))
    )


def test_five_levels_and_a_narrow_screen_fit() -> None:
    five = replace(PLAIN, levels=Paging(4096, 57).levels(ADDRESS))
    lines = drawn(walk(five), width=60).splitlines()
    steps = [each for each in lines if "─▶" in each or each.startswith("frame")]
    assert all(len(each) <= 60 for each in steps)
    assert " ".join(steps).startswith("PGD[0] ─▶ P4D[254] ─▶" if "P4D[254]" in " ".join(steps) else "PGD[0] ─▶ P4D[")


def test_those_who_have_the_frame_are_listed_with_their_share() -> None:
    lines = [*map(plain, sharer_lines(walk(PLAIN), (Sharer(10, ADDRESS), Sharer(11, 0x1000)), ended=True))]
    assert lines[0] == "2 found with this frame"
    assert lines[1] == "  process 10 at 7f43e0c2a010: 2K of its Pss"
    assert "hidden" in plain(next(sharer_lines(walk(replace(PLAIN, frame=HIDDEN)), (), ended=True)))
