"""A directory that looks like /proc, for states that this kernel doesn't show."""

from pathlib import Path

MAPS = b"00400000-00401000 r-xp 00000000 fe:00 12                                 /bin/prog\n"


def stat_text(pid: int, *, start_time: int, comm: bytes = b"prog", state: bytes = b"S", flags: int = 0) -> bytes:
    """Return a line of /proc/PID/stat."""
    fields = [b"0"] * 50
    fields[0] = state
    fields[1] = b"1"
    fields[6] = b"%d" % flags
    fields[17] = b"1"
    fields[19] = b"%d" % start_time
    fields[20] = b"4096"
    return b"%d (%s) %s\n" % (pid, comm, b" ".join(fields))


def add_process(root: Path, pid: int, stat: bytes, **files: bytes) -> None:
    """Add a process; `files` are named as in /proc/PID."""
    folder = root / str(pid)
    folder.mkdir(exist_ok=True)
    for name, content in {"stat": stat, "statm": b"1 1 0 0 0 0 0\n", "cmdline": b"prog\0", **files}.items():
        (folder / name).write_bytes(content)
