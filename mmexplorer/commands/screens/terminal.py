"""What every command with a screen needs first: a terminal, and threads."""

import os
import sys
import threading

from mmexplorer.commands.shared.exit import CommandFailure
from mmexplorer.kernel.allocator import use_little_memory

_THREADS = 8


def need_threads() -> None:
    """Raise CommandFailure if the threads a screen needs can't be started; Textual doesn't handle that."""
    use_little_memory()
    done = threading.Event()
    threads = [threading.Thread(target=done.wait) for _ in range(_THREADS)]
    try:
        for thread in threads:
            thread.start()
    except RuntimeError:
        limits = "RLIMIT_NPROC (ulimit -u), pids.max, RLIMIT_AS (ulimit -v) or RLIMIT_DATA (ulimit -d)"
        raise CommandFailure(f"no further thread can be started: {limits} allows none") from None
    finally:
        done.set()


def need_terminal(what: str, instead: str) -> None:
    """Raise CommandFailure if there is no terminal to show `what` on; `instead` names an alternative."""
    # Textual reads stdin and draws on stderr, while stdout shows whether a person or a program asked.
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        raise CommandFailure(f"{what} needs a terminal; {instead}")
    if os.environ.get("TERM", "dumb") in ("", "dumb"):
        raise CommandFailure(f"{what} needs a terminal that can move its cursor, and TERM says this one can't")
    need_threads()
