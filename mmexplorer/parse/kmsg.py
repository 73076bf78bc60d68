"""/dev/kmsg (Documentation/ABI/testing/dev-kmsg): what the kernel logs when the OOM killer takes a process."""

import re
from collections.abc import Iterable

from mmexplorer.model.system.oom import Kill

_RECORD = re.compile(rb"[0-9]{1,10},([0-9]{1,20}),([0-9]{1,20}),[^;]{0,80};([^\n]*)")
_KILLED = re.compile(
    rb"(?:(Memory cgroup out of memory|Out of memory[^:]*): )?"
    rb"Killed process ([0-9]{1,10}) \((.*)\),? total-vm:([0-9]{1,18})kB(.*)"
)
_SUMMARY = re.compile(
    rb"oom-kill:constraint=(\w+),.*?(?:oom_memcg=(.*?),)?(?:task_memcg=.*?,)?task=.*,pid=([0-9]{1,10}),"
)
_INVOKED = re.compile(rb"(.*) invoked oom-killer: ")
_KIB_FIELD = re.compile(rb"(anon-rss|file-rss|shmem-rss|pgtables):([0-9]{1,18})kB")
_UID = re.compile(rb"UID:([0-9]{1,10})\b")
_ADJ = re.compile(rb"oom_score_adj:(-?[0-9]{1,4})\b")
_MICROSECONDS = 1_000_000
_KIB = 1024


def parse_kills(records: Iterable[bytes]) -> tuple[Kill, ...]:
    """Find the kills among log records, oldest first. Records about anything else, or in no shape, are passed over."""
    kills = []
    summary: re.Match[bytes] | None = None
    invoked_by: str | None = None
    for record in records:
        parts = _RECORD.match(record)
        if parts is None:
            continue
        sequence, microseconds, message = parts.groups()
        if found := _INVOKED.match(message):
            invoked_by, summary = _text(found.group(1)), None
        elif found := _SUMMARY.match(message):
            summary = found
        elif found := _KILLED.match(message):
            kills.append(_kill(int(sequence), int(microseconds) / _MICROSECONDS, found, summary, invoked_by))
            summary = None
    return tuple(kills)


def _kill(
    sequence: int, at: float, killed: re.Match[bytes], summary: re.Match[bytes] | None, invoked_by: str | None
) -> Kill:
    cause, pid, name, total_vm, rest = killed.groups()
    if summary is not None and summary.group(3) != pid:
        summary = None
    sizes = {key: int(number) * _KIB for key, number in _KIB_FIELD.findall(rest)}
    memcg = (cause or b"").startswith(b"Memory cgroup") or (summary is not None and summary.group(1).endswith(b"MEMCG"))
    return Kill(
        sequence=sequence,
        at=at,
        pid=int(pid),
        name=_text(name),
        in_cgroup=memcg,
        cgroup=_text(summary.group(2)) if summary is not None and summary.group(2) else None,
        invoked_by=invoked_by,
        total_vm=int(total_vm) * _KIB,
        anon_rss=sizes.get(b"anon-rss"),
        file_rss=sizes.get(b"file-rss"),
        shmem_rss=sizes.get(b"shmem-rss"),
        page_tables=sizes.get(b"pgtables"),
        uid=_number(_UID.search(rest)),
        adj=_number(_ADJ.search(rest)),
    )


def _number(found: re.Match[bytes] | None) -> int | None:
    return int(found.group(1)) if found else None


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
