"""A reason in place of every blank: processes without a map, and an empty machine."""

import pytest

from tests.support.fakes.machine import Scene, kthreadd, leaderless, shielded, zombie
from tests.support.fakes.source import FakeSource
from tests.support.pilots.app import SMALL, WIDE
from tests.support.pilots.explore import Explorer, explore

_PLACES = 4
"""Regions, ELF pane, strip and the tab in front."""


async def look_at(it: Explorer, pid: int) -> None:
    """Filter the processes down to one."""
    await it.press("shift+tab", "K", "slash")
    await it.type(f"pid={pid}")
    await it.press("enter", "j", "k", "g")
    it.screen._look_at(next(each.key for each in it.source.scene.processes if each.pid == pid))
    await it.settle()


@pytest.mark.parametrize(
    ("pid", "sentence"),
    [
        (shielded.pid, "permission denied: another user's process"),
        (kthreadd.pid, "a kernel thread: it works in the kernel's memory"),
        (zombie.pid, "a zombie: it has exited and its memory is freed"),
    ],
)
async def test_a_process_without_a_map_says_why_and_what_can_be_seen(pid: int, sentence: str) -> None:
    async with explore(WIDE) as it:
        await look_at(it, pid)
        assert f"({pid})" in it.lines[1]
        assert it.rows("region-table") == []
        # In the pane, and in the details with what is known.
        assert await it.sees(f"— {sentence[:30]}", f"({pid}): {sentence[:30]}")
        assert await it.sees("state    ", "threads  1", "faults   ", "RSS ")
        # In the ELF pane, the strip, and every tab that is about the map or a region.
        for tab in ("changes", "threads", "totals", "pages", "translation", "bytes"):
            await it.screen.action_show(tab)
            await it.until(lambda: it.text.count(f"— {sentence[:15]}") == _PLACES)
        assert "e sections" not in it.text


async def test_denied_names_the_way_out() -> None:
    async with explore(WIDE) as it:
        await look_at(it, shielded.pid)
        assert await it.sees("run with sudo, or grant CAP_SYS_PTRACE", "/usr/sbin/sshd -D")


async def test_a_leader_that_is_gone_is_told_above_the_region() -> None:
    async with explore(WIDE) as it:
        await look_at(it, leaderless.pid)
        assert await it.sees("the first thread of 950 has exited, others live on")
        assert len(it.rows("region-table")) == 6


@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_a_machine_without_processes(size: tuple[int, int]) -> None:
    async with explore(size, FakeSource(Scene((), {}))) as it:
        assert await it.sees("Choose a process to see its regions.")
        await it.press("shift+tab")
        assert await it.sees("No process can be seen below /proc.")
        await it.press("j", "enter", "greater_than_sign", "S", "o", "e", "d", "space", "r", "tab", "tab", "enter", "F")
        await it.press("colon")
        await it.type("0x1000")
        await it.press("enter")
        assert await it.sees("no process is looked at")
