"""What decides when memory runs out: the settings in /proc/sys/vm, pressure, and the limits of our cgroup.

They are shown with their meanings, never written.
"""

from collections.abc import Mapping

from mmexplorer.model.system.cgroup import CgroupLevel, CgroupMemory, binding
from mmexplorer.model.system.memory import Meminfo, commit_limit, field
from mmexplorer.model.system.pressure import Pressure, Stall
from mmexplorer.model.system.snapshot import SystemSnapshot
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.system.amounts import fine_size, fine_text
from mmexplorer.present.system.memory_terms import meaning
from mmexplorer.present.text.line import EMPTY, Line, Tone, line, span

_MICROSECONDS = 1_000_000
_MEANINGS: Mapping[str, Mapping[int, str]] = {
    "panic_on_oom": {
        0: "a victim is killed, the system goes on",
        1: "the system panics, but not when only a cgroup, cpuset or memory policy ran out",
        2: "the system panics always, even when only a cgroup reached its limit",
    },
    "oom_kill_allocating_task": {
        0: "the process with the highest score is killed",
        1: "the process that asked for memory is killed, whatever its score, unless it is exempt",
    },
    "oom_dump_tasks": {0: "a kill logs only its victim", 1: "a kill logs all processes"},
    "overcommit_memory": {
        0: "only requests beyond all memory and swap are refused, each judged by itself",
        1: "nothing is refused, whatever it adds up to",
        2: "no more than CommitLimit is promised, in all",
    },
}
_WORDS: Mapping[str, str] = {
    "overcommit_ratio": "per cent of memory that CommitLimit allows, beside swap",
    "overcommit_kbytes": "kB that CommitLimit allows; 0: overcommit_ratio holds",
    "swappiness": "how readily processes' memory is swapped rather than cache dropped, 0 to 200",
    "min_free_kbytes": "kB that the kernel tries to keep free: the watermarks come from it",
}


def settings_text(snapshot: SystemSnapshot) -> tuple[Line, ...]:
    """Return the settings of /proc/sys/vm, and the memory promised under them."""
    if isinstance(snapshot.settings, Unavailable):
        return (line(span(f"settings — {snapshot.settings}", Tone.DIM)),)
    if isinstance(snapshot.meminfo, Unavailable):
        return settings_lines(snapshot.settings)
    promised = commit_lines(snapshot.meminfo, snapshot.settings, snapshot.page_size)
    return (*settings_lines(snapshot.settings), EMPTY, *promised)


def setting_line(name: str, value: int | Unavailable) -> Line:
    """Return one setting of /proc/sys/vm with the meaning of its value (`proc_sys_vm(5)`)."""
    if isinstance(value, Unavailable):
        return line(span(f"vm.{name} ", Tone.ACCENT), span(f"— {value}", Tone.DIM))
    known = _MEANINGS.get(name)
    words = _WORDS.get(name, "") if known is None else known.get(value, "a value that is not documented")
    tone = Tone.WARN if name == "panic_on_oom" and value else Tone.BRIGHT
    return line(span(f"vm.{name} ", Tone.ACCENT), span(str(value), tone), f": {words}" if words else "")


def settings_lines(settings: Mapping[str, int | Unavailable]) -> tuple[Line, ...]:
    """Return all settings."""
    return tuple(setting_line(name, value) for name, value in settings.items())


def commit_lines(meminfo: Meminfo, settings: Mapping[str, int | Unavailable], page_size: int) -> tuple[Line, ...]:
    """Describe the promised memory, and how its limit is computed, whether or not it applies now."""
    committed, limit = field(meminfo, "Committed_AS"), field(meminfo, "CommitLimit")
    ratio, kilobytes = settings.get("overcommit_ratio"), settings.get("overcommit_kbytes", 0)
    lines = [line("promised: Committed_AS ", span(fine_text(committed), Tone.BRIGHT))]
    if not isinstance(ratio, int) or not isinstance(kilobytes, int) or isinstance(limit, Unavailable):
        return (*lines, line(f"CommitLimit {fine_text(limit)}"))
    terms = f"{fine_size(kilobytes * 1024)}" if kilobytes else f"{ratio} % of memory without huge pages"
    holds = "" if settings.get("overcommit_memory") == 2 else "; it holds only with overcommit_memory 2"  # noqa: PLR2004 - never overcommit
    computed = commit_limit(meminfo, ratio, kilobytes, page_size)
    return (*lines, line(f"CommitLimit {fine_size(limit)} = {terms} + swap = {fine_text(computed)}{holds}"))


def limits_text(snapshot: SystemSnapshot) -> tuple[Line, ...]:
    """Return pressure, swap areas, and the limits of our cgroup."""
    total = 0 if isinstance(snapshot.meminfo, Unavailable) else snapshot.meminfo.get("MemTotal", 0)
    pressure = pressure_lines(snapshot.pressure)
    return (*pressure, EMPTY, *meaning("swap", snapshot), EMPTY, *cgroup_lines(snapshot.cgroup, total))


def pressure_lines(pressure: Pressure | Unavailable) -> tuple[Line, ...]:
    """Return both lines with their meanings, or why there are none."""
    if isinstance(pressure, Unavailable):
        return (line(span("pressure — ", Tone.DIM), span(str(pressure), Tone.DIM)),)
    some = _stall("some", pressure.some, "of the time at least one task waited for memory")
    if pressure.full is None:
        return (some,)
    return (some, _stall("full", pressure.full, "of the time all of them did, and nothing was done"))


def _stall(name: str, stall: Stall, words: str) -> Line:
    tone = Tone.WARN if stall.avg10 > 0 else Tone.BRIGHT
    return line(
        span(f"{name} ", Tone.ACCENT),
        span(f"{stall.avg10:.2f} %", tone),
        f" in 10 s, {stall.avg60:.2f} % in 60 s, {stall.avg300:.2f} % in 300 s {words}; ",
        span(f"{stall.total / _MICROSECONDS:.1f} s since boot", Tone.DIM),
    )


def cgroup_lines(cgroup: CgroupMemory | Unavailable, mem_total: int) -> tuple[Line, ...]:
    """Return the limit that applies, then limit and usage of each level, our own first."""
    if isinstance(cgroup, Unavailable):
        return (line(span(f"cgroup — {cgroup}", Tone.DIM)), _machine_binds(mem_total))
    bound = binding(cgroup.levels, mem_total)
    head = _machine_binds(mem_total) if bound.level is None else _cgroup_binds(bound.level, bound.limit, mem_total)
    return (head, *(_level(level) for level in cgroup.levels))


def _machine_binds(mem_total: int) -> Line:
    return line("the machine's own ", span(fine_size(mem_total), Tone.BRIGHT), " binds: no cgroup limit is smaller")


def _cgroup_binds(level: CgroupLevel, limit: int, mem_total: int) -> Line:
    return line(
        f"the cgroup {level.path} binds: ",
        span(fine_size(limit), Tone.WARN),
        f", not the machine's {fine_size(mem_total)}; beyond it a process in the cgroup is killed",
    )


def _level(level: CgroupLevel) -> Line:
    return line(
        span(f"{level.path} ", Tone.ACCENT), f"limit {_limit(level.limit)}, used {_limit(level.usage)}, "
        f"swap limit {_limit(level.swap_limit)}, killed {_count(level.oom_kills)}",
    )  # fmt: skip


def _limit(value: int | Unavailable | None) -> str:
    if isinstance(value, Unavailable):
        return f"— ({value})"
    return "none" if value is None else fine_size(value)


def _count(value: int | Unavailable) -> str:
    return f"— ({value})" if isinstance(value, Unavailable) else str(value)
