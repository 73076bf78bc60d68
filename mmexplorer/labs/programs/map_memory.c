/* Prints its map: first, with 100 MiB mapped, and without them. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#define SIZE (100 * 1024 * 1024)

static void print_map(const char *when)
{
    char line[512];
    FILE *maps = fopen("/proc/self/maps", "r");

    printf("*** the map %s ***\n", when);
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL)
        fputs(line, stdout);
    if (maps != NULL)
        fclose(maps);
}

int main(void)
{
    void *memory;

    print_map("before");
    memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        perror("mmap");
        return EXIT_FAILURE;
    }
    printf("*** address %p, size 0x%x ***\n", memory, SIZE);
    print_map("after mmap");
    munmap(memory, SIZE);
    print_map("after munmap");
    return EXIT_SUCCESS;
}
