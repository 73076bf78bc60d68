/* Prints a line, writes through NULL, and would print another. */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    int *nowhere = NULL;

    puts("before invalid access");
    *nowhere = 0;
    puts("after invalid access");
    return EXIT_SUCCESS;
}
