"""The real program under random keys and resizes: no exceptions, and it keeps painting."""

import random
import sys
from pathlib import Path

import pytest

from tests.support.pilots.terminal import ESCAPE, Terminal

_HANDFULS = 60
_SIZES = ((160, 48), (80, 24), (40, 10), (200, 60), (1, 1))
_KEYS = (
    *"123123ghjklnrsSoedmtuwaxTpzFGKy+-<>[]{}0 /:?!",
    *("\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[5~", "\x1b[6~", "\x1b[H", "\x1b[F", "\t", "\x1b[Z"),
    *("\r", ESCAPE, "\x7f", "\x1b[<0;20;9M\x1b[<0;20;9m", "\x1b[<64;20;9M", "名", "\x1b[200~a\nb\x1b[201~"),
    *(f"\x10{ESCAPE}", f"\x10\x1b[5~\x1b[6~x{ESCAPE}", f"\x10\x1b[B\x1b[5~{ESCAPE}"),
)
"""All but those that quit or suspend it. The palette is closed at once, before Quit can be chosen in it."""


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "size"), [(1, (160, 48)), (2, (80, 24))], ids=["160x48", "80x24"])
def test_random_keys(seed: int, size: tuple[int, int], tmp_path: Path) -> None:
    chance = random.Random(seed)  # noqa: S311 - a tour that can be repeated
    log = tmp_path / "log"
    with Terminal([sys.executable, "-m", "mmexplorer", "--interval", "0.2", "--log", str(log)], *size) as terminal:
        terminal.wait_for("Processes")
        for _ in range(_HANDFULS):
            terminal.send("".join(chance.choices(_KEYS, k=chance.randint(1, 4))))
            if chance.random() < 0.05:
                terminal.resize(*chance.choice(_SIZES))
            terminal.read(0.1)
            assert terminal.process.poll() is None, terminal.raw[-2000:].decode("utf-8", "replace")
        written = len(terminal.raw)
        terminal.resize(100, 30)
        terminal.wait_for(lambda _: len(terminal.raw) > written)
        terminal.process.terminate()
        terminal.wait_exit()
    assert log.read_text() == ""
