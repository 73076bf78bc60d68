"""free on the System screen: figures, units, the figure under the cursor and its meaning, the bar, the limit."""

import re

import pytest
from textual.geometry import Offset

from mmexplorer.model.system.cgroup import CgroupLevel, CgroupMemory
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.ui.system.free_table import FreeTable
from tests.support.fakes.system import FakeSystem
from tests.support.pilots.app import LOW, SMALL, WIDE
from tests.support.pilots.system import watch

_MIB = 1 << 20
_GIB = 1 << 30


async def test_the_table_is_that_of_free_in_each_of_its_units() -> None:
    async with watch() as it:
        assert "total used free shared buff/cache ▸available" in it.words("free")
        assert "Mem 8.00G 2.00G 5.00G 32M 1.31G 6.00G" in it.words("free")
        units = []
        for _ in range(5):
            await it.press("u")
            found = re.search(r"free ─ ([\w:, ]+?) ─.* Mem (\S+) (\S+) ", it.words("free"))
            assert found is not None, it.words("free")
            units.append(found.groups())
        assert units == [
            ("bytes", "8589934592", "2147483648"),
            ("KiB", "8388608", "2097152"),
            ("MiB", "8192", "2048"),
            ("GiB", "8", "2"),
            ("human: what fits, in K M G", "8.00G", "2.00G"),
        ]


@pytest.mark.smoke
async def test_the_cursor_explains_each_figure_with_its_terms_and_why_the_sum_is_not_the_total() -> None:
    async with watch() as it:
        assert "What available means" in it.pane("meaning")
        assert "available 6.17G = free 5.00G - reserves 0.02G + file cache 0.96G of 0.98G + slab 0.23G of 256M" in (
            it.words("meaning")
        )
        seen = {}
        for _ in range(6):
            topic = it.pane("meaning").split()[2]
            seen[topic] = it.words("meaning")
            assert f"▸{topic}" in it.pane("free")
            assert "used + free + buff/cache is not the total but 320M more" in seen[topic]
            await it.press("left")
        assert list(seen) == ["available", "buff/cache", "shared", "free", "used", "total"]
        assert "total - available = 8.00G - 6.00G" in seen["used"]
        assert "Low free is normal" in seen["free"]
        assert "buffers 64M" in seen["buff/cache"]
        assert "page cache 1.00G + reclaimable slab 256M" in seen["buff/cache"]


async def test_down_goes_to_swap_and_up_to_where_one_came_from() -> None:
    async with watch() as it:
        await it.press("h", "j")
        assert "▸Swap" in it.pane("free")
        assert "no swap: nothing can be paged out. This is a valid state" in it.words("meaning")
        assert "no swap: nothing can be paged out" in it.pane("free")
        await it.press("k")
        assert "What buff/cache means" in it.pane("meaning")


async def test_a_click_takes_a_figure() -> None:
    async with watch() as it:
        await it.pilot.click("#free-table", offset=Offset(26, 1))
        await it.settle()
        assert "What used means" in it.pane("meaning")
        await it.pilot.click("#free-table", offset=Offset(3, 2))
        await it.settle()
        assert "What swap means" in it.pane("meaning")


async def test_one_key_says_why_sar_and_free_differ_with_the_figures_of_the_moment() -> None:
    async with watch() as it:
        await it.press("w")
        assert "The two agree since sysstat 12.7.8" in it.words("meaning")
        assert "sar: kbmemused 2G = total - available. free: used 2G" in it.words("meaning")
        await it.press("w")
        assert "What available means" in it.pane("meaning")
        # The key is pressed while the message about a figure is still under way.
        it.screen.query_one(FreeTable).action_field(-1)
        it.screen.action_why()
        await it.settle()
        assert "Why kbmemused isn't used" in it.pane("meaning")
        await it.press("w")
        assert "What buff/cache means" in it.pane("meaning")


async def test_on_a_small_screen_the_explanation_comes_forward_with_its_key() -> None:
    for size in (SMALL, LOW):
        async with watch(size) as it:
            await it.focus("sar-table")
            await it.press("w")
            assert it.focused == "free-table"
            assert "Why kbmemused isn't used" in it.text


async def test_the_bar_fills_the_pane_and_its_legend_adds_up_to_the_total() -> None:
    async with watch() as it:
        bar = [line for line in it.pane("free").splitlines() if "░░░" in line]
        assert {len(line.strip("│ ")) for line in bar} == {77}
        assert "processes 1.17G" in it.pane("free")
        assert "free 5.00G = 8.00G" in it.words("free")


async def test_figures_follow_the_machine() -> None:
    system = FakeSystem()
    async with watch(system=system, mode="explore") as it:
        await it.press("2")
        system.change(MemFree=4 * _GIB, MemAvailable=5 * _GIB)
        await it.look()
        assert "Mem 8.00G 3.00G 4.00G" in it.words("free")
        assert "used 3G  avail 5G" in it.lines[0]


async def test_a_cgroup_limit_that_binds_is_shown_beside_the_machines() -> None:
    system = FakeSystem()
    system.cgroup = CgroupMemory(2, (CgroupLevel("/box", 512 * _MIB, 100 * _MIB, None, 1),))
    async with watch((160, 70), system=system) as it:
        assert "the cgroup /box binds: 512M, not the machine's 8.00G" in it.words("free")
        await it.press("d", "d", "d")
        assert "/box limit 512M, used 100M, swap limit none, killed 1" in it.words("oom-details")


async def test_no_cgroup_files_are_said_in_the_limits_and_the_machine_binds() -> None:
    system = FakeSystem()
    system.cgroup = Unavailable(Cause.UNSUPPORTED, "no memory cgroup is mounted")
    async with watch(system=system) as it:
        assert "the machine's own 8.00G binds" in it.pane("free")
        await it.press("d", "d", "d")
        assert "no memory cgroup is mounted" in it.words("oom-details")


async def test_a_kernel_without_memavailable_has_a_dash_and_its_sentence() -> None:
    system = FakeSystem()
    assert not isinstance(system.meminfo, Unavailable)
    system.meminfo = {name: value for name, value in system.meminfo.items() if name != "MemAvailable"}
    async with watch(system=system) as it:
        assert "this kernel has no MemAvailable in /proc/meminfo" in it.words("free")
        assert "— Swap" in it.words("free")
        assert "this kernel has no MemAvailable" in it.words("meaning")


async def test_where_meminfo_cannot_be_read_every_pane_has_a_sentence() -> None:
    system = FakeSystem()
    system.meminfo = Unavailable(Cause.DENIED, "permission denied")
    async with watch(WIDE, system) as it:
        assert "/proc/meminfo — permission denied" in it.pane("free")
        assert "available: permission denied" in it.pane("meaning")
        assert "— permission denied" in it.pane("sar")
        assert "No reading yet." in it.pane("charts")
        assert "vm.panic_on_oom" in it.pane("oom-details")
