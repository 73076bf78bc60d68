/* Put before a program of a lab with `cc -include`. At the statements that call told_line it says on descriptor 100
   which line comes next, and waits for a byte on descriptor 101. It also tells what mmap and munmap were called with
   and gave, and the signal that a fault ended in. Standard output is written line by line, as to a terminal. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { TOLD_TO = 100, TOLD_FROM = 101 };

static void told(const char *format, ...)
{
    char text[512];
    int kept = errno, length;
    va_list values;

    va_start(values, format);
    length = vsnprintf(text, sizeof text, format, values);
    va_end(values);
    if (length > 0 && write(TOLD_TO, text, (size_t)length) < 0)
        _exit(125);
    errno = kept;
}

__attribute__((unused)) static void told_line(int line)
{
    char go;

    told("line %d\n", line);
    if (read(TOLD_FROM, &go, 1) != 1)
        _exit(125);
}

static void told_result(int failed)
{
    if (failed)
        told(" = -1 %d\n", errno);
    else
        told(" = 0\n");
}

__attribute__((unused)) static void *told_mmap(void *at, size_t length, int prot, int flags, int file, long offset,
                                               const char *prot_text, const char *flags_text)
{
    void *memory = mmap(at, length, prot, flags, file, offset);
    char start[32] = "NULL";

    if (at != NULL)
        snprintf(start, sizeof start, "%p", at);
    told("call mmap(%s, %zu, %s, %s, %d, %#lx)", start, length, prot_text, flags_text, file, offset);
    if (memory == MAP_FAILED)
        told_result(1);
    else
        told(" = %p\n", memory);
    return memory;
}

__attribute__((unused)) static int told_munmap(void *at, size_t length)
{
    int result = munmap(at, length);

    told("call munmap(%p, %zu)", at, length);
    told_result(result);
    return result;
}

static void told_signal(int number, siginfo_t *info, void *context)
{
    (void)context;
    told("signal %d %d %lu\n", number, info->si_code, (unsigned long)info->si_addr);
}

__attribute__((constructor)) static void told_begin(void)
{
    static char buffer[BUFSIZ];
    struct sigaction once;

    setvbuf(stdout, buffer, _IOLBF, sizeof buffer);
    memset(&once, 0, sizeof once);
    once.sa_sigaction = told_signal;
    once.sa_flags = SA_SIGINFO | (int)SA_RESETHAND;
    sigaction(SIGSEGV, &once, NULL);
    sigaction(SIGBUS, &once, NULL);
}

#define mmap(at, length, prot, flags, file, offset) told_mmap(at, length, prot, flags, file, offset, #prot, #flags)
#define munmap(at, length) told_munmap(at, length)
