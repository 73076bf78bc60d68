"""Keys that arrive faster than the app handles them, as from a slow line or a fast typist: each acts in turn."""

from textual.widgets import Input

from tests.support.pilots.explore import explore


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
