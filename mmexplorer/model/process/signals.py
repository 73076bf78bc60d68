"""Names of signals and their codes (`sigaction(2)`, the kernel's `uapi/asm-generic/siginfo.h`)."""

from signal import Signals

SI_USER, SI_KERNEL, SI_QUEUE, SI_TKILL = 0, 0x80, -1, -6

_COMMON = {SI_USER: "SI_USER", SI_KERNEL: "SI_KERNEL", SI_QUEUE: "SI_QUEUE", SI_TKILL: "SI_TKILL"}
_SEGV = (
    "SEGV_MAPERR", "SEGV_ACCERR", "SEGV_BNDERR", "SEGV_PKUERR", "SEGV_ACCADI", "SEGV_ADIDERR", "SEGV_ADIPERR",
    "SEGV_MTEAERR", "SEGV_MTESERR", "SEGV_CPERR",
)  # fmt: skip
_OWN: dict[int, tuple[str, ...]] = {
    Signals.SIGSEGV: _SEGV,
    Signals.SIGBUS: ("BUS_ADRALN", "BUS_ADRERR", "BUS_OBJERR", "BUS_MCEERR_AR", "BUS_MCEERR_AO"),
    Signals.SIGILL: (
        "ILL_ILLOPC", "ILL_ILLOPN", "ILL_ILLADR", "ILL_ILLTRP", "ILL_PRVOPC", "ILL_PRVREG", "ILL_COPROC", "ILL_BADSTK",
    ),
    Signals.SIGFPE: (
        "FPE_INTDIV", "FPE_INTOVF", "FPE_FLTDIV", "FPE_FLTOVF", "FPE_FLTUND", "FPE_FLTRES", "FPE_FLTINV", "FPE_FLTSUB",
    ),
    Signals.SIGTRAP: ("TRAP_BRKPT", "TRAP_TRACE", "TRAP_BRANCH", "TRAP_HWBKPT", "TRAP_UNK", "TRAP_PERF"),
    Signals.SIGSYS: ("SYS_SECCOMP", "SYS_USER_DISPATCH"),
}  # fmt: skip


def signal_name(number: int) -> str:
    """Name a signal: SIGSEGV; use its number if it has no name."""
    try:
        return Signals(number).name
    except ValueError:
        least = Signals.SIGRTMIN
        return f"SIGRTMIN+{number - least}" if least < number < Signals.SIGRTMAX else f"signal {number}"


def code_name(number: int, code: int) -> str:
    """Name a signal's code: SEGV_MAPERR; use digits if unknown."""
    own = _OWN.get(number, ())
    return own[code - 1] if 0 < code <= len(own) else _COMMON.get(code, str(code))


def has_address(number: int, code: int) -> bool:
    """Return whether an instruction caused it, so that si_addr is the faulting address, or 0 if that isn't recorded."""
    return number in _OWN and number != Signals.SIGSYS and code > 0
