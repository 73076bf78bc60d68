"""What every command that shows a screen asks for first: a terminal, and threads."""

import os
import sys
import threading

from mmexplorer.commands.shared.exit import CommandFailure
from mmexplorer.kernel.allocator import use_one_arena

_THREADS = 8


def need_threads() -> None:
    """Raise CommandFailure where the threads that a screen needs can't be started, which Textual would stumble over."""
    use_one_arena()
    done = threading.Event()
    threads = [threading.Thread(target=done.wait) for _ in range(_THREADS)]
    try:
        for thread in threads:
            thread.start()
    except RuntimeError:
        limits = "RLIMIT_NPROC (ulimit -u), pids.max or RLIMIT_AS (ulimit -v)"
        raise CommandFailure(f"no further thread can be started: {limits} allows none") from None
    finally:
        done.set()


def need_terminal(what: str, instead: str) -> None:
    """Raise CommandFailure where there is no terminal to show `what` on; `instead` says what does without."""
    # Textual reads stdin and draws on stderr, while stdout tells whether a person or a program asked.
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        raise CommandFailure(f"{what} needs a terminal; {instead}")
    if os.environ.get("TERM", "dumb") in ("", "dumb"):
        raise CommandFailure(f"{what} needs a terminal that can move its cursor, and TERM says this one can't")
    need_threads()
