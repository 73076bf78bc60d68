"""Makes a cgroup for the lab child, and takes it away again when its standard input ends, however that came about.

A program of its own, never imported: `python -I -S cgroup_keeper.py FOLDER [?]FILE=VALUE...`. It makes FOLDER, writes
the VALUEs into its FILEs, those with a `?` only where there are such, and prints an errno, 0 for success. With `--slice
NAME` it makes nothing, and at the end has the user's systemd stop that slice. Its input ends when mmexplorer closes it
or is killed, even by SIGKILL: that is why this is another process, and in a session of its own, where no Ctrl-C or
hangup of the terminal reaches it.
"""

import contextlib
import errno
import os
import sys
import time

_SECONDS = 300
"""How long it tries. The lab child dies with mmexplorer; only a process that somebody else put there may stay."""


def make(folder: str, settings: list[str]) -> None:
    """Make the cgroup. Raises OSError."""
    os.mkdir(folder)  # noqa: PTH102 - pathlib takes longer to import than all of this
    for setting in settings:
        name, _, value = setting.partition("=")
        path = f"{folder}/{name.removeprefix('?')}"
        if name.startswith("?") and not os.path.exists(path):  # noqa: PTH110 - as above
            continue
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.write(descriptor, value.encode())
        finally:
            os.close(descriptor)


def remove(folder: str) -> None:
    """Take it away; a cgroup with a process in it can't be, so try again until that has ended."""
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        try:
            os.rmdir(folder)  # noqa: PTH106 - as above
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(0.01)


def wait() -> None:
    """Wait until the standard input ends."""
    while os.read(0, 1):
        pass


def main() -> None:
    """Make it, say how that went, wait, and take it away."""
    if sys.argv[1] == "--slice":
        os.write(1, b"0\n")
        wait()
        os.execvp("systemctl", ["systemctl", "--user", "--quiet", "stop", sys.argv[2]])  # noqa: S606 - that is the task
    folder = sys.argv[1]
    failed = 0
    try:
        make(folder, sys.argv[2:])
    except FileExistsError:
        os.write(1, b"%d\n" % errno.EEXIST)  # somebody else's: not ours to take away
        return
    except OSError as error:
        failed = error.errno or errno.EIO
    with contextlib.suppress(BrokenPipeError):
        os.write(1, b"%d\n" % failed)
    wait()
    remove(folder)


if __name__ == "__main__":
    main()
