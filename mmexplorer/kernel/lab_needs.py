"""Whether a lab can be played here, and if not, why: decided before its first step."""

import os
import resource
import struct
from collections.abc import Callable

from mmexplorer.kernel.pages import read_pages
from mmexplorer.kernel.procfs import Procfs
from mmexplorer.model.lab import MIB, Lab, Need
from mmexplorer.model.region import Range
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.parse.meminfo import parse_meminfo
from mmexplorer.present.formats import size

_INTERPRETER = 64 * MIB
"""Address space that the lab process takes for itself; 20 to 40 MiB are usual."""
_SMALL_PAGE = 4096
_NEVER_OVERCOMMIT = 2
_PROCFS = Procfs()


def lacking(lab: Lab) -> Unavailable | None:
    """The first thing that the lab needs and that is not here; None if it can be played."""
    reasons = (_address_space(lab), *(_LOOK[need]() for need in lab.needs))
    return next((Unavailable(Cause.UNSUPPORTED, reason) for reason in reasons if reason), None)


def _address_space(lab: Lab) -> str:
    wanted = lab.address_space + _INTERPRETER
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit not in {resource.RLIM_INFINITY, -1} and limit < wanted:
        return f"the lab process needs {size(wanted)} of address space, and RLIMIT_AS (ulimit -v) allows {size(limit)}"
    return _commitment(wanted)


def _commitment(wanted: int) -> str:
    """With vm.overcommit_memory 2 every writable private byte has to be covered by CommitLimit: proc_sys_vm(5)."""
    mode = _PROCFS.read("sys/vm/overcommit_memory")
    meminfo = _PROCFS.read("meminfo")
    if mode != f"{_NEVER_OVERCOMMIT}\n".encode() or isinstance(meminfo, Unavailable):
        return ""
    values = parse_meminfo(meminfo)
    left = values.get("CommitLimit", 0) - values.get("Committed_AS", 0)
    if left >= wanted:
        return ""
    return (
        f"vm.overcommit_memory is 2 and {size(max(0, left))} are left below CommitLimit; the lab needs {size(wanted)}"
    )


def _small_pages() -> str:
    page = os.sysconf("SC_PAGE_SIZE")
    return (
        "" if page == _SMALL_PAGE else f"its figures are those of 4 kB pages, and this machine has {size(page)} pages"
    )


def _pagemap() -> str:
    page = os.sysconf("SC_PAGE_SIZE")
    pages = read_pages(os.getpid(), Range(page, 2 * page))
    return f"/proc/PID/pagemap can't be read: {pages}" if isinstance(pages, Unavailable) else ""


def _glibc() -> str:
    try:
        version = os.confstr("CS_GNU_LIBC_VERSION")
    except ValueError:
        version = None
    return "" if version else "it is about glibc's malloc, and this C library is another one"


def _siginfo() -> str:
    return "" if struct.calcsize("P") == struct.calcsize("Q") else "it reads siginfo_t as 64-bit Linux lays it out"


_LOOK: dict[Need, Callable[[], str]] = {
    Need.SMALL_PAGES: _small_pages,
    Need.PAGEMAP: _pagemap,
    Need.GLIBC: _glibc,
    Need.SIGINFO: _siginfo,
}
