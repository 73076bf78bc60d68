"""The settings that decide what happens when memory runs short: shown with their meaning, never written."""

from collections.abc import Mapping

from mmexplorer.model.system.memory import Meminfo, commit_limit, field
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.text.cells import size_text
from mmexplorer.present.text.format import size
from mmexplorer.present.text.line import Line, Tone, line, span

_MEANINGS: Mapping[str, Mapping[int, str]] = {
    "panic_on_oom": {
        0: "a victim is killed, the system goes on",
        1: "the system panics, but not when only a cgroup, cpuset or memory policy ran out",
        2: "the system panics always, even when only a cgroup reached its limit",
    },
    "oom_kill_allocating_task": {
        0: "the process with the highest score is taken",
        1: "the process that asked for memory is taken, whatever its score",
    },
    "oom_dump_tasks": {0: "a kill logs its victim alone", 1: "a kill logs all processes"},
    "overcommit_memory": {
        0: "only requests beyond all memory and swap are refused, each looked at alone",
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


def setting_line(name: str, value: int | Unavailable) -> Line:
    """Write one setting of /proc/sys/vm with what its value means (`proc_sys_vm(5)`)."""
    if isinstance(value, Unavailable):
        return line(span(f"vm.{name} ", Tone.ACCENT), span(f"— {value}", Tone.DIM))
    known = _MEANINGS.get(name)
    words = _WORDS.get(name, "") if known is None else known.get(value, "a value that is not documented")
    tone = Tone.WARN if name == "panic_on_oom" and value else Tone.BRIGHT
    return line(span(f"vm.{name} ", Tone.ACCENT), span(str(value), tone), f": {words}" if words else "")


def settings_lines(settings: Mapping[str, int | Unavailable]) -> tuple[Line, ...]:
    """Write all the settings."""
    return tuple(setting_line(name, value) for name, value in settings.items())


def commit_lines(meminfo: Meminfo, settings: Mapping[str, int | Unavailable], page_size: int) -> tuple[Line, ...]:
    """Say what was promised, and how the limit of promises is made up, whether or not it holds now."""
    committed, limit = field(meminfo, "Committed_AS"), field(meminfo, "CommitLimit")
    ratio, kilobytes = settings.get("overcommit_ratio"), settings.get("overcommit_kbytes", 0)
    lines = [line("promised: Committed_AS ", span(size_text(committed), Tone.BRIGHT))]
    if not isinstance(ratio, int) or not isinstance(kilobytes, int) or isinstance(limit, Unavailable):
        return (*lines, line(f"CommitLimit {size_text(limit)}"))
    terms = f"{size(kilobytes * 1024)}" if kilobytes else f"{ratio} % of memory without huge pages"
    holds = "" if settings.get("overcommit_memory") == 2 else "; it holds only with overcommit_memory 2"  # noqa: PLR2004 - never overcommit
    computed = commit_limit(meminfo, ratio, kilobytes, page_size)
    return (*lines, line(f"CommitLimit {size(limit)} = {terms} + swap = {size_text(computed)}{holds}"))
