"""The links between the panes: a region and its segment, a segment and its regions, an address and its region."""

import pytest
from textual.geometry import Offset

from mmexplorer.ui.widgets.address_strip import AddressStrip
from tests.support.pilots.app import SMALL, WIDE
from tests.support.pilots.explore import explore

LIBC_CODE = 0x7F3A4C026000
CAT_DATA = 0x559499A89000
HEAP = 0x5594B2C00000


async def test_the_cursor_on_a_region_moves_the_elf_pane_and_marks_the_segment() -> None:
    async with explore(WIDE) as it:
        assert it.cursor("region-table") == 0x559499A7D000
        assert it.linked("segments") == {2}
        await it.press("j")
        assert it.cursor("segments") == 3
        assert it.linked("segments") == {3}
        assert "ELF cat ─ DYN · X86_64" in it.text
        await it.press(*"jjjjjjj")
        assert it.cursor("region-table") == LIBC_CODE
        assert "ELF libc.so.6" in it.text
        assert it.linked("segments") == {1}
        assert "code of libc.so.6: LOAD #1, file bytes 0x26000-0x17afff at bias 7f3a4c000000" in it.text


async def test_regions_of_the_same_segment_are_marked_with_the_region() -> None:
    async with explore(WIDE) as it:
        await it.go_to("0x7f3a4c1d0000")
        assert it.cursor("segments") == 3
        assert it.linked("region-table") == {0x7F3A4C1D4000, 0x7F3A4C1D6000}


async def test_the_cursor_on_a_segment_marks_its_regions() -> None:
    async with explore(WIDE) as it:
        await it.press("tab")
        assert it.focused == "segments"
        await it.press(*"jjj")
        assert it.cursor("segments") == 5
        assert it.linked("region-table") == {0x559499A88000, CAT_DATA}
        assert await it.sees("▌  559499a88000", "▌  559499a89000")


async def test_a_region_without_a_file_says_so_in_the_elf_pane() -> None:
    async with explore(WIDE) as it:
        await it.go_to("0x5594b2c00000")
        assert it.cursor("region-table") == HEAP
        assert "No file behind it: the" in it.text
        assert "via map_files" not in it.text, "nothing is opened that this could be about"
        assert it.table("segments").cursor_row is None
        assert "before  a hole of" in it.text
        assert await it.sees("— this needs a")
        await it.press("tab")
        assert it.focused == "memory"
        it.table("region-table").move_to(0x559499A7F000)
        await it.settle()
        assert it.focused == "segments", "the file has taken its place"


async def test_enter_on_the_entry_point_a_segment_and_a_section_jumps_to_its_region() -> None:
    async with explore(WIDE) as it:
        it.table("loader").focus()
        await it.press("j", "j", "enter")
        assert it.focused == "region-table"
        assert it.cursor("region-table") == 0x559499A7F000
        assert it.toasts == []
        await it.press("enter")
        assert it.focused == "segments"
        await it.press("j", "enter")
        assert it.cursor("region-table") == 0x559499A85000
        await it.press("e", "enter")
        assert it.focused == "sections"
        await it.press("g", "j", "enter")
        assert it.focused == "region-table"
        assert it.cursor("region-table") == 0x559499A7F000


async def test_a_row_that_has_no_place_in_memory_says_so() -> None:
    async with explore(WIDE) as it:
        it.table("loader").focus()
        await it.press("G", "k", "enter")
        assert it.toasts[-1] == "It has no place in this process's memory."


@pytest.mark.smoke
async def test_enter_walks_from_a_process_to_its_regions_to_their_file() -> None:
    async with explore(SMALL) as it:
        await it.press("shift+tab")
        await it.press("enter")
        assert it.focused == "region-table"
        await it.press("enter")
        assert it.focused == "segments"


ADDRESSES = (
    ("0x7f3a4c026010", LIBC_CODE, "7f3a4c026010 is 0x10 bytes into the code of libc.so.6"),
    ("7f3a4c1d4bc8", 0x7F3A4C1D4000, "is 0xbc8 bytes into the data of libc.so.6"),
    (str(HEAP + 5), HEAP, "5594b2c00005 is 0x5 bytes into the heap"),
    ("exe+0x1139", 0x559499A7D000, "559499a7e139 is 0x1139 bytes into the read-only data of cat"),
    ("libc.so.6+0x27370", LIBC_CODE, "the file calls it 0x27370"),
    ("0x7f3a4c026000+0x10", LIBC_CODE, "7f3a4c026010 is 0x10 bytes into the code of libc.so.6"),
    ("[heap]+8", HEAP, "5594b2c00008 is 0x8 bytes into the heap"),
    ("libc.so.6@0x26010", LIBC_CODE, "file offset 0x26010 of"),
)


async def test_an_address_leads_to_its_region() -> None:
    async with explore(WIDE) as it:
        for typed, start, told in ADDRESSES:
            assert told not in it.text
            await it.go_to(typed)
            assert not it.prompt_is_open(), typed
            assert it.cursor("region-table") == start, typed
            assert it.toasts == []
            assert it.focused == "region-table"
            assert await it.sees("asked for", told), typed
            await it.press("j")
            assert told not in it.text
            await it.press("k")
            assert await it.sees("asked for", told), typed
            await it.press("g")


async def test_the_answer_names_the_section_and_the_pane_marks_it() -> None:
    async with explore(WIDE) as it:
        await it.go_to("exe+0x2705")
        assert await it.sees("section .text+0x5")
        await it.press("e")
        text = it.cursor("sections")
        assert it.linked("sections") == {text}
        await it.press("j")
        assert it.linked("sections") == frozenset()


async def test_where_the_details_are_not_in_sight_the_answer_brings_them_forward() -> None:
    async with explore(SMALL) as it:
        await it.go_to("[heap]+8")
        assert await it.sees("5594b2c00008 is 0x8 bytes into the heap")
        assert it.cursor("region-table") == HEAP


async def test_an_address_in_a_hole_is_told_between_which_regions() -> None:
    async with explore(WIDE) as it:
        await it.press("j")
        await it.go_to("0x559499a8b000")
        assert not it.prompt_is_open()
        assert it.cursor("region-table") == CAT_DATA
        assert it.toasts == []
        assert await it.sees("559499a8b000 lies in no region: 4K (0x1000) after the end of the data of cat")
        assert "before the heap" in it.text
        assert "in a hole: every access is a fault" in it.text


WRONG_ADDRESSES = (
    ("nonsense", "nonsense is no address"),
    ("nowhere.so+0x10", "no image nowhere.so is loaded"),
    ("exe+zz", "zz is no number"),
    ("0x1ffffffffffffffff", "is beyond 64 bits"),
)


async def test_a_wrong_address_keeps_the_prompt_open_with_the_sentence() -> None:
    async with explore(WIDE) as it:
        for typed, sentence in WRONG_ADDRESSES:
            await it.go_to(typed)
            assert it.prompt_is_open(), typed
            assert sentence in it.note
            assert sentence in it.lines[-1]
            await it.press("escape")
            assert not it.prompt_is_open(), typed
            assert it.focused == "region-table"


async def test_enter_without_an_address_goes_nowhere() -> None:
    async with explore(WIDE) as it:
        before = it.cursor("region-table")
        await it.go_to("")
        assert not it.prompt_is_open()
        assert it.cursor("region-table") == before


async def test_an_address_whose_region_is_filtered_out_says_so() -> None:
    async with explore(WIDE) as it:
        await it.filter("kind:stack")
        await it.go_to("0x5594b2c00000")
        assert it.toasts[-1] == "Its region is hidden by the filter."


async def test_a_click_on_the_strip_goes_there() -> None:
    async with explore(WIDE) as it:
        strip = it.screen.query_one(AddressStrip)
        place = next(at for at, cell in enumerate(strip._cells) if cell.range.start == HEAP)
        await it.pilot.click(strip, offset=Offset(1 + strip._margin + place, 0))
        await it.settle()
        assert it.cursor("region-table") == HEAP


async def test_a_process_chosen_is_looked_at_and_backspace_returns() -> None:
    async with explore(WIDE) as it:
        await it.press("shift+tab")
        await it.press("j")
        assert "Regions of cat (8402)" in it.lines[1]
        await it.press("backspace")
        assert "Regions of cat (8360)" in it.lines[1]
        assert it.cursor("process-table") == (8360, 100)
