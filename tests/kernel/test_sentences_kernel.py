"""Sentences on the screen about the effect of an access, checked by a C program that makes the access."""

import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.patience import PATIENCE

pytestmark = pytest.mark.gcc

PROGRAM = r"""
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void report(int number, siginfo_t *info, void *context)
{
    printf("signal=%d code=%d address=%lx\n", number, info->si_code, (unsigned long)info->si_addr);
    fflush(stdout);
    _exit(0);
}

static int present(void *start, int pages)
{
    int count = 0;
    FILE *pagemap = fopen("/proc/self/pagemap", "rb");
    for (int i = 0; i < pages; i++) {
        uint64_t entry = 0;
        fseek(pagemap, ((uintptr_t)start / 4096 + i) * 8, SEEK_SET);
        if (fread(&entry, 8, 1, pagemap) != 1) exit(3);
        count += entry >> 63;
    }
    fclose(pagemap);
    return count;
}

static long rss_of(void *start)
{
    char line[512], wanted[32];
    long kb = -1;
    int inside = 0;
    FILE *smaps = fopen("/proc/self/smaps", "r");
    snprintf(wanted, sizeof wanted, "%lx-", (unsigned long)start);
    while (fgets(line, sizeof line, smaps)) {
        if (strncmp(line, wanted, strlen(wanted)) == 0) inside = 1;
        if (inside && sscanf(line, "Rss: %ld kB", &kb) == 1) break;
    }
    fclose(smaps);
    return kb;
}

int main(int argc, char **argv)
{
    struct sigaction action = {.sa_sigaction = report, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    stack_t other = {.ss_sp = malloc(65536), .ss_size = 65536};
    volatile char *at;
    sigaltstack(&other, NULL);
    sigaction(SIGSEGV, &action, NULL);
    if (strcmp(argv[1], "read-only") == 0) {
        at = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        *at = 1;
    } else if (strcmp(argv[1], "below-stack") == 0) {
        char here;
        at = (char *)((uintptr_t)&here & ~4095UL) - (512 << 10);
        *at = 7;
        printf("written=%d\n", *at);
    } else if (strcmp(argv[1], "non-canonical") == 0) {
        at = (char *)0x8000000000000000UL;
        *at = 1;
    } else if (strcmp(argv[1], "address-0") == 0) {
        if (getenv("AS_NOBODY") && (setgid(65534) || setuid(65534))) return 4;
        at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        if (at == MAP_FAILED) { puts("refused"); return 0; }
        *at = 7;
        printf("read=%d\n", *at);
    } else if (strcmp(argv[1], "read-first") == 0) {
        int shared = strcmp(argv[2], "shared") == 0;
        char *start = mmap(NULL, 64 * 4096, PROT_READ | PROT_WRITE,
                           (shared ? MAP_SHARED : MAP_PRIVATE) | MAP_ANONYMOUS, -1, 0);
        madvise(start, 64 * 4096, MADV_NOHUGEPAGE);
        for (int i = 0; i < 64; i++) (void)*(volatile char *)(start + i * 4096);
        printf("rss=%ld\n", rss_of(start));
    } else if (strcmp(argv[1], "fork") == 0) {
        char *private = mmap(NULL, 64 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        char *shared = mmap(NULL, 64 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        memset(private, 1, 64 * 4096);
        memset(shared, 1, 64 * 4096);
        if (fork() == 0) {
            printf("private=%d shared=%d\n", present(private, 64), present(shared, 64));
            fflush(stdout);
            _exit(0);
        }
        wait(NULL);
    } else if (strcmp(argv[1], "given-up") == 0) {
        char *start = mmap(NULL, 64 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        memset(start, 1, 64 * 4096);
        madvise(start, 64 * 4096, MADV_DONTNEED);
        int before = present(start, 64);
        int byte = start[0];
        printf("present=%d byte=%d then=%d\n", before, byte, present(start, 1));
    }
    return 0;
}
"""


class _Access(NamedTuple):
    program: Path

    def __call__(self, *arguments: str, **environment: str) -> str:
        return subprocess.run(
            [self.program, *arguments], capture_output=True, text=True, check=True, env=environment, timeout=PATIENCE
        ).stdout.strip()


@pytest.fixture(scope="module")
def access(tmp_path_factory: pytest.TempPathFactory) -> _Access:
    folder = tmp_path_factory.mktemp("access")
    folder.chmod(0o755)
    (folder / "access.c").write_text(PROGRAM)
    subprocess.run(["gcc", "-O0", "-w", "-o", folder / "access", folder / "access.c"], check=True)
    return _Access(folder / "access")


def test_a_write_to_a_private_read_only_region_is_refused(access: _Access) -> None:
    assert access("read-only").startswith("signal=11 code=2")


def test_a_touch_in_the_hole_below_the_stack_makes_the_stack_grow(access: _Access) -> None:
    assert access("below-stack") == "written=7"


def test_a_non_canonical_address_is_refused_without_an_address(access: _Access) -> None:
    assert access("non-canonical") == "signal=11 code=128 address=0"


@pytest.mark.root
def test_root_may_map_address_0_and_an_ordinary_user_may_not(access: _Access) -> None:
    assert access("address-0") == "read=7"
    assert access("address-0", AS_NOBODY="1") == "refused"


def test_only_private_anonymous_memory_reads_the_zero_page(access: _Access) -> None:
    assert access("read-first", "private") == "rss=0"
    assert access("read-first", "shared") == "rss=256"


def test_fork_copies_no_entries_of_shared_mappings(access: _Access) -> None:
    assert access("fork") == "private=64 shared=0"


def test_a_fault_comes_again_for_what_was_given_up(access: _Access) -> None:
    assert access("given-up") == "present=0 byte=0 then=1"
