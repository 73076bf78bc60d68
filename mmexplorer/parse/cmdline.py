"""/proc/PID/cmdline: `proc_pid_cmdline(5)`."""


def parse_cmdline(data: bytes) -> tuple[str, ...]:
    """Split argv at its NULs; undecodable bytes as surrogates. A title written over it without NULs is one argument."""
    if not data:
        return ()
    return tuple(data.removesuffix(b"\0").decode("utf-8", "surrogateescape").split("\0"))
