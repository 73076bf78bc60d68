"""What a teacher may say: at each step of the lessons, by the name of the lab and the title of the step."""

from collections.abc import Mapping

NOTES: Mapping[str, Mapping[str, str]] = {
    "page-cache": {
        "Write a file": (
            "Before Enter let the class say what free will show. Most expect available to fall with free. Have"
            " `free -m` open in another terminal: the row is the same. The figures are those of the whole machine, so"
            " some MiB of noise belong to them."
        ),
        "Drop it": (
            "Ask whose memory the cache is: the kernel's, which gives it up as soon as programs need it. So a machine"
            " whose free is near 0 need not be short of memory."
        ),
        "Read it again": (
            "Writing did not have to wait for the disk, and reading what is cached would not; this reading does. From"
            " here one can go on to major faults, in the lab reclaim."
        ),
    },
    "reclaim": {
        "Taken away": (
            "Nothing had to be written: clean pages of a file are dropped. Ask what it would be with pages of the heap:"
            " they have no file, so that swap is needed. That is all that swap is."
        ),
        "Brought back": (
            "Count the zeros on the board: a minor fault is a microsecond, a read from an SSD about a hundred, from a"
            " disk that turns ten thousand. This is thrashing, seen from one process."
        ),
    },
    "address-limit": {
        "Beyond it": (
            "Put it beside the OOM killer: here a function returns an error, and the program decides. The next stop is"
            " the case in which there is no function that could return."
        ),
    },
    "oom": {
        "Beyond it": (
            "It needs root or a delegated cgroup; without, show System (key 2), who would be killed and why. The limit"
            " is the lab's own, nobody else is in danger. Ask why the program got no error: which call would have"
            " returned it?"
        ),
    },
    "fragmentation": {
        "Holes": "Draw the 16 cells and let somebody place the request. Then ask why the programs can't be moved.",
        "Five hundred requests": (
            "The point is that paging doesn't fail, not which rule wins: the order of the three depends on the"
            " requests, and the step 'Another seed' shows others."
        ),
        "Now with paging": (
            "Ask what was given up for it: one look into a table for each access, and the rest of the last page."
        ),
    },
    "address-spaces": {
        "The same address twice": (
            "Some will say that the second call fails, with good reason: with one address space for all it would."
            " Point at both maps; `o` switches between the processes."
        ),
        "Different bytes": (
            "Let them say where the one address is translated: in the page table of the process that runs. What would"
            " have to be the same for both to read B? The lab sharing shows that."
        ),
    },
    "crash": {
        "Write through NULL": (
            "Let them predict the output as the shell prints it. Point at the address 0 in the map: nothing is there."
            " The fault itself is nothing bad; the next stop but one resolves one."
        ),
        "Write to memory that is read-only": (
            "Two reasons for one signal: no region (MAPERR), or a region that forbids it (ACCERR). A debugger shows"
            " which: `p $_siginfo` in gdb."
        ),
        "Use memory that was given back": (
            "Ask what happens if something else was mapped there meanwhile: nothing is seen, and the wrong data are"
            " changed. A crash is the lucky case."
        ),
        "Run into a guard": (
            "Ask who would see the overrun without the guard: whoever owns the next bytes, and much later."
        ),
        "Catch it, and mend it": (
            "This is the kernel's own trick, done by hand: the instruction runs again. Ask what would happen if the"
            " handler returned without mending anything: it would fault for ever."
        ),
    },
    "loading": {
        "The chapter's program": (
            "Have them add the chapter's numbers before Enter. The offsets differ from the chapter's because pages are"
            " mapped whole: ask why code and data may not share one."
        ),
        "Load it": (
            "Two rows, one r-xp and one rw-p. Compute one address on the board: the number in the table plus the load"
            " bias."
        ),
        "Load it, and stop": "One number moves everything. Ask why the distance from code to data must stay.",
    },
    "aslr": {
        "Run it three times": (
            "Run `cat /proc/self/maps` twice in another terminal for the same effect. Ask whom it makes life harder,"
            " and what a core dump of yesterday says about today's addresses: only the distances."
        ),
    },
    "mmap": {
        "Map 100 MiB": (
            "The central prediction of the chapter: take a show of hands. VSZ grows by 100 MiB, RSS by nothing: what"
            " the program got is a row in a table. That row may have merged with its neighbour, which then grew."
        ),
        "Give it back": "Ask what the variable in the program holds now. The lab crash uses such a pointer.",
        "One byte more": "A page is the smallest thing that a page table can describe. malloc is what counts in bytes.",
    },
    "page-tables": {
        "The first page": (
            "Split the address on the board: 9 + 9 + 9 + 9 + 12 bits. Three new tables for one page: let them name the"
            " levels."
        ),
        "Ten pages, 1 GiB apart": (
            "The same ten pages cost 20 tables where neighbours would have cost none: locality is worth something"
            " before any cache comes into it."
        ),
    },
    "demand-paging": {
        "Read before writing": (
            "1,000 faults and no memory: one page of zeroes stands for all. Ask who is allowed to write to it."
        ),
        "Write": (
            "1,000 bytes written, 4,000 kB used. Let them find the factor. Where there is time: why must the kernel"
            " fill the page with zeroes first? Whose bytes were in it?"
        ),
        "Once more": "No fault: the processor finds the page by itself. The kernel has no part in it any more.",
    },
    "cow": {
        "Fork": (
            "Ask how much memory a shell of 100 MiB needs for a moment to start `ls`. PSS is the only column that adds"
            " up: RSS counts the shared pages twice."
        ),
        "The child writes": (
            "Each write to a page that both have is one fault and one copy. Draw the two tables with one page, then"
            " with two."
        ),
        "Who sees what": "To both programs it looks as if all had been copied at fork. That is the whole promise.",
    },
    "malloc": {
        "A large block": (
            "malloc is a function, mmap a system call; under strace one sees only the second. Ask why the pointer ends"
            " in 010."
        ),
        "Free all but the last": (
            "The classic of the engineer at night: `I freed everything, and top still shows it`. The heap ends where"
            " its last block is."
        ),
        "Trim": "The heap keeps its size; what of it is in memory shrinks. Its pages are gone, its addresses stay.",
    },
}


def note(lab: str, step: str) -> str:
    """Give the note on a step; "" where there is none."""
    return NOTES.get(lab, {}).get(step, "")
