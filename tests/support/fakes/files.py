"""A /proc in memory that lists what is asked of it."""

from mmexplorer.kernel.errors import ENDED
from mmexplorer.kernel.procfs import Procfs
from mmexplorer.model.unavailable import Unavailable


def stat(pid: int, *, state: str = "S", flags: int = 0, faults: int = 0, threads: int = 1, start: int = 7) -> bytes:
    """Return a text of stat."""
    after_state = (1, 1, 1, 0, -1, flags, faults, 0, 0, 0, *[0] * 4, 20, 0, threads, 0, start, 4096, 1, 0, 1, 1, 9)
    return f"{pid} (name) {state} {' '.join(map(str, after_state))}\n".encode()


class Files(Procfs):
    """A /proc in memory, with a list of what is asked."""

    page_size, host, kernel = 4096, "", ""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.asked: list[str] = []

    def read(self, name: str) -> bytes | Unavailable:
        self.asked.append(name)
        return self.files.get(name, ENDED)

    def numbers(self, folder: str = "") -> tuple[int, ...]:
        prefix = f"{folder}/" if folder else ""
        inside = {name.removeprefix(prefix).partition("/")[0] for name in self.files if name.startswith(prefix)}
        return tuple(sorted(int(name) for name in inside if name.isdigit()))

    def link(self, name: str) -> str | Unavailable:
        raise AssertionError(name)

    def exists(self, name: str) -> bool:
        raise AssertionError(name)

    def user(self, pid: int) -> str | Unavailable:
        self.asked.append(f"{pid} user")
        return "eve"

    def taken(self) -> list[str]:
        """Return what was asked since the last call."""
        asked, self.asked = self.asked, []
        return asked
