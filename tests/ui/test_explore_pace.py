"""When Explore polls, and when it doesn't."""

from collections.abc import Callable

import pytest

from mmexplorer.ui.explore.poller import FOR_HISTORY
from tests.support.fakes.source import FakeSource
from tests.support.pilots.app import WIDE
from tests.support.pilots.explore import explore


async def test_the_first_picture_does_not_wait_for_the_files() -> None:
    source = FakeSource()
    async with explore(WIDE, source):
        assert [request.elf for request in source.requests[:2]] == [False, False]
        assert source.requests[0].target is None
        assert source.requests[1].target == (8360, 100)
        assert all(request.elf for request in source.requests[2:])


async def test_space_pauses_and_r_reads_once() -> None:
    async with explore(WIDE) as it:
        await it.press("space")
        assert "paused" in it.lines[0]
        looks = len(it.source.requests)
        await it.settle()
        await it.press("j", "greater_than_sign", "S")
        assert len(it.source.requests) == looks
        await it.press("space")
        assert "every" in it.lines[0]
        assert len(it.source.requests) > looks


async def test_what_is_asked_while_paused_is_answered_from_what_was_seen() -> None:
    async with explore(WIDE) as it:
        await it.press("space", "slash")
        looks = len(it.source.requests)
        await it.type("kind:heap")
        assert len(it.rows("region-table")) == 1
        assert len(it.source.requests) == looks


async def test_r_reads_counters_whatever_they_cost_paused_or_not() -> None:
    async with explore(WIDE) as it:
        assert not any(request.counters_now for request in it.source.requests)
        await it.press("r")
        assert sum(request.counters_now for request in it.source.requests) == 1
        await it.press("space")
        looks = len(it.source.requests)
        await it.press("r")
        assert len(it.source.requests) == looks + 1
        assert it.source.requests[-1].counters_now
        assert "paused" in it.lines[0]
        await it.settle()
        assert len(it.source.requests) == looks + 1


async def test_plus_is_faster_and_minus_slower_within_limits() -> None:
    async with explore(WIDE) as it:
        it.screen._loop.interval = 30.0
        await it.press("plus")
        assert "every 10s" in it.lines[0]
        await it.press("minus", "minus", "minus", "minus")
        assert "every 60s" in it.lines[0]


async def test_nothing_is_read_while_help_lies_over_it_and_the_mode_is_left() -> None:
    async with explore(WIDE) as it:
        await it.press("question_mark")
        looks = len(it.source.requests)
        await it.settle()
        await it.pilot.press("escape")
        await it.settle()
        assert len(it.source.requests) > looks


async def test_looking_goes_on_beneath_a_dialog_and_unseen_behind_another_mode() -> None:
    async with explore() as it:
        screen, loop = it.screen, it.screen._loop
        await it.press("?")
        looks, chosen = len(it.source.requests), loop.interval
        await loop.fresh()
        assert len(it.source.requests) > looks
        await it.press("escape")
        it.app.action_mode("system")
        await it.drain()
        looks, seen = len(it.source.requests), screen.view
        await loop.fresh()
        assert len(it.source.requests) > looks
        assert screen.view is seen
        assert loop.interval >= FOR_HISTORY
        it.app.action_mode("explore")
        await it.drain()
        assert screen.view is not seen
        assert loop.interval == chosen


async def test_a_key_is_painted_before_the_other_panes_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    async with explore(WIDE) as it:
        await it.press("space")
        done: list[str] = []

        def noted(name: str, call: Callable[[], None]) -> Callable[[], None]:
            def note() -> None:
                done.append(name)
                call()

            return note

        monkeypatch.setattr(it.screen, "_compositor_refresh", noted("painted", it.screen._compositor_refresh))
        monkeypatch.setattr(it.screen._cursor, "show", noted("followed", it.screen._cursor.show))
        await it.press("j")
        assert done[:2] == ["painted", "followed"]
        assert it.linked("segments") == {3}
