"""What the lab process answers, as a reply in words: the calls as strace(1) prints them, the errno, the signal."""

import errno
import json
import os
from collections.abc import Mapping
from typing import Any

from mmexplorer.labs.protocol import Fault, LabReply, Operation
from mmexplorer.model.amount import format_size
from mmexplorer.model.signals import code_name, signal_name

_LAST: Mapping[str, type] = {"errno": int, "calls": list, "start": int, "end": int, "figures": dict}
"""What the last line of an answer holds."""
_SIGINFO = ("signo", "code", "address")


def understood(text: bytes) -> dict[str, Any] | None:
    """Take a line of an answer apart; None for one that the lab process doesn't write. Total."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) and _is_ours(message) else None


def _is_ours(message: Mapping[str, Any]) -> bool:
    if "errno" in message:
        lacks = [name for name, kind in _LAST.items() if not isinstance(message.get(name), kind)]
        return not lacks and all(isinstance(call, str) for call in message["calls"])
    if "signal" in message:
        siginfo = message["signal"]
        return isinstance(siginfo, dict) and all(isinstance(siginfo.get(name), int) for name in _SIGINFO)
    return isinstance(message.get("doing"), str) and isinstance(message.get("address", 0), int)


def answered(
    message: Mapping[str, Any], operation: Operation, fault: Fault | None, output: str, limit: int | None
) -> LabReply:
    """Say what the last line of an answer says. `limit`: the RLIMIT_AS that was in the way, in bytes; None for none."""
    failed = message["errno"]
    return LabReply(
        call="\n".join([*message["calls"], *_signal_line(fault)]),
        ok=not failed,
        error=message.get("refused") or (_refusal(failed, operation, limit) if failed else ""),
        start=message["start"],
        end=message["end"],
        figures=message["figures"],
        fault=fault,
        output=output,
    )


def unanswered(doing: Mapping[str, Any], fault: Fault | None, output: str, ended: str) -> LabReply:
    """Say what there is to say of a request that the child did not outlive; the log reads as strace(1)'s does."""
    lines = [*_called(doing), *_signal_line(fault), f"+++ {ended.removeprefix('was ')} +++"]
    start = doing.get("address", 0)
    return LabReply(
        call="\n".join(lines),
        ok=False,
        error=f"the lab process {ended}",
        start=start,
        end=start + len(_called(doing)),
        fault=fault,
        ended=ended,
        output=output,
    )


def _called(doing: Mapping[str, Any]) -> list[str]:
    return [doing["doing"]] if doing else []


def _signal_line(fault: Fault | None) -> list[str]:
    if fault is None:
        return []
    address = f"{fault.address:#x}" if fault.address else "NULL"
    return [f"--- {fault.signal} {{si_signo={fault.signal}, si_code={fault.code}, si_addr={address}}} ---"]


def errno_in_words(failed: int) -> str:
    """Write an errno as "ENOMEM: cannot allocate memory"."""
    words = os.strerror(failed)
    limit = "; RLIMIT_NPROC (ulimit -u) or pids.max allows no more" if failed == errno.EAGAIN else ""
    return f"{errno.errorcode.get(failed, failed)}: {words[:1].lower()}{words[1:]}{limit}"


def _refusal(failed: int, operation: Operation, limit: int | None) -> str:
    """The errno in words, with what stands behind an ENOMEM: the limit, or the promise the kernel would not give."""
    if failed != errno.ENOMEM or operation.name not in {"mmap", "malloc"}:
        return errno_in_words(failed)
    if limit is not None:
        return f"{errno_in_words(failed)}; RLIMIT_AS allows {format_size(limit)}"
    return f"{errno_in_words(failed)}; the kernel does not promise that much (vm.overcommit_memory, proc_sys_vm(5))"


def bytes_wanted(operation: Operation) -> int:
    """How much address space the operation asks for; 0 for one that asks for none."""
    return int(operation.arguments.get("length") or operation.arguments.get("size") or 0)


def fault_of(siginfo: Mapping[str, int]) -> Fault:
    """Name what the child found in its `siginfo_t`: sigaction(2)."""
    number, code = siginfo["signo"], siginfo["code"]
    return Fault(signal_name(number), code_name(number, code), siginfo["address"])
