"""The real program under random keys and resizes: nothing goes wrong in it, and it goes on painting."""

import random
import sys
import time
from pathlib import Path

import pytest

from tests.support.pilots.terminal import Terminal

_SECONDS = 6.0
_SILENCE = 10.0
"""Seconds without a picture that are too many on a busy machine too."""
_SIZES = ((160, 48), (80, 24), (40, 10), (200, 60), (1, 1))
_ESCAPE = "\x1b[27u"
"""As terminals send it that tell it from the begin of a sequence."""
_KEYS = (
    *"123123ghjklnrsSoedmtuwaxTpzFGKy+-<>[]{}0 /:?!",
    *("\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[5~", "\x1b[6~", "\x1b[H", "\x1b[F", "\t", "\x1b[Z"),
    *("\r", _ESCAPE, "\x7f", "\x1b[<0;20;9M\x1b[<0;20;9m", "\x1b[<64;20;9M", "名", "\x1b[200~a\nb\x1b[201~"),
    *(f"\x10{_ESCAPE}", f"\x10\x1b[5~\x1b[6~x{_ESCAPE}", f"\x10\x1b[B\x1b[5~{_ESCAPE}"),
)
"""All but those that end it, or stop it. The palette is left at once: in it Quit would be chosen soon."""


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "size"), [(1, (160, 48)), (2, (80, 24))], ids=["160x48", "80x24"])
def test_random_keys(seed: int, size: tuple[int, int], tmp_path: Path) -> None:
    chance = random.Random(seed)  # noqa: S311 - a tour that can be repeated
    log = tmp_path / "log"
    with Terminal([sys.executable, "-m", "mmexplorer", "--interval", "0.2", "--log", str(log)], *size) as terminal:
        terminal.wait_for("Processes")
        painted = time.monotonic()
        end = painted + _SECONDS
        while time.monotonic() < end:
            written = len(terminal.raw)
            terminal.send("".join(chance.choices(_KEYS, k=chance.randint(1, 4))))
            if chance.random() < 0.05:
                terminal.resize(*chance.choice(_SIZES))
            terminal.read(0.1)
            painted = time.monotonic() if len(terminal.raw) > written else painted
            assert terminal.process.poll() is None, terminal.raw[-2000:].decode("utf-8", "replace")
            assert time.monotonic() - painted < _SILENCE
        terminal.process.terminate()
        terminal.wait_exit()
    assert log.read_text() == ""
