"""The whole chapter, in 90 minutes and in its order."""

from mmexplorer.labs.lesson import Lesson, Stop

LESSON = Lesson(
    name="90-minutes",
    title="The memory chapter",
    learn=(
        "What free shows, what happens when memory is short, why addresses are virtual, how a program is loaded, and"
        " how it gets more memory: the chapter from start to finish."
    ),
    stops=(
        Stop("page-cache", "Write a file", 3),
        Stop("page-cache", "Drop it", 2),
        Stop("page-cache", "Read it again", 2),
        Stop("reclaim", "Taken away", 3),
        Stop("reclaim", "Brought back", 3),
        Stop("address-limit", "Beyond it", 2),
        Stop("oom", "Beyond it", 4),
        Stop("fragmentation", "Holes", 3),
        Stop("fragmentation", "Five hundred requests", 3),
        Stop("fragmentation", "Now with paging", 3),
        Stop("address-spaces", "The same address twice", 3),
        Stop("address-spaces", "Different bytes", 2),
        Stop("crash", "Write through NULL", 3),
        Stop("crash", "Use memory that was given back", 2),
        Stop("crash", "Run into a guard", 3),
        Stop("crash", "Catch it, and mend it", 3),
        Stop("loading", "The chapter's program", 4),
        Stop("loading", "Load it", 4),
        Stop("loading", "Load it, and stop", 3),
        Stop("aslr", "Run it three times", 3),
        Stop("mmap", "Map 100 MiB", 3),
        Stop("mmap", "Give it back", 2),
        Stop("mmap", "One byte more", 2),
        Stop("page-tables", "The first page", 3),
        Stop("demand-paging", "Read before writing", 3),
        Stop("demand-paging", "Write", 3),
        Stop("demand-paging", "Once more", 2),
        Stop("cow", "The child writes", 4),
        Stop("malloc", "A large block", 3),
        Stop("malloc", "Free all but the last", 4),
        Stop("malloc", "Trim", 3),
    ),
)
