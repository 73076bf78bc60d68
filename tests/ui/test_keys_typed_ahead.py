"""Keys that arrive faster than the app handles them, as from a slow line or a fast typist: each acts in turn."""

import threading
from collections.abc import Sequence

import pytest
from textual.widgets import Input

from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.snapshot import Snapshot
from mmexplorer.model.source import Request
from mmexplorer.ui import typed_ahead
from tests.support.fakes.source import FakeSource
from tests.support.pilots.app import WIDE
from tests.support.pilots.explore import Explorer, explore


async def test_what_follows_a_filter_goes_to_where_the_focus_is_then() -> None:
    async with explore() as it:
        await it.type_ahead("/kind:heap\r\t")
        assert not it.prompt_is_open()
        assert ["heap" in row for row in it.rows("region-table")] == [True]
        assert it.focused == "memory"


async def test_what_follows_a_wrong_address_goes_on_with_it() -> None:
    async with explore() as it:
        await it.type_ahead(":nowhere\r+1")
        assert "nowhere+1" in it.text
        assert not it.note
        await it.type_ahead("2\r")
        assert "no image nowhere" in it.note


async def test_what_follows_a_deletion_is_not_deleted() -> None:
    async with explore() as it:
        await it.type_ahead("/xyz\x7f\x7f\x7fheap")
        assert it.screen.query_one(Input).value == "heap"
        await it.press("home", "delete")
        assert it.screen.query_one(Input).value == "eap"
        await it.press("escape")
        assert not it.prompt_is_open()


async def test_one_line_after_another() -> None:
    async with explore() as it:
        await it.type_ahead("/kind:heap\r:0xbeef")
        assert it.prompt_is_open()
        assert it.screen.query_one(Input).value == "0xbeef"
        assert len(it.rows("region-table")) == 1


async def test_what_was_just_remembered_can_be_compared_at_once() -> None:
    async with explore() as it:
        await it.press("space")
        await it.type_ahead("ab")
        assert it.screen._comparing.is_on


def _place(it: Explorer, listed: Sequence[str]) -> int:
    """Return which of the regions `listed` is under the cursor."""
    cursor = it.cursor("region-table")
    assert isinstance(cursor, int)
    return listed.index(f"{cursor:x}")


def _starts(it: Explorer) -> list[str]:
    return [row.split()[0] for row in it.rows("region-table")]


async def test_what_follows_a_key_that_changes_the_order_moves_in_the_new_one() -> None:
    async with explore() as it:
        listed = _starts(it)
        for keys, place in (
            ("Sk", 1),  # reversed, the first region is the last row
            ("SGk", 14),
            ("gsjj\rj", 11),  # by RSS, after another of 4K
        ):
            await it.type_ahead(keys)
            assert _place(it, listed) == place, (keys, _starts(it))


async def test_what_follows_a_filter_moves_in_what_it_leaves() -> None:
    async with explore() as it:
        listed = _starts(it)
        await it.type_ahead("/!kind:code\rjj")
        assert _place(it, listed) == 3
        await it.type_ahead("\x1bgjj")
        assert _place(it, listed) == 2
        await it.type_ahead("/kind:heap")
        assert _starts(it) == [listed[5]]
        await it.type_ahead("\x1bj")
        assert _place(it, listed) == 6


async def test_what_follows_another_process_moves_in_its_regions() -> None:
    async with explore() as it:
        for keys, process, place in (("j\tj", 8402, 1), ("g\rjj", 8360, 2), ("/other.txt\rj\rj", 8402, 1)):
            await it.press("shift+tab")
            await it.type_ahead(keys)
            key = it.cursor("process-table")
            assert isinstance(key, ProcessKey)
            assert (key.pid, _place(it, _starts(it))) == (process, place), keys


async def test_a_difference_that_was_just_asked_for_can_be_sorted_at_once() -> None:
    async with explore() as it:
        await it.type_ahead("ab>")
        assert it.screen._comparing.is_on
        assert it.screen._comparing.pane.sort_key != "rss_change"


async def test_a_second_enter_acts_on_what_the_first_one_chose() -> None:
    async with explore() as it:
        await it.press("shift+tab")
        await it.type_ahead("j\r\r")
        assert it.focused == "segments", "of the first region, which is an image's"
        key = it.cursor("process-table")
        assert isinstance(key, ProcessKey)
        assert key.pid == 8402


async def test_what_follows_a_change_of_the_screen_waits_until_it_knows_its_keys() -> None:
    async with explore() as it:
        await it.type_ahead("Sk3j1k")
        assert _place(it, _starts(it)[::-1]) == 2


async def test_after_esc_the_filter_is_the_one_before_however_fast_it_was_typed() -> None:
    async with explore() as it:
        listed = _starts(it)
        await it.type_ahead("/heap\x1b")
        assert not it.prompt_is_open()
        assert _starts(it) == listed


class _Slow(FakeSource):
    """Reads only while the test lets it."""

    def __init__(self) -> None:
        super().__init__()
        self.may_read = threading.Event()
        self.may_read.set()

    def sample(self, request: Request) -> Snapshot:
        self.may_read.wait()
        return super().sample(request)


async def test_keys_wait_for_a_reading_while_the_screen_is_painted() -> None:
    source = _Slow()
    async with explore(WIDE, source) as it:
        listed = _starts(it)
        source.may_read.clear()
        try:
            for key in "S?\x1bkd":
                it._type(key)
            await it.drain()
            assert not it.app.typed_ahead.is_empty
            assert _place(it, listed) == 0
        finally:
            source.may_read.set()
        await it.until(lambda: it.app.typed_ahead.is_empty)
        assert _place(it, listed) == 1


async def test_keys_do_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typed_ahead, "_PATIENCE", 0.01)
    source = _Slow()
    async with explore(WIDE, source) as it:
        listed = _starts(it)
        source.may_read.clear()
        try:
            for key in ("S", "j", "j"):
                it._type(key)
            await it.drain()
            assert await it.comes(lambda: it.app.typed_ahead.is_empty)
            assert _place(it, listed) == 2
        finally:
            source.may_read.set()


async def test_keys_go_on_when_what_waits_for_them_is_ended() -> None:
    source = _Slow()
    async with explore(WIDE, source) as it:
        listed = _starts(it)
        source.may_read.clear()
        try:
            for key in ("S", "k", "k"):
                it._type(key)
            await it.drain()
            assert not it.app.typed_ahead.is_empty
            it.app.workers.cancel_group(it.app, "typed ahead")
        finally:
            source.may_read.set()
        await it.until(lambda: it.app.typed_ahead.is_empty)
        assert _place(it, listed) == 2
