/* Prints a line, writes through a pointer that points nowhere, and would print another line. */
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
