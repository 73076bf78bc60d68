"""The list of columns to sort by, which closes only once."""

import pytest

from mmexplorer.ui.widgets.sort_picker import SortPicker
from mmexplorer.ui.widgets.table.table import Table
from tests.support.pilots.app import WIDE
from tests.support.pilots.explore import explore

pytestmark = pytest.mark.slow


async def test_a_second_enter_typed_ahead_finds_the_list_gone() -> None:
    async with explore(WIDE) as it:
        await it.press("s")
        picker = it.app.screen
        assert isinstance(picker, SortPicker)
        table = picker.query_one(Table)
        for _ in range(2):
            table.action_activate()
        await it.settle()
        assert it.app.screen is it.screen
