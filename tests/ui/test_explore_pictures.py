"""The complete Explore screen as text, compared with stored pictures; `UPDATE_PICTURES=1` redraws them."""

import os
from difflib import unified_diff
from pathlib import Path

import pytest

from tests.support.pilots.app import SMALL, WIDE
from tests.support.pilots.explore import Explorer, explore

_PICTURES = Path(__file__).with_name("pictures")


@pytest.mark.smoke
@pytest.mark.parametrize(("name", "size"), [("explore-160x48", WIDE), ("explore-80x24", SMALL)])
async def test_explore_looks_as_it_should(name: str, size: tuple[int, int]) -> None:
    file = _PICTURES / f"{name}.txt"
    async with explore(size) as it:
        it.table("region-table").move_to(0x7F3A4C026000)
        for identity in list(it.app._notifications):
            it.app._unnotify(identity)
        if os.environ.get("UPDATE_PICTURES"):
            await it.settle()
            file.write_text(drawn(it))
        stored = file.read_text()
        await it.comes(lambda: drawn(it) == stored)
        differences = unified_diff(stored.splitlines(), drawn(it).splitlines(), "stored", "drawn", lineterm="")
        assert drawn(it) == stored, "\n".join(differences)


def drawn(it: Explorer) -> str:
    """Return what is on the terminal, except the age of the counters, which depends on the number of polls."""
    return "\n".join([it.lines[0].partition("· every")[0].rstrip(), *it.lines[1:]]) + "\n"
