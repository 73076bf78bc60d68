"""The one idea, in 20 minutes: an address is not memory."""

from mmexplorer.labs.lesson import Lesson, Stop

LESSON = Lesson(
    name="20-minutes",
    title="An address is not memory",
    learn=(
        "Asking for memory gives you addresses. A page arrives through a fault when it is first written; where no"
        " region allows the access, the same kind of fault ends the program."
    ),
    stops=(
        Stop("mmap", "Map 100 MiB", 4),
        Stop("mmap", "Give it back", 2),
        Stop("demand-paging", "Read before writing", 3),
        Stop("demand-paging", "Write", 3),
        Stop("demand-paging", "Once more", 2),
        Stop("crash", "Write through NULL", 3),
        Stop("crash", "Catch it, and mend it", 3),
    ),
)
