"""Turns the lab process's answers into replies: the calls as strace(1) prints them, the errno, the signal."""

import errno
import json
import os
from collections.abc import Mapping

from mmexplorer.labs.protocol import Fault, LabReply, Operation
from mmexplorer.model.amount import format_size
from mmexplorer.model.process.signals import code_name, signal_name
from mmexplorer.model.typed import Any

_LAST: Mapping[str, type] = {"errno": int, "calls": list, "start": int, "end": int, "figures": dict}
"""The fields of an answer's last line."""
_SIGINFO = ("signo", "code", "address")


def understood(text: bytes) -> dict[str, Any] | None:
    """Parse a line of an answer; None for one that the lab process wouldn't write. Never raises."""
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
    texts = (message.get("doing"), message.get("then", ""))
    return all(isinstance(text, str) for text in texts) and isinstance(message.get("address", 0), int)


def answered(
    message: Mapping[str, Any], operation: Operation, fault: Fault | None, output: str, limit: int | None
) -> LabReply:
    """Build the reply from an answer's last line. `limit`: the RLIMIT_AS in bytes that was exceeded, if any."""
    failed, calls = message["errno"], message["calls"]
    # What follows a line that is printed and an access is called by its handler or later, after the signal.
    at = 2 if operation.name == "access" else len(calls)
    return LabReply(
        call="\n".join([*calls[:at], *_signal_line(fault), *calls[at:]]),
        ok=not failed,
        error=message.get("refused") or (_refusal(failed, operation, limit) if failed else ""),
        start=message["start"],
        end=message["end"],
        figures=message["figures"],
        fault=fault,
        output=output,
    )


def unanswered(doing: Mapping[str, Any], fault: Fault | None, output: str, ended: str) -> LabReply:
    """Build the reply to a request during which the child ended; the log looks like strace(1)'s."""
    lines = [*_called(doing), *_signal_line(fault), *_called_after(doing), f"+++ {as_strace(ended)} +++"]
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


def as_strace(ended: str) -> str:
    """Say how a process ended in the words of strace(1)."""
    return ended.replace("exited with status", "exited with").replace("was ended by", "killed by")


def _called(doing: Mapping[str, Any]) -> list[str]:
    return [doing["doing"]] if doing else []


def _called_after(doing: Mapping[str, Any]) -> list[str]:
    return [doing["then"]] if "then" in doing else []


def _signal_line(fault: Fault | None) -> list[str]:
    if fault is None:
        return []
    address = f"{fault.address:#x}" if fault.address else "NULL"
    return [f"--- {fault.signal} {{si_signo={fault.signal}, si_code={fault.code}, si_addr={address}}} ---"]


def errno_in_words(failed: int) -> str:
    """Format an errno as "ENOMEM: cannot allocate memory"."""
    words = os.strerror(failed)
    limit = "; RLIMIT_NPROC (ulimit -u) or pids.max allows no more" if failed == errno.EAGAIN else ""
    return f"{errno.errorcode.get(failed, failed)}: {words[:1].lower()}{words[1:]}{limit}"


def _refusal(failed: int, operation: Operation, limit: int | None) -> str:
    """Return the errno in words, with the cause of an ENOMEM: a limit, or memory the kernel would not promise."""
    if failed != errno.ENOMEM or operation.name not in {"mmap", "malloc"}:
        return errno_in_words(failed)
    if limit is not None:
        return f"{errno_in_words(failed)}; RLIMIT_AS allows {format_size(limit)}"
    return f"{errno_in_words(failed)}; the kernel doesn't promise that much (vm.overcommit_memory, proc_sys_vm(5))"


def bytes_wanted(operation: Operation) -> int:
    """Return how much address space the operation needs; 0 if none."""
    return int(operation.arguments.get("length") or operation.arguments.get("size") or 0)


def fault_of(siginfo: Mapping[str, int]) -> Fault:
    """Name the values the child found in its `siginfo_t`: sigaction(2)."""
    number, code = siginfo["signo"], siginfo["code"]
    return Fault(signal_name(number), code_name(number, code), siginfo["address"])
