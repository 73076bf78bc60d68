"""The life of a page, in 50 minutes: promised, brought, shared, copied, kept, given back."""

from mmexplorer.labs.lesson import Lesson, Stop

LESSON = Lesson(
    name="50-minutes",
    title="The life of a page",
    learn=(
        "A page is promised, brought in by a fault, found through tables, shared until it is written, and given back"
        " later than you'd expect."
    ),
    stops=(
        Stop("page-cache", "Write a file", 3),
        Stop("page-cache", "Drop it", 2),
        Stop("mmap", "Map 100 MiB", 4),
        Stop("demand-paging", "Read before writing", 3),
        Stop("demand-paging", "Write", 3),
        Stop("demand-paging", "Once more", 2),
        Stop("page-tables", "The first page", 3),
        Stop("page-tables", "Ten pages, 1 GiB apart", 3),
        Stop("crash", "Write through NULL", 3),
        Stop("crash", "Write to memory that is read-only", 2),
        Stop("crash", "Catch it, and mend it", 3),
        Stop("cow", "Fork", 4),
        Stop("cow", "The child writes", 3),
        Stop("cow", "Who sees what", 2),
        Stop("malloc", "A large block", 3),
        Stop("malloc", "Free all but the last", 4),
        Stop("malloc", "Trim", 3),
    ),
)
