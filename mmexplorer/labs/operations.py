"""What the lab process can be told to do: one function for each of its operations (`kernel/lab/child.py`).

Ranges, files and blocks are known by the names that the lab gives them. Lengths and offsets are bytes; a `length` of
None means "to the end of the range".
"""

from collections.abc import Sequence

from mmexplorer.labs.protocol import Operation

READ_WRITE = "PROT_READ|PROT_WRITE"


def mmap(
    name: str,
    length: int,
    *,
    prot: str = READ_WRITE,
    flags: str = "MAP_PRIVATE|MAP_ANONYMOUS",
    file: str = "",
    at: int = 0,
) -> Operation:
    """Map anonymous memory, or a `file` made by `memfd`; at the address `at`, or where the kernel chooses."""
    return Operation("mmap", {"name": name, "length": length, "prot": prot, "flags": flags, "file": file, "at": at})


def ready() -> Operation:
    """Do nothing; answered as soon as the process is ready."""
    return Operation("ready", {})


def munmap(of: str, *, offset: int = 0, length: int | None = None) -> Operation:
    """Unmap a range. Its name remains, like a dangling pointer."""
    return _on_range("munmap", of, offset, length)


def mprotect(of: str, prot: str, *, offset: int = 0, length: int | None = None) -> Operation:
    """Change the protection."""
    return _on_range("mprotect", of, offset, length, prot=prot)


def madvise(of: str, advice: str, *, offset: int = 0, length: int | None = None) -> Operation:
    """Give the kernel advice about a range, such as `MADV_DONTNEED`."""
    return _on_range("madvise", of, offset, length, advice=advice)


def msync(of: str) -> Operation:
    """Write the changes in a shared mapping to its file."""
    return _on_range("msync", of, 0, None)


def no_huge_pages(of: str) -> Operation:
    """Keep transparent huge pages out of a range, so that its pages have 4 kB.

    A kernel without huge pages refuses with EINVAL, which does no harm.
    """
    return Operation("no_huge_pages", {"of": of})


def guard(of: str, *, offset: int, length: int) -> Operation:
    """Turn pages into a guard: MADV_GUARD_INSTALL, or mprotect with PROT_NONE before Linux 6.13."""
    return _on_range("guard", of, offset, length)


def memfd(name: str, length: int) -> Operation:
    """Make, with memfd_create(2) and ftruncate(2), a file of `length` zeroes that lives as long as the process."""
    return Operation("memfd", {"name": name, "length": length})


def touch(of: str, length: int, *, offset: int = 0, write: bool = True) -> Operation:
    """Write, or only read, one byte in each page. Figures: `pages`, `touch_min_flt`, `touch_maj_flt`."""
    return Operation("touch", {"of": of, "length": length, "offset": offset, "write": write})


def malloc(name: str, size: int, *, count: int = 1, fill: bool = False) -> Operation:
    """Allocate `count` blocks. Figures: `requested`, `mapped`, `into_page`, `system_calls`."""
    return Operation("malloc", {"name": name, "size": size, "count": count, "fill": fill})


def free(of: str, *, keep: int = 0) -> Operation:
    """Free all blocks of that name except the last `keep`. Figure: `system_calls`."""
    return Operation("free", {"of": of, "keep": keep})


def malloc_trim() -> Operation:
    """Ask glibc to return unused memory to the kernel."""
    return Operation("malloc_trim", {})


def access(of: str = "", *, offset: int = 0, how: str = "write", handler: str = "") -> Operation:
    """Print a line, use an address ("write", "read", "execute"), print another; the address is NULL without a range.

    `handler`: "" for the signal's default action, "leave" to print and exit, "repair" to make the page accessible.
    """
    return Operation("access", {"of": of, "offset": offset, "how": how, "handler": handler})


def apart(of: str) -> Operation:
    """Keep a range from being merged with its neighbours: MADV_DONTDUMP changes its VmFlags."""
    return madvise(of, "MADV_DONTDUMP")


def store(of: str, value: str, *, offset: int = 0) -> Operation:
    """Write one ASCII character."""
    return Operation("store", {"of": of, "value": ord(value), "offset": offset})


def load(of: str, *, offset: int = 0) -> Operation:
    """Read one byte. Figure: `byte`."""
    return Operation("load", {"of": of, "offset": offset})


def fork(name: str) -> Operation:
    """Make a copy of the lab process, which then does the operations given with `inside`. Figure: `pid`."""
    return Operation("fork", {"name": name})


def inside(process: str, operation: Operation) -> Operation:
    """Have a copy made by `fork` do an operation; its figures are prefixed with its name and `_`."""
    return Operation(operation.name, {**operation.arguments, "process": process})


def program(name: str) -> Operation:
    """Open the program of that name in PATH. Figure: `descriptor`."""
    return Operation("program", {"name": name})


def make_program(name: str, *, code: int, data: int) -> Operation:
    """Write a program file with that many bytes of code and data, known only to the process.

    It can't do anything: `run` it with `stop`. Figure: `descriptor`.
    """
    return Operation("make_program", {"name": name, "code": code, "data": data})


def run(of: str, name: str, *, randomize: bool = True, stop: bool = False) -> Operation:
    """Run a program in a new process `name`, with or without address-space randomisation. Figure: `pid`.

    With `stop` it is held before its first instruction. Without it, it must be cat, and is ready when it has answered.
    """
    return Operation("run", {"of": of, "name": name, "randomize": randomize, "stop": stop})


def go_on(of: str) -> Operation:
    """Continue a process stopped by `run`; it must be cat, and is ready when it has answered."""
    return Operation("go_on", {"of": of})


def end(of: str) -> Operation:
    """End a process that `fork` or `run` made."""
    return Operation("end", {"of": of})


def exhaust(of: str) -> Operation:
    """Write to one page after another of a range, until the kernel ends the process."""
    return Operation("exhaust", {"of": of})


def mmap_more_than_there_is(name: str, length: int) -> Operation:
    """Map `length` bytes more than the machine has memory and swap. Figures: `asked`, `granted`."""
    return Operation("mmap_more_than_there_is", {"name": name, "length": length})


def temporary_file(name: str) -> Operation:
    """Create a file without a name on a disk, with O_TMPFILE; it vanishes with the process."""
    return Operation("temporary_file", {"name": name})


def write_file(file: str, length: int) -> Operation:
    """Write `length` bytes.

    Figures, as of `fsync`, `drop_cache` and `read_file`: `read_bytes`, `file_cached`, `file_dirty` (Linux 6.5).
    """
    return Operation("write_file", {"file": file, "length": length})


def read_byte(file: str, *, offset: int = 0) -> Operation:
    """Read one byte of a file with pread(2), not through a mapping. Figure: `byte`."""
    return Operation("read_byte", {"file": file, "offset": offset})


def truncate(file: str, length: int) -> Operation:
    """Set the length of a file: ftruncate(2)."""
    return Operation("truncate", {"file": file, "length": length})


def fsync(file: str) -> Operation:
    """Write a file's dirty pages to the disk."""
    return Operation("fsync", {"file": file})


def drop_cache(file: str) -> Operation:
    """Ask the kernel to drop the file's pages from the cache: posix_fadvise(2), POSIX_FADV_DONTNEED."""
    return Operation("drop_cache", {"file": file})


def read_file(file: str) -> Operation:
    """Read it from the beginning to the end."""
    return Operation("read_file", {"file": file})


def close_file(file: str) -> Operation:
    """Close the file, which removes it. Figure: `files_open`."""
    return Operation("close_file", {"file": file})


def simulate(size: int, requests: str, rule: str) -> Operation:
    """Make requests (`labs/simulated/simulator.py`) to a memory of `size` units by a rule: first, best, worst, paged.

    Its figures begin with the rule's name: see `labs/figures.py`.
    """
    return Operation("simulate", {"size": size, "requests": requests, "rule": rule})


def replace(references: str, policy: str, frames: int) -> Operation:
    """Use pages, one per digit, with that many frames by a policy: fifo, lru, clock, optimal.

    Played by `labs/simulated/replacement.py`.

    Figures: `fifo_faults` and so on, `references`, `frames`.
    """
    return Operation("replace", {"references": references, "policy": policy, "frames": frames})


def grow_stack(length: int) -> Operation:
    """Write one byte into each page of `length` bytes below the stack, downward."""
    return Operation("grow_stack", {"length": length})


def limit_stack(length: int) -> Operation:
    """Lower RLIMIT_STACK; it applies the next time the stack has to grow."""
    return Operation("limit_stack", {"length": length})


def below_stack(name: str, distance: int, *, from_end: bool = False) -> Operation:
    """Name the page `distance` bytes below the start of [stack], or below its end, for `access`."""
    return Operation("below_stack", {"name": name, "distance": distance, "from_end": from_end})


def mmap_below_stack(name: str, distance: int) -> Operation:
    """Map one page `distance` bytes below the stack."""
    return Operation("mmap_below_stack", {"name": name, "distance": distance})


def malloc_in_threads(count: int, size: int) -> Operation:
    """Start threads that allocate one block each and wait. Figures: `arenas`, `threads`."""
    return Operation("malloc_in_threads", {"count": count, "size": size})


def end_threads() -> Operation:
    """Let these threads end. Figure: `threads`."""
    return Operation("end_threads", {})


def reuse(sizes: Sequence[int], wanted: int) -> Operation:
    """Allocate blocks, free them in the same order, allocate `wanted` bytes. Figures: `reused`, `apart`."""
    return Operation("reuse", {"sizes": " ".join(map(str, sizes)), "wanted": wanted})


def touch_over_time(of: str, length: int, *, parts: int, pause_ms: int) -> Operation:
    """Touch a range part by part, with a pause after each, and print the figures of process and machine.

    Figures: those of `touch`, and `most_faults`, `least_faults` of a part.
    """
    return Operation("touch_over_time", {"of": of, "length": length, "parts": parts, "pause_ms": pause_ms})


def userfault(of: str) -> Operation:
    """Have the lab process receive the page faults of a range: userfaultfd(2)."""
    return Operation("userfault", {"of": of})


def read_and_wait(of: str, *, offset: int = 0) -> Operation:
    """Have a thread read one byte, and wait for its fault. Figures: `fault_at`, `answered`."""
    return Operation("read_and_wait", {"of": of, "offset": offset})


def resolve(of: str, value: int, *, offset: int = 0) -> Operation:
    """Provide the page that the thread waits for, filled with `value`. Figures: `byte`, `given`."""
    return Operation("resolve", {"of": of, "value": value, "offset": offset})


def segment(name: str, offset: int) -> Operation:
    """Translate an offset in a segment (`labs/simulated/translation.py`). Figures: `physical`, `segment_fault`."""
    return Operation("segment", {"name": name, "offset": offset})


def tables(addresses: str) -> Operation:
    """Count the tables for these addresses (hexadecimal, separated by blanks). Figures: `one_level`, `two_levels`."""
    return Operation("tables", {"addresses": addresses})


def tlb(pages: Sequence[int], size: int) -> Operation:
    """Use pages with a TLB of `size` entries. Figures: `tlb_misses`, `references`, `memory_accesses`."""
    return Operation("tlb", {"pages": " ".join(map(str, pages)), "size": size})


def build(name: str) -> Operation:
    """Compile a C program of `labs/programs/`; if that is impossible, Python makes the same calls instead.

    Only in a lab with `Lab.source`; so with the next three, whose figures are `line` and `compiled`.
    """
    return Operation("build", {"name": name})


def launch() -> Operation:
    """Run that program; it stops before its first statement."""
    return Operation("launch", {})


def go_to(line: int) -> Operation:
    """Continue until this line of the C program comes next."""
    return Operation("go_to", {"line": line})


def finish() -> Operation:
    """Continue to the end of the program."""
    return Operation("finish", {})


def _on_range(name: str, of: str, offset: int, length: int | None, **more: str) -> Operation:
    rest: dict[str, int | str | bool] = {} if length is None else {"length": length}
    return Operation(name, {"of": of, "offset": offset, **rest, **more})
