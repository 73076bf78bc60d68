"""Changes are visible: regions added, removed, grown, a process ended; and the lab process that causes them."""

import time

import pytest

from mmexplorer.model.region import Range
from tests.support.fakes.machine import CAT_IMAGE, cat, grown, laid_out, other_cat, with_region
from tests.support.fakes.source import EPOCH, LAB_START, FakeLab, FakeSource
from tests.support.fakes.spaces import process
from tests.support.pilots.app import SMALL, WIDE
from tests.support.pilots.explore import Explorer, explore

NEW = "7f3a45800000-7f3a4bc00000 rw-p 00000000 00:00 0 "
HEAP = Range(0x5594B2C00000, 0x5594B2C21000)


def row_of(it: Explorer, start: str) -> str:
    """Return the row of the region that begins there, with its mark."""
    return next(row for row in it.rows("region-table") if start in row)


async def test_an_added_region_is_marked_and_told() -> None:
    async with explore(WIDE) as it:
        before = it.source.scene.spaces[cat.key]
        it.source.show(with_region(before, NEW))
        await it.settle()
        assert row_of(it, "7f3a45800000").startswith("+ ")
        assert "+100M" in row_of(it, "7f3a45800000")
        assert it.cursor("region-table") == 0x559499A7D000
        await it.settle()
        assert "+100M" in row_of(it, "7f3a45800000")
        await it.press("d")
        assert await it.sees("added", "+100M", "7f3a45800000-7f3a4bc00000")
        for _ in range(6):
            await it.settle()
        assert not row_of(it, "7f3a45800000").startswith("+")


async def test_a_removed_region_stays_a_while_as_a_ghost() -> None:
    async with explore(WIDE) as it:
        before = it.source.scene.spaces[cat.key]
        it.source.show(laid_out(cat, tuple(row for row in before.regions if row.range != HEAP)))
        await it.settle()
        ghost = row_of(it, "5594b2c00000")
        assert ghost.startswith("- ")
        assert "-132K" in ghost
        assert "15 · VSZ" in it.text
        for _ in range(6):
            await it.settle()
        assert not any("5594b2c00000" in row for row in it.rows("region-table"))


async def test_after_execve_the_cursor_is_on_the_first_region() -> None:
    async with explore(WIDE) as it:
        before = it.source.scene.spaces[cat.key].regions
        await it.press("G", "k", "k")
        moved = [row._replace(start=row.start + (1 << 32), end=row.end + (1 << 32)) for row in before[:-1]]
        it.source.show(laid_out(cat, (*moved, before[-1])))
        await it.settle()
        assert it.cursor("region-table") == moved[0].start


async def test_a_grown_region_shows_by_how_much() -> None:
    async with explore(WIDE) as it:
        it.source.show(grown(it.source.scene.spaces[cat.key], HEAP, 1 << 20))
        await it.settle()
        row = row_of(it, "5594b2c00000")
        assert row.startswith("~ ")
        assert "+1M" in row
        assert "[heap]" in row
        assert "upward" not in row
        await it.press("d")
        assert await it.sees("grew", "upward")


async def test_an_ended_process_keeps_its_last_map_greyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    try:
        async with explore(WIDE) as it:
            it.source.scene = it.source.scene.without(cat.key, ended_at=EPOCH)
            await it.settle()
            assert await it.sees("cat (8360) ended at 22:13:20: this is its last map.")
            assert len(it.rows("region-table")) == 16
            assert it.screen.query_one("#regions").has_class("-ended")
            assert it.table("region-table").styles.opacity < 1
            assert it.cursor("process-table") == cat.key
            await it.press("shift+tab", "j")
            assert it.cursor("process-table") == other_cat.key
            assert not it.screen.query_one("#regions").has_class("-ended")
    finally:
        monkeypatch.undo()
        time.tzset()


async def test_the_filter_holds_for_an_ended_process_too() -> None:
    async with explore(WIDE) as it:
        await it.press("shift+tab")
        it.source.scene = it.source.scene.without(cat.key, ended_at=EPOCH)
        await it.press("slash")
        await it.type("user:postgres")
        assert len(it.rows("process-table")) == 1
        await it.press("enter", "enter")
        assert "Regions of postgres (1022)" in it.text


async def test_follow_goes_on_with_the_next_process_of_that_name() -> None:
    async with explore(WIDE) as it:
        await it.press("F")
        assert "the next of its name" in it.toasts[-1]
        successor = process(pid=8500, start_time=500)
        it.source.show(laid_out(successor, it.source.scene.spaces[cat.key].regions))
        it.source.scene = it.source.scene.without(cat.key, ended_at=EPOCH)
        await it.settle()
        assert "Regions of cat (8500)" in it.text
        said = it.toasts[-1]
        await it.press("F")
        assert it.toasts[-1] != said


@pytest.mark.smoke
async def test_the_mmap_lab_from_start_to_end() -> None:
    async with explore(WIDE) as it:
        assert "t Touch" not in it.footer
        await it.press("m")
        assert "Regions of mmlab (9001)" in it.text
        assert "Backspace goes back to 8360" in it.toasts[-1]
        assert row_of(it, "7f3a45800000").startswith("+ ")
        assert it.cursor("region-table") == LAB_START
        assert await it.sees("+100M", "+0", "mmap(NULL, 104857600, PROT_READ|PROT_WRITE")
        assert await it.sees("t Touch", "u Unmap")
        await it.press("t")
        assert await it.sees("+10M")
        assert " 10M " in row_of(it, "7f3a45800000")
        await it.press("u")
        ghost = row_of(it, "7f3a45800000")
        assert ghost.startswith("- ")
        assert await it.sees("-100M", "munmap(0x7f3a45800000", "removed ")
        assert "t Touch" not in it.footer
        await it.press("backspace")
        assert "Regions of cat (8360)" in it.text
    assert it.lab.closed


async def test_another_size_and_a_refusal_in_words() -> None:
    source = FakeSource()
    async with explore(WIDE, source, FakeLab(source, limit=64 << 20)) as it:
        await it.press("m")
        assert "ENOMEM: cannot allocate memory; RLIMIT_AS allows 1G" in it.toasts[-1]
        assert await it.sees("= -1 ENOMEM (Cannot allocate memory)")
        assert "u Unmap" not in it.footer
        await it.press("M")
        await it.press(*["backspace"] * 4)
        await it.type("much")
        await it.press("enter")
        assert it.prompt_is_open()
        assert "a size is a number of bytes" in it.note
        await it.press(*["backspace"] * 4)
        await it.type("64K")
        await it.press("enter", "t")
        assert it.toasts[-1].startswith("There is nothing to touch: press m first")
        await it.press("m")
        assert not it.prompt_is_open()
        assert await it.sees("+64K", "mmap(NULL, 65536,")


async def test_the_lab_at_80_columns_brings_its_region_into_sight() -> None:
    async with explore(SMALL) as it:
        await it.press("m")
        assert await it.sees("▌+ 7f3a45800000")


async def test_names_can_be_asked_for_again_before_they_are_read() -> None:
    async with explore(WIDE) as it:
        await it.press("e", "e", "e", "e", "e")  # now each part has been shown
        await it.screen.action_sections()
        # The first asking is given up before the loop has turned; a coroutine made for it would never be awaited.
        await it.screen.action_sections()
        await it.drain()
        assert await it.sees("e program headers")


async def test_sections_are_read_when_they_are_asked_for() -> None:
    async with explore(WIDE) as it:
        assert ".text" not in it.text
        await it.press("e")
        assert await it.sees(".interp", ".text", ".rodata", "e symbols")
        await it.press("e", "e", "e")
        assert await it.sees("GNU_RELRO", "e sections")
        assert len(it.rows("segments")) == len(CAT_IMAGE.segments)
