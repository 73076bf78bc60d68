"""Whether a lab can be played here and, if not, why: decided before its first step."""

import os
import resource
import struct
import sys
import time
from collections.abc import Callable
from itertools import chain

from mmexplorer.kernel.errors import ENDED, unavailable
from mmexplorer.kernel.lab.measurement import surroundings
from mmexplorer.kernel.machine import page_size
from mmexplorer.kernel.pages.pagemap import read_pages
from mmexplorer.kernel.procfs import LiveProcfs, Procfs
from mmexplorer.kernel.system.cgroup import memory_room
from mmexplorer.labs.lab import MIB, Lab, Need
from mmexplorer.labs.registry import find
from mmexplorer.model.amount import format_size
from mmexplorer.model.region import Range
from mmexplorer.model.system.memory import free
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.system.meminfo import parse_meminfo

_INTERPRETER = 64 * MIB
"""Address space the lab process itself needs; 20 to 40 MiB are usual."""
_RESIDENT = 24 * MIB
"""Memory the interpreter itself needs; 10 to 15 MiB are usual."""
_FILLS = frozenset({"touch", "write_file"})
_SMALL_PAGE = 4096
_ADDR_NO_RANDOMIZE, _ANY_PERSONALITY = 0x0040000, 0xFFFFFFFF
_NEVER_OVERCOMMIT = 2
_USERFAULTFD = {"x86_64": 323, "i686": 374, "armv7l": 388, "ppc64le": 364, "s390x": 355}
"""Numbers of the system call on architectures where it isn't the generic one."""
_UFFD_USER_MODE_ONLY = 1
_PROMISED = 4 << 30
_FOLDERS = ("/var/tmp", "/tmp", "/home")  # noqa: S108 - nothing named is created there
_TRIES, _PAUSE = 25, 0.004
"""A page on its way to the LRU lists is held briefly in a per-processor batch (mm/swap.c), and stays cached."""
_SPARE = 4
"""This many times what is needed must be free, on disk or in memory, so that nobody else notices."""
_PROCFS = LiveProcfs()


def lacking(lab: Lab) -> Unavailable | None:
    """Return the first requirement of the lab that isn't met; None if it can be played."""
    if lab.simulator is not None:
        return None
    if no_process := _interpreter():
        return Unavailable(Cause.UNSUPPORTED, no_process)
    reasons = (_address_space(lab), lacking_memory(memory_wanted(lab)), *(_look(lab, need) for need in lab.needs))
    other = find(lab.instead)
    instead = "" if other is None else f"the lab “{other.title}” shows what can be shown without it"
    return next((Unavailable(Cause.UNSUPPORTED, reason, instead) for reason in reasons if reason), None)


def _look(lab: Lab, need: Need) -> str:
    if need is Need.OOM_CGROUP:
        from mmexplorer.kernel.lab.oom_cgroup import lacking_cgroup  # noqa: PLC0415 - for one lab only

        return lacking_cgroup(lab.memory_limit)
    return lacking_disk(lab.limits.touched) if need is Need.DISK else _LOOK[need]()


def _interpreter() -> str:
    """Check that we could be started again: we may have become another user since, or Python may be gone."""
    # By what execve(2) asks: access(2) asks for the real user, and leaves out our capabilities.
    if os.access(sys.executable, os.X_OK, effective_ids=True):
        return ""
    try:
        os.stat(sys.executable)  # noqa: PTH116 - as in the rest of kernel/
        gone = False
    except OSError as error:
        gone = unavailable(error).cause is Cause.GONE
    why = "is not there any more" if gone else "this user may not execute"
    return f"the lab process runs {sys.executable or 'Python'}, which {why}"


def memory_wanted(lab: Lab) -> int:
    """Return the most bytes the lab process holds, including its interpreter; not those that a cgroup denies it."""
    steps = ((*step.prepare, *step.operations) for step in lab.steps)
    written = sum(int(one.arguments.get("length", 0)) for one in chain.from_iterable(steps) if one.name in _FILLS)
    return _RESIDENT + min(written, lab.memory_limit or lab.limits.touched)


def lacking_memory(wanted: int, procfs: Procfs = _PROCFS) -> str:
    """Return why `wanted` bytes of memory can't be had here without a kill; "" if they can."""
    needed = f"the lab process needs {format_size(wanted)} of memory"
    room = memory_room(procfs)
    if room is not None and room.size < wanted:
        return f"{needed}, and the cgroup {room.path} leaves {format_size(room.size)}"
    meminfo = procfs.parsed("meminfo", parse_meminfo)
    figures = meminfo if isinstance(meminfo, Unavailable) else free(meminfo)
    if isinstance(figures, Unavailable):
        return ""
    left = figures.available if isinstance(figures.available, int) else figures.free
    if isinstance(left, Unavailable) or left >= _SPARE * wanted:
        return ""
    return f"{needed}, and the machine has {format_size(left)} available: other programs might need it"


def _address_space(lab: Lab) -> str:
    wanted = lab.address_space + _INTERPRETER
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit not in {resource.RLIM_INFINITY, -1} and limit < wanted:
        needed, allowed = format_size(wanted), format_size(limit)
        return f"the lab process needs {needed} of address space, but RLIMIT_AS (ulimit -v) allows {allowed}"
    return _commitment(wanted if lab.promised is None else lab.promised)


def _commitment(wanted: int) -> str:
    """Check CommitLimit: with vm.overcommit_memory 2 it must cover every writable private byte (proc_sys_vm(5))."""
    mode = _PROCFS.read("sys/vm/overcommit_memory")
    meminfo = _PROCFS.read("meminfo")
    if mode != f"{_NEVER_OVERCOMMIT}\n".encode() or isinstance(meminfo, Unavailable):
        return ""
    values = parse_meminfo(meminfo)
    left = values.get("CommitLimit", 0) - values.get("Committed_AS", 0)
    if left >= wanted:
        return ""
    kept = format_size(max(0, left))
    return f"vm.overcommit_memory is 2 and {kept} are left below CommitLimit, but the lab needs {format_size(wanted)}"


def _small_pages() -> str:
    page = page_size()
    if page == _SMALL_PAGE:
        return ""
    return f"its figures are for 4 kB pages, but this machine has {format_size(page)} pages"


def _pagemap() -> str:
    page = page_size()
    pages = read_pages(_PROCFS, os.getpid(), Range(page, 2 * page))
    if pages is ENDED:  # it is our own
        return "no process can be seen in /proc: is it a proc file system?"
    return f"/proc/PID/pagemap can't be read: {pages}" if isinstance(pages, Unavailable) else ""


def _glibc() -> str:
    try:
        version = os.confstr("CS_GNU_LIBC_VERSION")
    except ValueError:
        version = None
    return "" if version else "it is about glibc's malloc, but this is another C library"


def _siginfo() -> str:
    return "" if struct.calcsize("P") == struct.calcsize("Q") else "it needs the siginfo_t of 64-bit Linux"


def _huge_pages() -> str:
    """Check the current setting, the one in brackets: `always [madvise] never` (kernel, admin-guide/mm/transhuge)."""
    try:
        with open("/sys/kernel/mm/transparent_hugepage/enabled", "rb") as file:  # noqa: PTH123 - one read
            return "they are switched off: transparent_hugepage/enabled is never" if b"[never]" in file.read() else ""
    except OSError:
        return "this kernel has no transparent huge pages"


def _userfaultfd() -> str:
    """Check userfaultfd: Linux 5.11 lets everyone handle user-mode faults, but a seccomp profile may forbid it."""
    import ctypes  # noqa: PLC0415 - for one lab only

    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.syscall(
        ctypes.c_long(_USERFAULTFD.get(os.uname().machine, 282)), os.O_CLOEXEC | _UFFD_USER_MODE_ONLY
    )
    if descriptor == -1:
        return (
            f"programs may not handle page faults here: userfaultfd(2): {unavailable(OSError(ctypes.get_errno(), ''))}"
        )
    os.close(descriptor)
    return ""


def _elf64() -> str:
    return "" if struct.calcsize("P") == struct.calcsize("Q") else "the programs on this machine are ELF32"


def _cat() -> str:
    return "" if _cat_path() else _NO_CAT.reason


def _cat_path() -> str | None:
    from shutil import which  # noqa: PLC0415 - brings the compressors with it

    return which("cat")


def _linked_cat() -> str:
    from mmexplorer.kernel.elf.images import ElfCache  # noqa: PLC0415 - for the labs about programs

    path = _cat_path()
    image = _NO_CAT if path is None else ElfCache().open_path(path)
    if isinstance(image, Unavailable):
        return f"cat can't be read: {image.reason}"
    return "" if image.interp else "cat is statically linked here: it has no libraries"


_NO_CAT = Unavailable(Cause.GONE, "no program cat in PATH")
_YAMA_FORBIDS_ALL = b"3\n"


def _held() -> str:
    scope = _PROCFS.read("sys/kernel/yama/ptrace_scope")
    return "kernel.yama.ptrace_scope is 3: no process may use ptrace(2)" if scope == _YAMA_FORBIDS_ALL else ""


def _randomised() -> str:
    level = _PROCFS.read("sys/kernel/randomize_va_space")
    return "kernel.randomize_va_space is 0: addresses aren't randomised here" if level == b"0\n" else ""


def _not_randomised() -> str:
    """Try it on this thread: a container's seccomp profile may reject just this value."""
    import ctypes  # noqa: PLC0415 - for the labs that turn randomisation off

    libc = ctypes.CDLL(None, use_errno=True)
    now = libc.personality(_ANY_PERSONALITY)
    if now == -1 or libc.personality(now | _ADDR_NO_RANDOMIZE) == -1:
        reason = unavailable(OSError(ctypes.get_errno(), ""))
        return f"a program can't be run without randomisation: personality(2): {reason.reason}"
    libc.personality(now)
    return ""


def _promise() -> str:
    """Check that the kernel would promise it: with vm.overcommit_memory 0, no more than all memory and swap."""
    wanted = _PROMISED
    around = dict(surroundings(_PROCFS, None))
    if around.get("overcommit_memory") == 0 and around.get("mem_and_swap", wanted) <= wanted:
        there = format_size(around["mem_and_swap"])
        return f"{format_size(wanted)} is more than the {there} of memory and swap on this machine"
    return ""


def _io_counters() -> str:
    counters = _PROCFS.read("self/io")
    return f"/proc/PID/io can't be read: {counters}" if isinstance(counters, Unavailable) else ""


def disk_folder() -> str:
    """Find a directory on a disk where a file without a name can be created: by trying, not by file-system type.

    "" if there is none. A tmpfs doesn't count: its pages can't be dropped from the page cache.
    """
    own = os.environ.get("TMPDIR", "")
    return next((folder for folder in (own, *_FOLDERS) if folder and _serves(folder)), "")


def _serves(folder: str) -> bool:
    """Return whether a file's page leaves the page cache when the kernel is asked to drop it."""
    try:
        descriptor = os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError:
        return False
    try:
        os.write(descriptor, b"\1" * page_size())
        return any(_forgotten(descriptor) for _ in range(_TRIES))
    except OSError:
        return False
    finally:
        os.close(descriptor)


def _forgotten(descriptor: int) -> bool:
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    try:
        os.preadv(descriptor, [bytearray(1)], 0, os.RWF_NOWAIT)
    except BlockingIOError:
        return True  # EAGAIN: it would have to wait for the disk (preadv2(2), RWF_NOWAIT)
    time.sleep(_PAUSE)
    return False


def lacking_disk(wanted: int) -> str:
    """Return why a file of `wanted` bytes can't be written to disk here; "" if it can."""
    folder = disk_folder()
    if not folder:
        return "no directory for temporary files is on a disk and supports O_TMPFILE; set TMPDIR to one"
    status = os.statvfs(folder)
    left = status.f_bavail * status.f_frsize
    if left < _SPARE * wanted:
        needed = format_size(_SPARE * wanted)
        return f"{folder} has {format_size(left)} left, but a file of {format_size(wanted)} needs {needed}"
    return ""


_LOOK: dict[Need, Callable[[], str]] = {
    Need.SMALL_PAGES: _small_pages,
    Need.PAGEMAP: _pagemap,
    Need.GLIBC: _glibc,
    Need.SIGINFO: _siginfo,
    Need.PROMISE: _promise,
    Need.IO_COUNTERS: _io_counters,
    Need.HUGE_PAGES: _huge_pages,
    Need.USERFAULTFD: _userfaultfd,
    Need.ELF64: _elf64,
    Need.CAT: _cat,
    Need.LINKED_CAT: _linked_cat,
    Need.HELD: _held,
    Need.RANDOMISED: _randomised,
    Need.NOT_RANDOMISED: _not_randomised,
}
