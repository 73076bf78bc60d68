"""/dev/kmsg (Documentation/ABI/testing/dev-kmsg): kernel messages about processes it kills."""

import re
from collections.abc import Iterable

from mmexplorer.model.system.oom import Kill
from mmexplorer.model.value import NamedTuple

_RECORD = re.compile(rb"[0-7],([0-9]{1,20}),([0-9]{1,20}),[^;]{0,80};([^\n]*)")
"""The first number is 8 times the facility, plus the level. Only the kernel itself uses facility 0: messages written to
/dev/kmsg by programs have another."""
_KILLED = re.compile(
    rb"(?:(Memory cgroup out of memory|Out of memory[^:]*): )?"
    rb"Killed process ([0-9]{1,10}),?(?: UID ([0-9]{1,10}),)? \((.*)\)(?:, UID ([0-9]{1,10}))?,? "
    rb"total-vm:([0-9]{1,18})kB(.*)"
)
"""The uid: before the name in Linux 2.6.32, after it in RHEL 7's 3.10, at the end in later kernels."""
_CHOSEN = re.compile(rb"(Memory cgroup out of memory|Out of memory[^:]*): Kill process [0-9]{1,10} \(")
"""The preceding record, up to Linux 5.0: only this one has the cause. A child of that process may be killed instead."""
_CONSTRAINT = re.compile(rb"oom-kill:constraint=(\w+),")
_MEMCG, _TASK_MEMCG = b",oom_memcg=", b",task_memcg="
_VICTIM = re.compile(rb",pid=([0-9]{1,10}),uid=[0-9]{1,10}")
_INVOKED = re.compile(rb"(.*) invoked oom-killer: ")
_KIB_FIELD = re.compile(rb"(anon-rss|file-rss|shmem-rss|pgtables):([0-9]{1,18})kB")
_UID = re.compile(rb"UID:([0-9]{1,10})\b")
_ADJ = re.compile(rb"oom_score_adj:(-?[0-9]{1,4})\b")
_MICROSECONDS = 1_000_000
_KIB = 1024


def parse_kills(records: Iterable[bytes]) -> tuple[Kill, ...]:
    """Find the kills among log records, oldest first. Malformed records and those about anything else are skipped."""
    kills = []
    summary: _Summary | None = None
    chosen: bytes | None = None
    invoked_by: str | None = None
    for record in records:
        parts = _RECORD.match(record)
        if parts is None:
            continue
        sequence, microseconds, message = parts.groups()
        if found := _INVOKED.match(message):
            invoked_by, summary, chosen = _text(found.group(1)), None, None
        elif found := _CONSTRAINT.match(message):
            summary = _summary(found.group(1), message)
        elif found := _CHOSEN.match(message):
            chosen = found.group(1)
        elif found := _KILLED.match(message):
            at = int(microseconds) / _MICROSECONDS
            kills.append(_kill(int(sequence), at, found, found.group(1) or chosen, summary, invoked_by))
            summary = chosen = None
    return tuple(kills)


def parse_faults(records: Iterable[bytes], pid: int) -> tuple[str, ...]:
    """Find logged faults that ended this process, oldest first: `write_null[123]: segfault at 0 ip ...`.

    Not cleaned. This is x86's format (`show_signal_msg`); arm64 writes `NAME[PID]: unhandled exception` if
    exception-trace is on.
    """
    about = re.compile(rb".{1,16}\[%d\]: (?:segfault|bad frame|unhandled|trap)" % pid)
    messages = (parts[3] for record in records if (parts := _RECORD.match(record)) is not None)
    return tuple(_text(message) for message in messages if about.match(message))


class _Summary(NamedTuple):
    """The contents of the line `oom-kill:`."""

    constraint: bytes
    memcg: bytes | None
    pid: bytes | None


def _summary(constraint: bytes, message: bytes) -> _Summary:
    """Parse the line in linear time: processes choose the cgroup paths and the task's name.

    The victim's pid comes last. The task's cgroup, whose path follows, is inside the cgroup that ran out.
    """
    head, _, tail = message.rpartition(b",pid=")
    pid = _VICTIM.match(b",pid=" + tail)
    _, given, paths = head.partition(_MEMCG)
    memcg, _, _ = paths.partition(_TASK_MEMCG)
    return _Summary(constraint, memcg if given else None, pid.group(1) if pid else None)


def _kill(  # noqa: PLR0917 - the fields of the records of a kill
    sequence: int,
    at: float,
    killed: re.Match[bytes],
    cause: bytes | None,
    summary: _Summary | None,
    invoked_by: str | None,
) -> Kill:
    _, pid, uid_before, name, uid_after, total_vm, rest = killed.groups()
    if summary is not None and summary.pid != pid:
        summary = None
    sizes = {key: int(number) * _KIB for key, number in _KIB_FIELD.findall(rest)}
    constraint = b"" if summary is None else summary.constraint
    memcg = (cause or b"").startswith(b"Memory cgroup") or constraint.endswith(b"MEMCG")
    return Kill(
        sequence=sequence,
        at=at,
        pid=int(pid),
        name=_text(name),
        in_cgroup=memcg,
        cgroup=_text(summary.memcg) if summary is not None and summary.memcg else None,
        invoked_by=invoked_by,
        total_vm=int(total_vm) * _KIB,
        anon_rss=sizes.get(b"anon-rss"),
        file_rss=sizes.get(b"file-rss"),
        shmem_rss=sizes.get(b"shmem-rss"),
        page_tables=sizes.get(b"pgtables"),
        uid=int(uid) if (uid := uid_before or uid_after) else _number(_UID.search(rest)),
        adj=_number(_ADJ.search(rest)),
    )


def _number(found: re.Match[bytes] | None) -> int | None:
    return int(found.group(1)) if found else None


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
