"""The seeds of the fuzzers, including what they found: each once broke something, or leads to deeper code."""

from collections.abc import Mapping
from pathlib import Path

from tests.support.specimens.core_bytes import Load, Shape, core_bytes, note, prstatus
from tests.support.specimens.elf_bytes import make_elf

_DATA = Path(__file__).parents[1] / "data"
_MAPS = b"55d0c0000000-55d0c0002000 r-xp 00001000 fe:00 17 /usr/bin/it (deleted)\nRss: 4 kB\nVmFlags: rd ex\n"
_KILL = (
    b"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),oom_memcg=/a,task_memcg=/a,task=it,pid=9,uid=0\n"
    b"Memory cgroup out of memory: Killed process 9 (it) total-vm:1kB, anon-rss:1kB, UID:0 pgtables:1kB\n"
)
_STAT = b"8 (a b) S 4 8 8 0 -1 4194560 1 8 5 0 1 2 0 0 20 0 3 0 5501 5648384 1071 1 1 2 3 4\n"
_MEMINFO = [(_DATA / "meminfo" / name).read_bytes() for name in ("linux-2.6-mips-router", "linux-4.x-no-swap")]
_REPLY = b'{"calls": ["mmap()"], "errno": 12, "start": 1, "end": 2, "figures": {}}\n{"doing": "x", "address": 1}\n'
_CORE = core_bytes(
    Shape(), [Load(0x400000, 0x2000, 5, b"x" * 64)], [note(Shape(), 1, prstatus(Shape(), 42, range(27)))]
)
_FAULT = b'{"signal": {"signo": 11, "code": 1, "address": 0}}\n'

SEEDS: Mapping[str, tuple[bytes, ...]] = {
    "proc_files": (_STAT, (_DATA / "zoneinfo-linux-6.18").read_bytes()[:3000], b"Filename\n/x file 1 0 -2\n", b"max\n"),
    "maps": (_MAPS, (_DATA / "smaps_newer_kernel.txt").read_bytes()),
    "pasted": (_MAPS, b"1000-2000 rw-p 0 00:00 0\n", b"\x1b[1m1000-2000 rw-p\n"),
    "meminfo": (*_MEMINFO, b"MemTotal:1 kB\nMemFree: 2 kB\nSwapFree: 18446744073709551615 kB\n"),
    "kernel_log": (_KILL, b"it invoked oom-killer: \n", b"Killed process 8, UID 26, (it) total-vm:1kB\n"),
    "elf": (make_elf(64, "<", 62).data, make_elf(32, ">", 8).data),
    "captures": (_CORE,),
    "expressions": (b'rss>1M kind:heap !name="a b"', b"0x1000+0x10", b"it@0x10", b"[heap]-8", b"1.5G"),
    "lab_replies": (_REPLY, _FAULT, b"[1]\n9\nnull\n"),
    "texts": ("e\u0301 名 ❤\ufe0f \x1b[31m \u202e".encode(), b"\xff\xfe"),
}
