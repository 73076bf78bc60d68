"""/proc/PID/status and /proc/PID/cmdline: `proc_pid_status(5)`, `proc_pid_cmdline(5)`."""

from collections.abc import Mapping

from mmexplorer.model.value import frozen

_KILOBYTE = 1024
_DIGITS = 20


@frozen
class Status:
    """The lines of status: text by name, with methods that parse it as needed."""

    fields: Mapping[str, str]
    """The text after the colon, stripped of blanks; undecodable bytes as surrogates."""

    def number(self, name: str) -> int | None:
        """Return a plain decimal number (`Threads`, `Tgid`); None if the line is missing or isn't one."""
        return _decimal(self.fields.get(name, ""))

    def size(self, name: str) -> int | None:
        """Return a size (`VmRSS`, `VmPTE`) in bytes; None if the line is missing, as for kernel threads."""
        text = self.fields.get(name, "")
        number = _decimal(text.removesuffix(" kB")) if text.endswith(" kB") else None
        return None if number is None else number * _KILOBYTE

    @property
    def kernel_thread(self) -> bool | None:
        """Whether it is a kernel thread; None before Linux 6.8, which doesn't say."""
        number = self.number("Kthread")
        return None if number is None else number != 0


def parse_status(data: bytes) -> Status:
    """Read status. Lines without a colon are left out; the process name on the first line is escaped."""
    fields: dict[str, str] = {}
    for text in data.decode("utf-8", "surrogateescape").split("\n"):
        name, colon, rest = text.partition(":")
        if colon:
            fields.setdefault(name, rest.strip(" \t"))
    return Status(fields)


def parse_cmdline(data: bytes) -> tuple[str, ...]:
    """Split argv at its NULs; undecodable bytes as surrogates. A title written over it is one argument.

    A title shorter than the arguments it overwrote is followed by NULs (`setproctitle(3bsd)`).
    """
    if not data:
        return ()
    title, _, rest = data.partition(b"\0")
    if len(rest) > 1 and not rest.strip(b"\0"):
        return (title.decode("utf-8", "surrogateescape"),)
    return tuple(data.removesuffix(b"\0").decode("utf-8", "surrogateescape").split("\0"))


def _decimal(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None
