"""The translation of an address as a picture."""

from dataclasses import replace

from mmexplorer.model.memory.inspection import TableCount, Walk
from mmexplorer.model.memory.pages import PageState
from mmexplorer.model.memory.translation import Paging, Sharer, Translation
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.memory.walk import sharer_lines, walk_lines
from mmexplorer.present.text.line import plain
from tests.support.fakes.machine import cat, laid_out
from tests.support.fakes.spaces import anonymous

ADDRESS = 0x7F43_E0C2_A010
PAGING = Paging(4096, 48)
HIDDEN = Unavailable(Cause.DENIED, "hidden: the kernel tells frame numbers only with CAP_SYS_ADMIN")
TABLES = {"PUD": 2, "PMD": 3, "PTE": 9}


def walk(translation: Translation) -> Walk:
    return Walk(translation, 1, TableCount(TABLES, 14 * 4096))


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
    both = (Sharer(10, ADDRESS), Sharer(11, 0x1000))
    lines = [*map(plain, sharer_lines(walk(PLAIN)._replace(mapped=2), both, ended=True))]
    assert lines == [
        "2 of 2 mappings of this frame found",
        "  process 10 at 7f43e0c2a010: 4,096 / 2 = 2,048 bytes of its Pss",
        "  process 11 at 1000: 4,096 / 2 = 2,048 bytes of its Pss",
        "  together 4,096 bytes, the whole page",
    ]
    lines = [*map(plain, sharer_lines(walk(PLAIN)._replace(mapped=3), both, ended=True))]
    assert lines[-2:] == [
        "  together 2,731 bytes, of the page's 4,096",
        "  the others are at other addresses, or in processes that we may not read",
    ]
    assert "hidden" in plain(next(sharer_lines(walk(replace(PLAIN, frame=HIDDEN)), (), ended=True)))


def test_the_regions_that_share_each_table_are_told() -> None:
    near, far = ADDRESS // (2 << 20) * (2 << 20), ADDRESS // (1 << 30) * (1 << 30)
    own = anonymous(ADDRESS - 0x10, ADDRESS + 0x1000 - 0x10)
    rows = (anonymous(far, far + 0x1000), anonymous(near, near + 0x1000), own)
    told = [plain(each) for each in walk_lines(walk(PLAIN), "", 120, laid_out(cat, rows))][-3:]
    assert told[0].startswith("PUD  this table is for ")
    assert told[0].endswith("512G: shared with anonymous memory, anonymous memory")
    assert told[1].endswith("1G: shared with anonymous memory, anonymous memory")
    assert told[2].endswith(f"{near:x}-{near + (2 << 20):x}, 2M: shared with anonymous memory")
    alone = [plain(each) for each in walk_lines(walk(PLAIN), "", 120, laid_out(cat, (own,)))][-1]
    assert alone.endswith("2M: this region alone needs it")
