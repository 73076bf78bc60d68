"""The lab child: a separate program that really calls mmap, touches, mallocs and crashes. Standard library only.

Started with the arguments PARENT TOUCH FOLDER, and imported by nothing else (`kernel/interpreter.py`): the pid it
belongs to, how many bytes it may touch in all, and where it may create files without a name. It reads requests as
`marshal` writes them from standard input, and writes one line of JSON per reply to standard output, because another
program may take its place; what the lab's *program* prints goes to standard error, through write(2). It ends with its
input or with the thread that started it, whichever comes first.

A request is `{"op": NAME, ...}` with the arguments of the function of that name below; with `"process": NAME` it is
answered by a copy of this process made by `fork`. Ranges, files and malloc blocks are known by the names given in
requests; a range is remembered after munmap, like a dangling pointer. A reply has `calls` (as strace(1) prints them),
`errno` (0 for success), `start` and `end` of the range concerned, and `figures`. It may be preceded by the lines
`{"doing": ...}`, for an operation that may not return, and `{"signal": ...}`. Constants are those of the generic Linux
ABI.
"""

from __future__ import annotations

# Neither json nor signal: with re, enum and what those need, they take a third of the start, and add to the map.
import _signal as signal  # type: ignore[import-not-found]
import _thread
import ctypes
import errno as errors
import marshal
import os
import struct
import sys
import time

TYPE_CHECKING = False  # importing typing itself would cost memory in the map
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

libc = ctypes.CDLL(None, use_errno=True)
for function in ("mmap", "malloc", "sbrk"):
    getattr(libc, function).restype = ctypes.c_size_t

PAGE = os.sysconf("SC_PAGE_SIZE")
MAP_FAILED = ctypes.c_size_t(-1).value
NUMBERS = {
    "PROT_NONE": 0, "PROT_READ": 1, "PROT_WRITE": 2, "PROT_EXEC": 4,
    "MAP_SHARED": 1, "MAP_PRIVATE": 2, "MAP_FIXED": 0x10, "MAP_ANONYMOUS": 0x20, "MAP_NORESERVE": 0x4000,
    "MAP_POPULATE": 0x8000, "MAP_FIXED_NOREPLACE": 0x100000,
    "MADV_RANDOM": 1, "MADV_DONTNEED": 4, "MADV_FREE": 8, "MADV_DONTFORK": 10, "MADV_HUGEPAGE": 14,
    "MADV_NOHUGEPAGE": 15,
    "MADV_DONTDUMP": 16, "MADV_PAGEOUT": 21, "MADV_POPULATE_WRITE": 23, "MS_SYNC": 4,
    "MADV_GUARD_INSTALL": 102,
}  # fmt: skip
PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15
SYS_CACHESTAT = 451  # since Linux 6.5, the same number on every architecture
ADDR_NO_RANDOMIZE, ANY_PERSONALITY = 0x0040000, 0xFFFFFFFF
PTRACE_TRACEME, PTRACE_DETACH = 0, 17
MFD_CLOEXEC, MFD_EXEC = 1, 0x10
BEYOND_16_BITS = 0x10000

ranges: dict[str, tuple[int, int]] = {}
files: dict[str, int] = {}
blocks: dict[str, list[int]] = {}
programs: dict[str, str] = {}
others: dict[str, Other] = {}
marks = ["", ""]
"""What precedes each call and the name of each figure: in a copy made by `fork`, its pid as in strace -f and its name.
"""
touched = 0


class Other:
    """A process made by this one: its pid, and the pipes to its standard input and from its standard output."""

    def __init__(self, pid: int, requests: int, replies: int) -> None:
        self.pid, self.requests, self.replies = pid, requests, replies

    def line(self) -> bytes:
        """Wait for a line of its output. Raises ProcessLookupError if it has ended."""
        text = b""
        while not text.endswith(b"\n"):
            part = os.read(self.replies, PAGE)  # more at once would make the heap grow
            if not part:
                raise ProcessLookupError
            text += part
        return text


def number(names: str) -> int:
    """Return the value of `PROT_READ|PROT_WRITE` and the like."""
    total = 0
    for name in names.split("|"):
        total |= NUMBERS[name]
    return total


def reply(calls: list[str], start: int = 0, end: int = 0, failed: int = 0, **figures: int) -> dict[str, Any]:
    """Build a reply; `failed` is an errno."""
    return {"calls": calls, "errno": failed, "start": start, "end": end, "figures": figures}


def traced(call: str, result: int) -> tuple[str, int]:
    """Return a call with its result (-1 or 0) as strace prints it, and its errno or 0."""
    if result == 0:
        return f"{call} = 0", 0
    failed = ctypes.get_errno()
    return f"{call} = -1 {errors.errorcode.get(failed, failed)} ({os.strerror(failed)})", failed


def part(of: str, offset: int, length: int | None) -> tuple[int, int]:
    """Return start and length of a piece of a known range, up to its end if `length` is None."""
    start, size = ranges[of]
    return start + offset, size - offset if length is None else length


def mmap(*, name: str, length: int, prot: str, flags: str, file: str = "", at: int = 0) -> Any:
    """Map memory at an address, or wherever the kernel chooses, and remember it as `name`."""
    descriptor = files[file] if file else -1
    result = libc.mmap(
        ctypes.c_void_p(at), ctypes.c_size_t(length), number(prot), number(flags), descriptor, ctypes.c_long(0)
    )  # fmt: skip
    call = f"mmap({hex(at) if at else 'NULL'}, {length}, {prot}, {flags}, {descriptor}, 0)"
    if result == MAP_FAILED:
        text, failed = traced(call, -1)
        return reply([text], failed=failed)
    ranges[name] = (result, length)
    return reply([f"{call} = {result:#x}"], result, result + length)


def munmap(of: str, offset: int = 0, length: int | None = None) -> Any:
    """Unmap part of a range."""
    return _on_range("munmap", of, offset, length)


def mprotect(of: str, prot: str, offset: int = 0, length: int | None = None) -> Any:
    """Change the protection of part of a range."""
    return _on_range("mprotect", of, offset, length, prot)


def madvise(of: str, advice: str, offset: int = 0, length: int | None = None) -> Any:
    """Tell the kernel how part of a range will be used."""
    return _on_range("madvise", of, offset, length, advice)


def _on_range(call: str, of: str, offset: int, length: int | None, names: str = "") -> Any:
    start, size = part(of, offset, length)
    extra = (number(names),) if names else ()
    result = getattr(libc, call)(ctypes.c_void_p(start), ctypes.c_size_t(size), *extra)
    text, failed = traced(f"{call}({start:#x}, {size}{names and ', ' + names})", result)
    return reply([text], start, start + size, failed)


def msync(of: str, offset: int = 0, length: int | None = None) -> Any:
    """Write back what was written to a shared file mapping, and wait for it."""
    return _on_range("msync", of, offset, length, "MS_SYNC")


def no_huge_pages(of: str) -> Any:
    """Call madvise with MADV_NOHUGEPAGE. A kernel without huge pages fails with EINVAL, which is just as good."""
    answer = madvise(of, "MADV_NOHUGEPAGE")
    return {**answer, "errno": 0} if answer["errno"] == errors.EINVAL else answer


def guard(of: str, offset: int, length: int) -> Any:
    """Make pages a guard: lightweight if the kernel supports that (6.13), otherwise a PROT_NONE region."""
    installed = madvise(of, "MADV_GUARD_INSTALL", offset, length)
    if installed["errno"] == 0:
        return installed
    protected = mprotect(of, "PROT_NONE", offset, length)
    return {**protected, "calls": installed["calls"] + protected["calls"]}


def memfd(name: str, length: int) -> Any:
    """Create a file without a name in any directory: it disappears with the process."""
    files[name] = os.memfd_create(name)
    os.ftruncate(files[name], length)
    descriptor = files[name]
    return reply([f'memfd_create("{name}", MFD_CLOEXEC) = {descriptor}', f"ftruncate({descriptor}, {length}) = 0"])


def faults() -> tuple[int, int]:
    """Return this process's minor and major faults so far: ru_minflt and ru_majflt of getrusage(2)."""
    usage = (ctypes.c_long * 18)()
    libc.getrusage(0, usage)
    return usage[8], usage[9]


def touch(of: str, length: int, offset: int = 0, write: bool = True) -> Any:  # noqa: FBT001, FBT002 - a JSON argument
    """Write, or read, one byte in each page of part of a range, counting only the faults that causes."""
    start, size = part(of, offset, length)
    pages = -(-size // PAGE)
    allow(size)
    memory = (ctypes.c_char * size).from_address(start)
    before = faults()
    if write:
        for place in range(0, size, PAGE):
            memory[place] = b"\1"
    else:
        for place in range(0, size, PAGE):
            memory[place]
    after = faults()
    code = f"p[i * {PAGE}] = 1" if write else f"x = p[i * {PAGE}]"
    call = f"for (p = {start:#x}, i = 0; i < {pages}; i++) {code};"
    minor, major = after[0] - before[0], after[1] - before[1]
    return reply([call], start, start + size, pages=pages, touch_min_flt=minor, touch_maj_flt=major)


def allow(size: int) -> None:
    """Count `size` bytes as touched, or refuse."""
    global touched  # noqa: PLW0603 - one count for the life of this program
    limit = int(sys.argv[2])
    if touched + size > limit:
        message = f"the lab process may touch {limit >> 20}M in all and has already touched {touched >> 20}M"
        raise PermissionError(errors.EDQUOT, message)
    touched += size


def store(of: str, value: int, offset: int = 0) -> Any:
    """Write one byte."""
    start, _ = part(of, offset, None)
    ctypes.memset(start, value, 1)
    return reply([f"*(char *){start:#x} = {chr(value)!r};"], start, start + 1)


def load(of: str, offset: int = 0) -> Any:
    """Read one byte."""
    start, _ = part(of, offset, None)
    byte = ctypes.c_ubyte.from_address(start).value
    shown = repr(chr(byte)) if chr(byte).isalpha() else str(byte)
    return reply([f"*(char *){start:#x} is {shown}"], start, start + 1, byte=byte)


def malloc(name: str, size: int, count: int = 1, fill: bool = False) -> Any:  # noqa: FBT001, FBT002 - a JSON argument
    """Allocate `count` blocks of `size` bytes; the system calls are inferred from the break and the chunk headers."""
    if fill:
        allow(size * count)
    pointers = [0] * count
    calls = []
    for index in range(count):
        top = libc.sbrk(0)
        pointers[index] = libc.malloc(ctypes.c_size_t(size))
        if not pointers[index]:
            text, failed = traced(f"malloc({size})", -1)
            return reply([text], failed=failed)
        calls += _chunk_call(pointers[index]) or _break_call(top)
    if fill:
        for pointer in pointers:
            ctypes.memset(pointer, 1, size)
    blocks[name] = pointers
    first = pointers[0]
    calls.append(f"malloc({size}) = {first:#x}" + (f"   /* the first of {count} */" if count > 1 else ""))
    mapped = mapped_chunk(first)
    return reply(
        calls, first, first + size,
        requested=size * count, mapped=mapped[1] if mapped else 0, into_page=first % PAGE, system_calls=len(calls) - 1,
    )  # fmt: skip


def mapped_chunk(pointer: int) -> tuple[int, int] | None:
    """Return start and length of the mapping glibc made for this block only; None for a block in the heap.

    The word before a block is the chunk's size; its bit 1 (IS_MMAPPED) means it was made by mmap (glibc, malloc.c).
    """
    header = ctypes.c_size_t.from_address(pointer - ctypes.sizeof(ctypes.c_size_t)).value
    if not header & 2:
        return None
    return pointer - 2 * ctypes.sizeof(ctypes.c_size_t), header & ~7


def _chunk_call(pointer: int) -> list[str]:
    chunk = mapped_chunk(pointer)
    if chunk is None:
        return []
    start, length = chunk
    return [f"mmap(NULL, {length}, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = {start:#x}"]


def _break_call(before: int) -> list[str]:
    after = libc.sbrk(0)
    return [f"brk({after:#x}) = {after:#x}"] if after != before else []


def free(of: str, keep: int = 0) -> Any:
    """Free all blocks of that name except the last `keep`."""
    pointers = blocks[of]
    count = len(pointers) - keep
    calls = []
    for pointer in pointers[:count]:
        chunk = mapped_chunk(pointer)
        top = libc.sbrk(0)
        libc.free(ctypes.c_void_p(pointer))
        calls += [f"munmap({chunk[0]:#x}, {chunk[1]}) = 0"] if chunk else _break_call(top)
    blocks[of] = pointers[count:]
    shown = f"free({pointers[0]:#x})" + (f"   /* the first of {count} */" if count > 1 else "")
    return reply([shown, *calls], pointers[0], system_calls=len(calls))


def malloc_trim() -> Any:
    """Ask glibc to return unused memory to the kernel; the system calls are inferred from the break and the chunks."""
    top = libc.sbrk(0)
    gave = libc.malloc_trim(0)
    calls = [
        f"madvise({start:#x}, {length}, MADV_DONTNEED) = 0"
        for start, size in free_chunks()
        for start, length in whole_pages(start, size)
    ]
    if "of threads" in blocks:
        calls.append("/* the calls for the arenas of threads aren't shown */")
    return reply([f"malloc_trim(0) = {gave}", *calls, *_break_call(top)])


def free_chunks() -> Iterator[tuple[int, int]]:
    """Go through the heap, and yield start and size in bytes of each chunk in glibc's bins (malloc.c, malloc_chunk).

    The word after a chunk's first is its size, the lowest bits of which are flags; bit 0 (PREV_INUSE) is about the
    chunk before. The last chunk, the top, is in no bin.
    """
    (at, end), word = region(b"[heap]"), ctypes.sizeof(ctypes.c_size_t)

    def header(chunk: int) -> int:
        return ctypes.c_size_t.from_address(chunk + word).value

    while (size := header(at) & ~7) >= 4 * word and at + size < end:
        if not header(at + size) & 1:
            yield at, size
        at += size


def whole_pages(chunk: int, size: int) -> Iterator[tuple[int, int]]:
    """Yield start and length of the pages of a free chunk that malloc_trim gives back, if any: malloc.c, mtrim."""
    start = (chunk + 6 * ctypes.sizeof(ctypes.c_size_t) + PAGE - 1) & -PAGE
    length = (chunk + size - start) & -PAGE
    if length > 0:
        yield start, length


class SigAction(ctypes.Structure):
    """struct sigaction of the C library (not the kernel's)."""

    _fields_ = (
        ("handler", ctypes.c_void_p), ("mask", ctypes.c_ulong * 16), ("flags", ctypes.c_int),
        ("restorer", ctypes.c_void_p),
    )  # fmt: skip


SA_SIGINFO, SA_RESETHAND = 4, 0x80000000
Handler = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
installed: list[Any] = []  # only C refers to the handler: without this Python would free it


def install(handle: Callable[[int, int], None]) -> None:
    """Call `handle(si_code, si_addr)` on the first SIGSEGV or SIGBUS; a second one ends the process."""

    def handler(signo: int, siginfo: int, _context: int) -> None:
        code = ctypes.c_int.from_address(siginfo + 8).value
        address = ctypes.c_size_t.from_address(siginfo + 16).value
        send({"signal": {"signo": signo, "code": code, "address": address}})
        handle(code, address)

    installed.append(Handler(handler))
    action = SigAction(ctypes.cast(installed[-1], ctypes.c_void_p), flags=ctypes.c_int(SA_SIGINFO | SA_RESETHAND).value)
    for signo in (signal.SIGSEGV, signal.SIGBUS):
        libc.sigaction(int(signo), ctypes.byref(action), None)


def access(of: str = "", offset: int = 0, how: str = "write", handler: str = "") -> Any:
    """Run the chapter's program: print a line, use an address (in a range, or NULL), print another line.

    Without a handler the signal is reported and then has its default action: the process ends. The handler "leave"
    prints a line and exits; "repair" makes the page accessible and returns, so that the instruction is restarted.
    """
    address = part(of, offset, None)[0] if of else 0

    def leave(_code: int, _address: int) -> None:
        send({"doing": doing, "address": address, "then": say("handler: that address is not mine")})
        os._exit(3)

    repaired: list[str] = []

    def repair(_code: int, fault: int) -> None:
        page = fault & -PAGE
        result = libc.mprotect(ctypes.c_void_p(page), ctypes.c_size_t(PAGE), number("PROT_READ|PROT_WRITE"))
        repaired.append(traced(f"mprotect({page:#x}, {PAGE}, PROT_READ|PROT_WRITE)", result)[0])

    code = {"write": "*p = 1", "read": "x = *p", "execute": "p()"}[how]
    call = f"p = {hex(address) if address else 'NULL'}; {code};"
    doing = f"{say('before the access')}\n{call}"
    send({"doing": doing, "address": address})
    install({"": lambda _code, _address: None, "leave": leave, "repair": repair}[handler])
    if how == "write":
        ctypes.memset(address, 1, 1)
    elif how == "read":
        ctypes.memmove(ctypes.create_string_buffer(1), address, 1)
    else:
        ctypes.CFUNCTYPE(None)(address)()
    return reply([*doing.split("\n"), *repaired, say("after the access")], address, address + 1)


def say(row: str) -> str:
    """Print a line; return the call."""
    text = f"{row}\n".encode()
    return f'write(2, "{row}\\n", {len(text)}) = {os.write(2, text)}'


def fork(name: str) -> Any:
    """Make a copy of this process, which continues from here on its own and takes the requests for `name`."""
    requests, replies, parent = os.pipe(), os.pipe(), os.getpid()
    pid = split()
    if pid == 0:
        take_pipes(requests, replies)
        belong_to(parent)
        libc.prctl(PR_SET_NAME, f"mmlab {name}".encode(), 0, 0, 0)
        others.clear()
        marks[:] = f"[pid {os.getpid()}] ", f"{name}_"
        return reply([])
    other = made(name, pid, requests, replies)
    other.line()
    return reply([forked(pid)], pid=pid)


def forked(pid: int) -> str:
    """Format a call of fork, which is a function of the C library."""
    return f"fork() = {pid}   /* by clone(2) */"


def split() -> int:
    """Call fork(2); explain a limit on processes, RLIMIT_NPROC or a cgroup's."""
    try:
        return os.fork()
    except OSError as error:
        raise OSError(error.errno, f"no other process could be made: {error.strerror}") from error


def take_pipes(requests: tuple[int, int], replies: tuple[int, int]) -> None:
    """Take the other end of the pipes in the new process, and close those of all other processes."""
    os.dup2(requests[0], 0)
    os.dup2(replies[1], 1)
    foreign = [end for other in others.values() for end in (other.requests, other.replies)]
    for descriptor in (*requests, *replies, *foreign):
        os.close(descriptor)


def made(name: str, pid: int, requests: tuple[int, int], replies: tuple[int, int]) -> Other:
    """Remember a new process and keep our ends of its pipes."""
    os.close(requests[0])
    os.close(replies[1])
    others[name] = Other(pid, requests[1], replies[0])
    return others[name]


def relay(name: str, request: dict[str, Any]) -> bytes:
    """Pass a request on to a copy made by `fork`; return its answer, of which the last line has an errno."""
    other = others[name]
    try:
        os.write(other.requests, marshal.dumps(request))
        lines = other.line()
        while b'"errno"' not in lines:
            lines += other.line()
    except (BrokenPipeError, ProcessLookupError) as error:
        raise ProcessLookupError(errors.ESRCH, f"the process {name} has ended") from error
    return lines


def program(name: str) -> Any:
    """Find a program in PATH and open its file."""
    path = next((path for path in (f"{place}/{name}" for place in os.get_exec_path()) if os.access(path, os.X_OK)), "")
    if not path:
        raise FileNotFoundError(errors.ENOENT, f"no program {name} in PATH")
    files[name] = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    programs[name] = path
    return reply([f'openat(AT_FDCWD, "{path}", O_RDONLY|O_CLOEXEC) = {files[name]}'], descriptor=files[name])


def make_program(name: str, code: int, data: int) -> Any:
    """Write an ELF file with two LOAD segments of these sizes to a file without a name."""
    try:
        descriptor = os.memfd_create(name, MFD_CLOEXEC | MFD_EXEC)
    except OSError:  # before 6.3 MFD_EXEC doesn't exist and isn't needed
        descriptor = os.memfd_create(name)
    os.write(descriptor, elf_headers(code, data))
    files[name], programs[name] = descriptor, f"/proc/self/fd/{descriptor}"
    size = 2 * PAGE + data
    os.ftruncate(descriptor, size)
    made_of = [f'memfd_create("{name}", MFD_CLOEXEC|MFD_EXEC) = {descriptor}', f"ftruncate({descriptor}, {size}) = 0"]
    return reply(made_of, descriptor=descriptor)


def elf_headers(code: int, data: int) -> bytes:
    """Build the ELF header, copied from this machine's programs except for sizes, and two program headers: elf(5)."""
    with open("/proc/self/exe", "rb") as ours:  # noqa: PTH123 - pathlib would add to the map
        header = ours.read(64)
    flags = struct.unpack_from("=I", header, 48)[0]
    machine = struct.unpack_from("=H", header, 18)[0]
    shared_object, version, load, executable, writable, readable = 3, 1, 1, 1, 2, 4
    fixed = struct.pack("=HHIQQQIHHHHHH", shared_object, machine, version, PAGE, 64, 0, flags, 64, 56, 2, 0, 0, 0)
    return (
        header[:16]
        + fixed
        + struct.pack("=IIQQQQQQ", load, readable | executable, PAGE, PAGE, PAGE, code, code, PAGE)
        + struct.pack("=IIQQQQQQ", load, readable | writable, 2 * PAGE, 2 * PAGE, 2 * PAGE, data, data, PAGE)
    )


def run(of: str, name: str, randomize: bool = True, stop: bool = False) -> Any:  # noqa: FBT001, FBT002 - JSON arguments
    """Run a program in a new process; with `stop` it is held before its first instruction, otherwise it must be cat.

    cat is ready when it has echoed a line: by then all its libraries are mapped.
    """
    requests, replies, parent = os.pipe(), os.pipe(), os.getpid()
    pid = split()
    if pid == 0:
        take_pipes(requests, replies)
        os._exit(become(of, parent, randomize, stop))
    other = made(name, pid, requests, replies)
    call = f'execve("{programs[of]}", ["{of}"], ...) = 0'
    calls = [call] if randomize else ["personality(PER_LINUX|ADDR_NO_RANDOMIZE) = 0 (PER_LINUX)", call]
    if stop:
        stopped(os.waitpid(pid, 0)[1])
    else:
        echo(other)
    return reply([forked(pid), *(f"[pid {pid}] {call}" for call in calls)], pid=pid)


def become(of: str, parent: int, randomize: bool, stop: bool) -> int:  # noqa: FBT001 - as in `run`
    """Replace this process by a program; return an errno if that fails."""
    belong_to(parent)
    now = libc.personality(ANY_PERSONALITY)
    wanted = now & ~ADDR_NO_RANDOMIZE if randomize else now | ADDR_NO_RANDOMIZE
    if wanted != now and libc.personality(wanted) == -1:
        return ctypes.get_errno()
    if stop and libc.ptrace(PTRACE_TRACEME, 0, None, None) == -1:
        return ctypes.get_errno()
    try:
        os.execv(programs[of], [of])  # noqa: S606 - a path that `program` found, or our own file
    except OSError as error:
        return error.errno or errors.EIO


def stopped(status: int) -> None:
    """Raise OSError if a program did not reach its first instruction: `become` reported an errno."""
    if not os.WIFSTOPPED(status):
        number = os.waitstatus_to_exitcode(status)
        raise OSError(number, f"the program couldn't be run: {os.strerror(number)}")


def echo(cat: Other) -> None:
    """Wait for cat to echo a line; raises OSError if it can't be run or has ended."""
    try:
        os.write(cat.requests, b"\n")
        cat.line()
    except (BrokenPipeError, ProcessLookupError):
        stopped(os.waitpid(cat.pid, 0)[1])


def go_on(of: str) -> Any:
    """Continue a program held before its first instruction: it must be cat."""
    other = others[of]
    result = libc.ptrace(PTRACE_DETACH, other.pid, None, None)
    text, failed = traced(f"ptrace(PTRACE_DETACH, {other.pid})", result)
    if not failed:
        echo(other)
    return reply([text], failed=failed)


def end(of: str) -> Any:
    """End another process and wait for it."""
    other = others.pop(of)
    os.kill(other.pid, signal.SIGKILL)
    os.waitpid(other.pid, 0)
    os.close(other.requests)
    os.close(other.replies)
    calls = [
        f"kill({other.pid}, SIGKILL) = 0",
        f"wait4({other.pid}, [{{WIFSIGNALED(s) && WTERMSIG(s) == SIGKILL}}], 0, NULL) = {other.pid}",
    ]
    return reply(calls)


def exhaust(of: str) -> Any:
    """Write to one page after another; a reply is only sent if the process survives."""
    start, size = ranges[of]
    send({"doing": f"for (p = {start:#x}; ; p += {PAGE}) *(char *)p = 1;", "address": start})
    return touch(of, size)


def mmap_more_than_there_is(name: str, length: int) -> Any:
    """Map `length` bytes more than the machine's memory and swap: totalram and totalswap of sysinfo(2)."""
    info = (ctypes.c_ulong * 16)()
    libc.sysinfo(info)
    unit = ctypes.c_uint.from_address(ctypes.addressof(info) + 13 * ctypes.sizeof(ctypes.c_ulong)).value
    asked = (info[4] + info[8]) * unit // PAGE * PAGE + length
    answered = mmap(name=name, length=asked, prot="PROT_READ|PROT_WRITE", flags="MAP_PRIVATE|MAP_ANONYMOUS")
    answered["figures"] = {"asked": asked, "granted": int(answered["errno"] == 0)}
    return answered


def temporary_file(name: str) -> Any:
    """Create a file without a name in the directory where we were started."""
    files[name] = os.open(sys.argv[3], os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
    return reply([f'openat(AT_FDCWD, "{sys.argv[3]}", O_RDWR|O_CLOEXEC|O_TMPFILE, 0600) = {files[name]}'])


def write_file(file: str, length: int) -> Any:
    """Append `length` bytes, a megabyte at a time."""
    allow(length)
    chunk = b"\1" * min(length, 1 << 20)

    def write() -> None:
        left = length
        while left:
            left -= os.write(files[file], chunk[:left])

    times = length // len(chunk)
    return _with_file(f"for (i = 0; i < {times}; i++) write({files[file]}, p, {len(chunk)});", file, write)


def read_byte(file: str, offset: int = 0) -> Any:
    """Read one byte of the file with pread(2), as another program would."""
    byte = os.pread(files[file], 1, offset)[0]
    shown = chr(byte) if bytes([byte]).isalnum() else f"\\{byte:o}"
    return reply([f'pread64({files[file]}, "{shown}", 1, {offset}) = 1'], byte=byte)


def truncate(file: str, length: int) -> Any:
    """Make the file shorter, or longer."""
    os.ftruncate(files[file], length)
    return reply([f"ftruncate({files[file]}, {length}) = 0"])


def fsync(file: str) -> Any:
    """Write the file's data to the disk."""
    return _with_file(f"fsync({files[file]})", file, lambda: os.fsync(files[file]))


def drop_cache(file: str) -> Any:
    """Drop the file's clean pages from the cache; retry, since batches on their way to the LRU lists may hold some."""
    descriptor = files[file]

    def drop() -> None:
        for _ in range(25):
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            if not in_cache(descriptor)["file_cached"]:
                return
            time.sleep(0.004)

    return _with_file(f"fadvise64({descriptor}, 0, 0, POSIX_FADV_DONTNEED)", file, drop)


def read_file(file: str) -> Any:
    """Read the file from start to end, a megabyte at a time."""
    descriptor = files[file]

    def read() -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        while os.read(descriptor, 1 << 20):
            pass

    return _with_file(f"lseek({descriptor}, 0, SEEK_SET); while (read({descriptor}, p, 1048576) > 0);", file, read)


def close_file(file: str) -> Any:
    """Close the file, which removes it, since it has no name."""
    descriptor = files.pop(file)
    os.close(descriptor)
    return reply([f"close({descriptor}) = 0"], files_open=len(files))


def _with_file(call: str, file: str, act: Callable[[], None]) -> Any:
    """Do something with a file; report what was read from the disk, and how much of it is then in the page cache."""
    before = read_bytes()
    act()
    read = read_bytes() - before
    return reply([f"{call} = 0" if call.endswith(")") else call], read_bytes=read, **in_cache(files[file]))


def read_bytes() -> int:
    """Return the bytes fetched from disk for this process: proc_pid_io(5)."""
    with open("/proc/self/io", "rb") as counters:  # noqa: PTH123 - pathlib would add to the map
        return int(counters.read().partition(b"\nread_bytes: ")[2].split()[0])


def in_cache(descriptor: int) -> dict[str, int]:
    """Return how many bytes of a file are in the page cache (mincore(2)) and, with cachestat(2), how many are dirty."""
    size = os.fstat(descriptor).st_size
    length = ctypes.c_size_t(size)
    start = libc.mmap(None, length, number("PROT_READ"), number("MAP_SHARED"), descriptor, ctypes.c_long(0))
    states = ctypes.create_string_buffer(-(-size // PAGE))
    libc.mincore(ctypes.c_void_p(start), length, states)
    libc.munmap(ctypes.c_void_p(start), length)
    figures = {"file_cached": sum(state & 1 for state in states.raw) * PAGE}
    whole, stat = (ctypes.c_uint64 * 2)(0, 0), (ctypes.c_uint64 * 5)()
    if libc.syscall(ctypes.c_long(SYS_CACHESTAT), descriptor, whole, stat, 0) == 0:
        figures["file_dirty"] = (stat[1] + stat[2]) * PAGE
    return figures


def region(name: bytes) -> tuple[int, int]:
    """Return start and end of the region that the kernel calls `name`."""
    with open("/proc/self/maps", "rb") as maps:  # noqa: PTH123 - pathlib would add to the map
        row = next(row for row in maps.read().splitlines() if row.endswith(name))
    start, _, end = row.split()[0].partition(b"-")
    return int(start, 16), int(end, 16)


def grow_stack(length: int) -> Any:
    """Write one byte to each page below the stack, downward, like a function with a large array."""
    start = region(b"[stack]")[0]
    allow(length)
    for place in range(start - PAGE, start - length - 1, -PAGE):
        ctypes.memset(place, 1, 1)
    call = f"for (p = {start:#x}; p > {start - length:#x}; ) *(char *)(p -= {PAGE}) = 1;"
    return reply([call], start - length, start)


def limit_stack(length: int) -> Any:
    """Lower RLIMIT_STACK; it applies the next time the stack grows."""
    limit = (ctypes.c_ulong * 2)(length, length)
    text, failed = traced(
        f"prlimit64(0, RLIMIT_STACK, {{rlim_cur={length >> 10}*1024, rlim_max={length >> 10}*1024}}, NULL)",
        libc.setrlimit(3, limit),
    )
    return reply([text], failed=failed)


def below_stack(name: str, distance: int, from_end: bool = False) -> Any:  # noqa: FBT001, FBT002 - a JSON argument
    """Name the page `distance` bytes below the start (or end) of [stack], without any system call."""
    place = region(b"[stack]")[int(from_end)] - distance
    ranges[name] = (place, PAGE)
    return reply([], place, place + PAGE)


def mmap_below_stack(name: str, distance: int) -> Any:
    """Map one page `distance` bytes below [stack]."""
    return mmap(
        name=name, length=PAGE, prot="PROT_READ|PROT_WRITE",
        flags="MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED_NOREPLACE", at=region(b"[stack]")[0] - distance,
    )  # fmt: skip


ARENA = 64 << 20
"""Bytes. A thread's arena starts at a multiple of this: HEAP_MAX_SIZE of glibc's arena.c, 64-bit."""
waiting: list[Any] = []


def malloc_in_threads(count: int, size: int) -> Any:
    """Start `count` threads, each of which allocates a block of `size` bytes and waits."""
    pointers: list[int] = []
    told = _thread.allocate_lock()

    def thread(go: Any, done: Any) -> None:
        pointer = libc.malloc(ctypes.c_size_t(size))
        ctypes.memset(pointer, 1, size)
        with told:
            pointers.append(pointer)
        done.release()
        go.acquire()
        done.release()

    for _ in range(count):
        go, done = _thread.allocate_lock(), _thread.allocate_lock()
        go.acquire()
        done.acquire()
        _thread.start_new_thread(thread, (go, done))
        done.acquire()
        waiting.append((go, done))
    blocks["of threads"] = pointers
    calls = [f"malloc({size}) = {pointer:#x}   /* in thread {index} */" for index, pointer in enumerate(pointers, 1)]
    calls.append("/* glibc's mmap, mprotect and munmap for stacks and arenas, and clone3, aren't shown */")
    return reply(calls, arenas=len({pointer // ARENA for pointer in pointers}), threads=len(waiting))


def end_threads() -> Any:
    """Let these threads end, and wait until their tasks are gone."""
    count = len(waiting)
    for go, done in waiting:
        go.release()
        done.acquire()
    waiting.clear()
    while len(os.listdir("/proc/self/task")) > 1:  # noqa: PTH208 - pathlib would add to the map
        time.sleep(0.001)
    return reply([f"/* {count} threads end */"], threads=0)


def reuse(sizes: str, wanted: int) -> Any:
    """Allocate blocks of these sizes, free them in order, allocate `wanted` bytes, and report whose place that got."""
    allocate, release = libc.malloc, libc.free
    lengths = [int(size) for size in sizes.split()]
    requests, last = [ctypes.c_size_t(size) for size in lengths], ctypes.c_size_t(wanted)
    pointers = [0] * len(lengths)
    places = [ctypes.c_void_p() for _ in lengths]
    top = libc.sbrk(0)
    for _ in range(64):  # fill existing holes, so that the blocks are adjacent
        allocate(requests[0])
    for index, request in enumerate(requests):
        pointers[index] = allocate(request)
    allocate(requests[0])  # keep the last one from bordering on free memory
    for index, pointer in enumerate(pointers):
        places[index].value = pointer
    for place in places:
        release(place)
    os.write(2, free_list(pointers).encode())
    again = allocate(last)
    grown = _break_call(top)
    letters = "ABCDEFGH"
    calls = [f"{letters[index]} = malloc({size}) = {pointers[index]:#x}" for index, size in enumerate(lengths)]
    calls += [f"free({letters[index]})" for index in range(len(lengths))]
    calls.append(f"malloc({wanted}) = {again:#x}")
    found = pointers.index(again) + 1 if again in pointers else 0
    return reply([*grown, *calls], again, again + wanted, reused=found, apart=abs(pointers[1] - pointers[0]))


def free_list(pointers: list[int]) -> str:
    """Describe how freed blocks are linked, from their own bytes: glibc, malloc.c, tcache_entry.

    The first word of a block in a list is the address of the next; since glibc 2.32 it is XORed with the block's own
    address (PROTECT_PTR). Whether two neighbours were merged shows in the size before the first.
    """
    letters = dict(zip(pointers, "ABCDEFGH", strict=False))
    chain, at = [], pointers[-1]
    while at in letters and letters[at] not in chain:
        chain.append(letters[at])
        word = ctypes.c_size_t.from_address(at).value
        at = next((found for found in (word, word ^ at >> 12) if found in letters), 0)
    if len(chain) == len(pointers):
        return f"the list of free blocks: {' -> '.join(chain)}\n"
    size = ctypes.c_size_t.from_address(pointers[0] - ctypes.sizeof(ctypes.c_size_t)).value & ~7
    return f"the free block at A: {size} bytes\n"


def touch_over_time(of: str, length: int, parts: int, pause_ms: int) -> Any:
    """Touch a range part by part, and print the state of process and machine after each: proc_vmstat(5)."""
    start, _ = part(of, 0, length)
    allow(length)
    size = length // parts
    memory = (ctypes.c_char * length).from_address(start)
    began, minor = time.monotonic(), faults()[0]
    # Narrow and short, to fit into a pane of the screen.
    os.write(2, b"sizes in MiB; of the machine: fault/s, free\n   s  VSZ  RSS faults  fault/s   free\n")
    most = least = 0
    for index in range(parts):
        before, at = machine(), time.monotonic()
        count = faults()[0]
        for place in range(index * size, (index + 1) * size, PAGE):
            memory[place] = b"\1"
        made = faults()[0] - count
        most, least = max(most, made), min(least or made, made)
        time.sleep(pause_ms / 1000)
        after, now = machine(), time.monotonic()
        pages = sizes()
        rate = (after[0] - before[0]) / (now - at)
        row = f"{now - began:4.1f} {pages[0] >> 20:>4} {pages[1] >> 20:>4} {made:>6} {rate:>8.0f} {after[1] >> 10:>6}\n"
        os.write(2, row.encode())
    call = f"for (i = 0; i < {parts}; i++) {{ touch {size} bytes; wait {pause_ms} ms; }}"
    return reply(
        [call], start, start + length, pages=length // PAGE, touch_min_flt=faults()[0] - minor, most_faults=most,
        least_faults=least,
    )  # fmt: skip


def machine() -> tuple[int, int]:
    """Return the machine's page faults so far and its free kB: the figures of sar -B and sar -r."""
    with open("/proc/vmstat", "rb") as vmstat:  # noqa: PTH123 - pathlib would add to the map
        count = int(vmstat.read().partition(b"\npgfault ")[2].split()[0])
    with open("/proc/meminfo", "rb") as meminfo:  # noqa: PTH123 - as above
        return count, int(meminfo.read().partition(b"MemFree:")[2].split()[0])


def sizes() -> tuple[int, int]:
    """Return VmSize and VmRSS of this process in bytes."""
    with open("/proc/self/statm", "rb") as statm:  # noqa: PTH123 - pathlib would add to the map
        size, resident = statm.read().split()[:2]
    return int(size) * PAGE, int(resident) * PAGE


UFFD = {"x86_64": 323, "i686": 374, "armv7l": 388, "ppc64le": 364, "s390x": 355}
"""Numbers of userfaultfd(2) on architectures where it isn't the generic one."""
UFFD_USER_MODE_ONLY, UFFD_API = 1, 0xAA
UFFDIO_API, UFFDIO_REGISTER, UFFDIO_COPY = 0xC018AA3F, 0xC020AA00, 0xC028AA03
UFFD_REGISTER_MISSING = 1
reader: dict[str, Any] = {}


def userfault(of: str) -> Any:
    """Have this process handle the page faults of a range: userfaultfd(2), ioctl_userfaultfd(2)."""
    start, size = ranges[of]
    number_of_call = ctypes.c_long(UFFD.get(os.uname().machine, 282))
    descriptor = libc.syscall(number_of_call, os.O_CLOEXEC | UFFD_USER_MODE_ONLY)
    if descriptor == -1:
        text, failed = traced("userfaultfd(UFFD_USER_MODE_ONLY|O_CLOEXEC)", -1)
        return reply([text], failed=failed)
    files["userfault"] = descriptor
    api, register = (ctypes.c_uint64 * 3)(UFFD_API), (ctypes.c_uint64 * 4)(start, size, UFFD_REGISTER_MISSING)
    result = libc.ioctl(descriptor, ctypes.c_ulong(UFFDIO_API), api)
    agreed, _ = traced(f"ioctl({descriptor}, UFFDIO_API, {{api=0xaa, ...}})", result)
    result = libc.ioctl(descriptor, ctypes.c_ulong(UFFDIO_REGISTER), register)
    calls = [f"userfaultfd(UFFD_USER_MODE_ONLY|O_CLOEXEC) = {descriptor}"]
    wanted = f"{{range={{start={start:#x}, len={size:#x}}}, mode=UFFDIO_REGISTER_MODE_MISSING, ...}}"
    text, failed = traced(f"ioctl({descriptor}, UFFDIO_REGISTER, {wanted})", result)
    return reply([*calls, agreed, text], start, start + size, failed)


def read_and_wait(of: str, offset: int = 0) -> Any:
    """Have a thread read one byte; reply when its page fault has arrived here: the thread waits for us."""
    address = part(of, offset, None)[0]
    found, done = ctypes.create_string_buffer(1), _thread.allocate_lock()
    done.acquire()

    def read() -> None:
        ctypes.memmove(found, address, 1)  # lets other threads run meanwhile
        done.release()

    reader.update(found=found, done=done, thread=_thread.start_new_thread(read, ()))
    message = os.read(files["userfault"], 32)
    fault = int.from_bytes(message[16:24], sys.byteorder)
    call = f"x = *(char *){address:#x};   /* in another thread */"
    event = f"read({files['userfault']}, {{event=UFFD_EVENT_PAGEFAULT, address={fault:#x}}}, 32) = {len(message)}"
    answered = int(done.acquire(blocking=False))
    if answered:
        done.release()
    return reply([call, event], address, address + 1, fault_at=fault, answered=answered)


def resolve(of: str, value: int, offset: int = 0) -> Any:
    """Provide the missing page (UFFDIO_COPY), every byte of it `value`; the thread continues with the read byte."""
    address = part(of, offset, None)[0] & -PAGE
    page = ctypes.create_string_buffer(bytes([value]) * PAGE, PAGE)
    copy = (ctypes.c_uint64 * 5)(address, ctypes.addressof(page), PAGE, 0, 0)
    descriptor = files["userfault"]
    result = libc.ioctl(descriptor, ctypes.c_ulong(UFFDIO_COPY), copy)
    text, failed = traced(
        f"ioctl({descriptor}, UFFDIO_COPY, {{dst={address:#x}, src=..., len={PAGE:#x}, mode=0, ...}})", result
    )
    if failed:
        return reply([text], failed=failed)
    reader["done"].acquire()
    byte = reader["found"].raw[0]
    return reply([text, f"/* the thread has read {byte} */"], address, address + PAGE, byte=byte, given=value)


def ready() -> Any:
    """Reply: used to wait until this process has started."""
    return reply([])


def hang() -> Any:
    """Never reply: simulates a hung lab process, to test the time-out."""
    signal.pause()


OPERATIONS: dict[str, Callable[..., Any]] = {
    operation.__name__: operation
    for operation in (
        mmap, munmap, mprotect, madvise, no_huge_pages, guard, memfd, touch, malloc, free, malloc_trim, access, ready,
        hang, store, load, fork, program, make_program, run, go_on, end,
        exhaust, mmap_more_than_there_is, temporary_file, write_file, fsync, drop_cache, read_file, close_file,
        msync, read_byte, truncate,
        grow_stack, limit_stack, below_stack, mmap_below_stack, malloc_in_threads, end_threads, reuse,
        touch_over_time, userfault, read_and_wait, resolve,
    )
}  # fmt: skip


def send(message: dict[str, Any]) -> None:
    """Write one line; a single write(2), so that it also works inside a signal handler."""
    os.write(1, line(message))


def line(message: dict[str, Any]) -> bytes:
    """Return a line of JSON."""
    return f"{in_json(message)}\n".encode()


def in_json(value: Any) -> str:
    """Write a dict, a list, a string, an integer or a bool as JSON."""
    if isinstance(value, dict):
        return "{" + ", ".join([f"{in_json(name)}: {in_json(each)}" for name, each in value.items()]) + "}"
    if isinstance(value, list):
        return "[" + ", ".join([in_json(each) for each in value]) + "]"
    if isinstance(value, str):
        return (
            '"' + "".join([each if " " <= each <= "~" and each not in '"\\' else escaped(each) for each in value]) + '"'
        )
    return str(value).lower()


def escaped(character: str) -> str:
    r"""Write it as `\uXXXX`; beyond 16 bits as two surrogates (RFC 8259, 7)."""
    code = ord(character)
    if code < BEYOND_16_BITS:
        return f"\\u{code:04x}"
    high, low = divmod(code - BEYOND_16_BITS, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


def belong_to(parent: int) -> None:
    """Die with the thread that started us: prctl(2). It may have ended before we could request that."""
    libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        sys.exit()


def answer(request: dict[str, Any]) -> bytes:
    """Carry out one request; return the line to write."""
    try:
        process = request.pop("process", "")
        if process:
            return relay(process, request)
        done: dict[str, Any] = OPERATIONS[request.pop("op")](**request)
    except OSError as error:
        done = {**reply([], failed=error.errno or errors.EIO), "refused": error.strerror}
    before, prefix = marks
    done["calls"] = [f"{before}{call}" for call in done["calls"]]
    done["figures"] = {f"{prefix}{name}": value for name, value in done["figures"].items()}
    return line(done)


def warm_up() -> None:
    """Run through a few requests, to have the interpreter's own page faults before anything is counted."""
    for request in WARM_UP * 3:
        answer(marshal.loads(marshal.dumps(request)))  # noqa: S302 - our own
    ranges.clear()
    # If this program had to be compiled, much memory is free in the heap: without this it would serve the labs' blocks.
    if hasattr(libc, "malloc_trim"):
        libc.malloc_trim(ctypes.c_size_t(HEAP_SPARE))
    # Touch and free what the interpreter will use first: its own pools of 16 kB for blocks of one size, and the heap.
    spare = [bytes(size - 33) for size in range(48, 513, 16) for _ in range(0, 32768, size)]
    spare += [bytes(PAGE) for _ in range(8)]
    del spare


HEAP_SPARE = 128 << 10
"""Bytes that stay free at the end of the heap: M_TOP_PAD of mallopt(3)."""
WARM_UP: list[dict[str, Any]] = [
    {"op": "mmap", "name": "warm", "length": 8 * PAGE, "prot": "PROT_READ|PROT_WRITE",
     "flags": "MAP_PRIVATE|MAP_ANONYMOUS", "file": ""},
    {"op": "no_huge_pages", "of": "warm"},
    {"op": "touch", "of": "warm", "offset": 0, "length": 8 * PAGE, "write": False},
    {"op": "touch", "of": "warm", "offset": 0, "length": 8 * PAGE, "write": True},
    {"op": "munmap", "of": "warm", "offset": 0},
    {"op": "ready"},
]  # fmt: skip


def main() -> None:
    """Serve requests until the input ends."""
    belong_to(int(sys.argv[1]))
    libc.prctl(PR_SET_NAME, b"mmlab", 0, 0, 0)
    # The terminal's Ctrl-C is meant for the app, which ends us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with open("/proc/self/oom_score_adj", "w") as score:  # noqa: PTH123 - pathlib would add to the map
        score.write("1000")
    warm_up()
    with os.fdopen(0, "rb", buffering=4096) as requests:
        while True:
            try:
                request = marshal.load(requests)  # noqa: S302 - from the process that we belong to
            except EOFError:
                return
            os.write(1, answer(request))
