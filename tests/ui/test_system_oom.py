"""The OOM killer's next victim, what decides it, the kills so far, and one that happens meanwhile."""

import asyncio
import re

import pytest

from mmexplorer.model.process.process import ProcessKey
from mmexplorer.model.system.oom import Immunity, ranked
from mmexplorer.model.system.snapshot import NOT_READ
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.ui.explore.screen import ExploreScreen
from tests.support.fakes.machine import cat, other_cat
from tests.support.fakes.system import RANKING, FakeSystem, candidate, kill
from tests.support.pilots.app import SMALL
from tests.support.pilots.system import Watcher, watch


@pytest.mark.smoke
async def test_processes_are_ranked_and_those_who_cannot_be_taken_are_marked() -> None:
    async with watch() as it:
        rows = [line.strip("│▌ ") for line in it.pane("oom").splitlines()[2:6]]
        assert re.match(r"700 +0 +800M +0 +8402 cat +holds 9\.8 % of memory and swap", rows[0])
        assert [row.startswith("⊘") for row in rows] == [False, False, True, True]
        assert "never chosen: its oom_score_adj" in it.pane("oom")
        assert "never chosen: a kernel thread" in it.pane("oom")
        assert "2 killed since boot" in it.pane("oom")


async def test_the_score_is_worked_out_for_the_process_under_the_cursor() -> None:
    async with watch() as it:
        await it.press("d")
        assert "The process with the highest badness is chosen" in it.words("oom-details")
        # 800 MiB are 204,800 pages of 2,097,152: (1000 + 97) * 2 / 3
        assert "RSS 204,800 + swap 0 + page tables 0 + adj 0 x 2,097 = 204,800" in it.words("oom-details")
        assert "x 2 / 3 = 731; the kernel shows 700" in it.words("oom-details")
        await it.focus("oom-table")
        await it.press("j")
        assert "cat (8360)" in it.pane("oom-details")
        await it.press("G")
        assert "in pages" not in it.pane("oom-details")


async def test_settings_are_shown_with_the_meaning_of_their_value() -> None:
    system = FakeSystem()
    system.settings = {**system.settings, "panic_on_oom": 1, "overcommit_memory": 2}
    async with watch(system=system) as it:
        assert "vm.panic_on_oom 1: the system panics" in it.words("oom-details")
        assert "vm.overcommit_memory 2: no more than CommitLimit is promised" in it.words("oom-details")
        assert "shown, never written" in it.pane("oom-details")


async def test_kills_so_far_are_told_newest_first() -> None:
    async with watch() as it:
        await it.press("d", "d")
        assert "killed since boot: 2" in it.pane("oom-details")
        assert it.words("oom-details").index("bird (12)") < it.words("oom-details").index("early (11)")
        assert "bird (12), RSS 40M, adj 0: the cgroup /box reached its limit" in it.words("oom-details")


async def test_a_log_that_may_not_be_read_has_its_sentence_and_the_counter_still_counts() -> None:
    system = FakeSystem()
    system.kills = Unavailable(Cause.DENIED, "the kernel log can't be read: operation not permitted", "run with sudo")
    async with watch(system=system) as it:
        await it.press("d", "d")
        assert "killed since boot: 2" in it.pane("oom-details")
        assert "the kernel log can't be read: operation not permitted; run with sudo" in it.words("oom-details")
        system.count(oom_kill=1)
        await it.look()
        assert it.toasts == []
        assert it.lines[-1].rstrip() == "The OOM killer has killed a process."


async def test_a_kill_is_announced_on_the_system_screen_with_victim_and_reason() -> None:
    system = FakeSystem()
    async with watch(system=system) as it:
        assert it.toasts == []
        await _strike(it, system)
        assert it.toasts == []
        told = "The OOM killer has killed a process. victim (99): the cgroup /box reached its limit"
        assert it.lines[-1].rstrip() == told
        assert "3 killed since boot" in it.pane("oom")
        await it.look(3)
        assert it.lines[-1].rstrip() == told
        await _strike(it, system)
        assert it.lines[-1].startswith("The OOM killer has killed 2 processes. victim (99)")
        # A key removes it, unless the key was pressed before it could be read.
        it.app._clock = lambda: it.app._killed_at + 1
        await it.press("d")
        assert it.lines[-1].startswith("The OOM killer")
        it.app._clock = lambda: it.app._killed_at + 3
        await it.press("d")
        assert "Quit" in it.lines[-1]


async def test_a_kill_is_announced_in_explore_too_where_nothing_but_the_counters_is_read() -> None:
    system = FakeSystem()
    async with watch(system=system, mode="explore") as it:
        await it.look(3)
        assert [(each.details, each.ranking) for each in system.requests] == [(False, False)] * 4
        assert [each.kernel_log for each in system.requests] == [True, False, False, False]
        await _strike(it, system)
        assert it.toasts == []
        told = "The OOM killer has killed a process. victim (99): the cgroup /box reached its limit"
        assert it.lines[-1].rstrip() == told
        assert isinstance(it.app.screen, ExploreScreen)


async def _strike(it: Watcher, system: FakeSystem) -> None:
    assert isinstance(system.kills, tuple)
    system.kills = (*system.kills, kill(system.kills[-1].sequence + 1, "victim", 99))
    system.count(oom_kill=1)
    await it.look()


async def test_the_ranking_is_read_every_five_seconds_and_nothing_in_full_behind_another_screen() -> None:
    system = FakeSystem()
    async with watch(system=system) as it:
        await it.look(2)
        system.requests.clear()
        await it.look(20)
        assert sum(each.ranking for each in system.requests) == 4
        assert all(each.details for each in system.requests)
        await it.press("1")
        system.requests.clear()
        await it.look(6)
        assert not any(each.details or each.ranking for each in system.requests)
        await it.press("2")
        await it.look()
        assert system.requests[-1].details
        # The history continued meanwhile.
        assert len(it.table._rows) >= 28


async def test_r_reads_the_ranking_at_once() -> None:
    system = FakeSystem()
    async with watch(system=system) as it:
        await it.look()
        system.ranking = ranked((*RANKING, candidate(4, "newest", 900)))
        await it.press("r")
        await it.until(lambda: "newest" in it.pane("oom"))


async def test_enter_opens_the_map_in_explore_and_backspace_returns_there() -> None:
    system = FakeSystem()
    system.ranking = (candidate(other_cat.pid, "cat", 700),)
    async with watch(system=system) as it:
        await it.focus("oom-table")
        await it.press("enter")
        await it.until(lambda: isinstance(it.app.screen, ExploreScreen))
        await it.until(lambda: f"Regions of cat ({other_cat.pid})" in it.text)
        assert it.app.screen.focused is not None
        assert it.app.screen.focused.id == "region-table"
        await it.press("2")
        assert "Who the OOM killer would choose" in it.text


async def test_the_memory_of_the_process_under_the_cursor_is_taken_apart_on_a_key_only() -> None:
    system = FakeSystem()
    async with watch(system=system) as it:
        assert all(each.process is None for each in system.requests)
        await it.focus("oom-table")
        await it.press("j", "p")
        await it.until(lambda: "Memory of cat (8360)" in it.text and "VSZ" in it.text)
        assert "smaps  smaps_rollup        status         statm" in it.text
        assert "smaps cuts each region's share down to a whole kB" in it.text
        asked = [each.process for each in system.requests if each.process is not None]
        assert asked == [ProcessKey(8360, 120)]
        await it.press("r")
        await it.until(lambda: sum(each.process is not None for each in system.requests) == 2)
        await it.press("escape")
        assert "Memory of" not in it.text


async def test_closing_the_memory_of_a_process_while_it_is_read_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[ProcessKey] = []

    async def until_closed(key: ProcessKey) -> Unavailable:
        removed, memory = asyncio.Event(), it.app.screen.query_one("#memory")
        detach = memory._detach

        def detached() -> None:
            detach()
            removed.set()

        monkeypatch.setattr(memory, "_detach", detached)
        await removed.wait()
        read.append(key)
        return NOT_READ

    async with watch() as it:
        monkeypatch.setattr(it.app.system_poller, "process_memory", until_closed)
        await it.focus("oom-table")
        await it.press("p")
        assert "Memory of cat (8402)" in it.text
        await it.press("escape")
        await it.until(lambda: bool(read))
        assert it.app.screen is it.screen


async def test_elsewhere_p_is_about_the_process_that_was_chosen_in_explore() -> None:
    system = FakeSystem()
    async with watch(system=system, mode="explore") as it:
        await it.until(lambda: f"Regions of cat ({cat.pid})" in it.text)
        await it.press("2", "p")
        await it.until(lambda: "Memory of cat (8360)" in it.text)
        await it.until(lambda: any(each.process == cat.key for each in system.requests))


async def test_on_a_small_screen_the_figures_of_a_process_are_never_wrapped() -> None:
    async with watch(SMALL) as it:
        await it.focus("oom-table")
        await it.press("p")
        await it.until(lambda: "VSZ" in it.text)
        assert any(re.fullmatch(r"│ RSS +40,960 kB +40,960 kB +40,960 kB +40,960 kB +│", line) for line in it.lines)


async def test_no_ranking_has_a_sentence() -> None:
    system = FakeSystem()
    system.ranking = Unavailable(Cause.DENIED, "/proc can't be listed")
    async with watch(system=system) as it:
        assert "— /proc can't be listed" in it.pane("oom")


async def test_what_a_process_calls_itself_reaches_the_terminal_clean() -> None:
    system = FakeSystem()
    hostile = "\x1b]0;pwned\x07[red]"
    system.ranking = ranked((candidate(7, hostile, 800), candidate(8, "guard", 0, immunity=Immunity.ADJ)))
    async with watch(system=system) as it:
        await it.focus("oom-table")
        await it.press("d", "p")
        await it.until(lambda: "VSZ" in it.text)
        assert "␛]0;pwned␇[red]" in it.text
        assert "\x1b" not in it.text
        assert "\x07" not in it.text
