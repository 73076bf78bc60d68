"""C programs for tests of matching: each prints its own dl_iterate_phdr(3), then waits to be read."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.support.patience import PATIENCE
from tests.support.readable import readable

_SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int initialised[300] = {1};
const char constants[16384] __attribute__((aligned(4096))) = "read-only";
#ifdef BSS
char zeroed[BSS];
#endif

static int print(struct dl_phdr_info *info, size_t size, void *more)
{
    (void) size;
    (void) more;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = info->dlpi_phdr + i;
        if (p->p_type == PT_LOAD)
            printf("load %d %#lx %#lx %#lx %s\n", i, (long) info->dlpi_addr, (long) p->p_vaddr, (long) p->p_memsz,
                   info->dlpi_name);
    }
    return 0;
}

#ifdef ARCHIVE
/* Maps the LOADs of the ELF that stands at `at` in `path`, as Android's linker does with a library inside an APK. */
static void load_from_archive(const char *path, long at)
{
    int file = open(path, O_RDONLY);
    ElfW(Ehdr) header;
    ElfW(Phdr) table[32];
    if (pread(file, &header, sizeof header, at) != sizeof header)
        exit(3);
    if (pread(file, table, header.e_phnum * sizeof *table, at + header.e_phoff) < 0)
        exit(4);
    char *base = mmap(0, 1 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(base, 1 << 20);
    for (int i = 0; i < header.e_phnum; i++) {
        ElfW(Phdr) *p = table + i;
        if (p->p_type != PT_LOAD)
            continue;
        long skew = p->p_vaddr & 4095;
        int protection = (p->p_flags & PF_R ? PROT_READ : 0) | (p->p_flags & PF_W ? PROT_WRITE : 0)
            | (p->p_flags & PF_X ? PROT_EXEC : 0);
        if (mmap(base + p->p_vaddr - skew, p->p_filesz + skew, protection, MAP_PRIVATE | MAP_FIXED, file,
                 at + p->p_offset - skew) == MAP_FAILED)
            exit(5);
        printf("load %d %#lx %#lx %#lx archive\n", i, (long) base, (long) p->p_vaddr, (long) p->p_filesz);
    }
}
#endif

int main(int argc, char **argv)
{
#ifdef TWICE
    /* In a second namespace dl_iterate_phdr(3) doesn't look, so the link map tells. */
    void *first = dlmopen(LM_ID_NEWLM, argv[1], RTLD_NOW), *second = dlmopen(LM_ID_NEWLM, argv[1], RTLD_NOW);
    void *handles[] = {first, second};
    for (int i = 0; i < 2; i++) {
        struct link_map *map;
        if (!handles[i] || dlinfo(handles[i], RTLD_DI_LINKMAP, &map))
            return fprintf(stderr, "%s\n", dlerror()), 2;
        printf("copy %#lx %s\n", (long) map->l_addr, map->l_name);
    }
#endif
#ifdef ARCHIVE
    load_from_archive(argv[1], atol(argv[2]));
#endif
#ifdef PATCHED
    mmap((void *) constants, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
#endif
    (void) argc;
    (void) argv;
    dl_iterate_phdr(print, 0);
    printf("end\n");
    fflush(stdout);
    for (;;)
        pause();
}
"""

_LIBRARY = r"""
int table[2000] = {1};
int zeroed[5000];
int *pointers[] = {table, zeroed};
int add(int n) { return n + table[0] + *pointers[1]; }
"""


class Load(NamedTuple):
    """A LOAD as the program saw it."""

    segment: int
    """Its index in the program header table."""
    bias: int
    vaddr: int
    memsz: int
    name: str


class Running(NamedTuple):
    """A running specimen, and what it printed."""

    pid: int
    loads: list[Load]
    copies: list[tuple[int, str]]


def build(folder: Path, name: str, flags: Sequence[str]) -> Path:
    """Compile the program."""
    return _compile(folder / name, _SOURCE, ["-ldl", *flags])


def build_library(folder: Path, name: str, flags: Sequence[str] = ()) -> Path:
    """Compile a small shared library."""
    return _compile(folder / name, _LIBRARY, ["-shared", "-fPIC", *flags])


def _compile(target: Path, source: str, flags: Sequence[str]) -> Path:
    command = ["gcc", "-O1", "-w", "-x", "c", "-", "-o", str(target), *flags]
    subprocess.run(command, input=source.encode(), check=True, capture_output=True)
    return target


@contextlib.contextmanager
def running(*command: str | Path) -> Iterator[Running]:
    """Start a program that prints like these, wait until it has printed, and kill it afterwards."""
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        assert process.stdout is not None
        lines = _lines_up_to_end(process.stdout.fileno())
        yield Running(process.pid, _loads(lines), _copies(lines))
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def _lines_up_to_end(descriptor: int) -> list[str]:
    text = b""
    while not text.endswith(b"end\n"):
        chunk = os.read(descriptor, 1 << 16) if readable(descriptor, PATIENCE) else b""
        assert chunk, f"the specimen said only {text!r}"
        text += chunk
    return text.decode().splitlines()


def _loads(lines: Sequence[str]) -> list[Load]:
    found = []
    for line in lines:
        if line.startswith("load "):
            _, index, bias, vaddr, memsz, name = line.split(" ", 5)
            found.append(Load(int(index), int(bias, 16), int(vaddr, 16), int(memsz, 16), name))
    return found


def _copies(lines: Sequence[str]) -> list[tuple[int, str]]:
    return [(int(line.split(" ", 2)[1], 16), line.split(" ", 2)[2]) for line in lines if line.startswith("copy ")]
