"""Creates a cgroup for the lab child, and removes it when standard input ends, for whatever reason.

A separate program, never imported: `python -I -S cgroup_keeper.py FOLDER [?]FILE=VALUE...`. It creates FOLDER, writes
each VALUE to its FILE (skipping missing files marked with `?`), and prints an errno, 0 for success. With `--slice NAME`
it creates nothing; at the end it has the user's systemd stop that slice. Its input ends when mmexplorer closes it or is
killed, even by SIGKILL: this is why it is a separate process, in its own session, where Ctrl-C and terminal hangups
don't reach it.
"""

import errno
import os
import sys
import time

_SECONDS = 300
"""How long it keeps trying. The lab child dies with mmexplorer; only a process put there by someone else may stay."""


def make(folder: str, settings: list[str]) -> None:
    """Create the cgroup. Raises OSError."""
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
    """Remove the cgroup; that fails while a process is in it, so retry until it has ended."""
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        try:
            os.rmdir(folder)  # noqa: PTH106 - as above
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(0.01)
        else:
            return


def wait() -> None:
    """Wait until the standard input ends."""
    while os.read(0, 1):
        pass


def main() -> None:
    """Create the cgroup, report the result, wait, and remove it."""
    if sys.argv[1] == "--slice":
        os.write(1, b"0\n")
        wait()
        os.execvp("systemctl", ["systemctl", "--user", "--quiet", "stop", sys.argv[2]])  # noqa: S606 - that is its purpose
    folder = sys.argv[1]
    failed = 0
    try:
        make(folder, sys.argv[2:])
    except FileExistsError:
        os.write(1, b"%d\n" % errno.EEXIST)  # someone else's: not ours to remove
        return
    except OSError as error:
        failed = error.errno or errno.EIO
    try:  # noqa: SIM105 - contextlib takes longer to import than all of this
        os.write(1, b"%d\n" % failed)
    except BrokenPipeError:
        pass
    wait()
    remove(folder)
    os._exit(0)  # there is nothing to tidy up, and mmexplorer waits for the end


if __name__ == "__main__":
    main()
