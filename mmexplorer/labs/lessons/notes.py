"""What a teacher may say: at each step of the lessons, by the name of the lab and the title of the step."""

from collections.abc import Mapping

NOTES: Mapping[str, Mapping[str, str]] = {
    "page-cache": {
        "Write a file": (
            "Before Enter, let the class say what free will show. Most expect available to fall with free. Keep `free"
            " -m` open in another terminal: it shows the same row. The figures are for the whole machine, so expect"
            " some MiB of noise."
        ),
        "Drop it": (
            "Ask whose memory the cache is. It is the kernel's, which gives it up as soon as programs need it, so a"
            " machine with free near 0 isn't necessarily short of memory."
        ),
        "Read it again": (
            "Writing didn't have to wait for the disk, and reading cached data wouldn't; this read does. From here you"
            " can go on to major faults, in the lab “Taken away and brought back”."
        ),
    },
    "reclaim": {
        "Taken away": (
            "Nothing had to be written: clean file pages are simply dropped. Ask about pages of the heap: they have no"
            " file, so swap is needed. That is all swap is."
        ),
        "Brought back": (
            "Count the zeros on the board: a minor fault takes about a microsecond, a read from an SSD about a hundred,"
            " a read from a spinning disk about ten thousand. This is thrashing, seen from one process."
        ),
    },
    "address-limit": {
        "Beyond it": (
            "Compare it with the OOM killer: here a function returns an error, and the program decides what to do. At"
            " the next stop there is no function that could return an error."
        ),
    },
    "oom": {
        "Beyond it": (
            "It needs root or a delegated cgroup. Without either, show on the System screen (key 2) which process would"
            " be killed and why. The limit applies only to the lab's own cgroup, so no other process is in danger. Ask"
            " why the program got no error: which call would have returned it?"
        ),
    },
    "fragmentation": {
        "Holes": "Draw the 16 cells and have a student place the request. Then ask why the programs can't be moved.",
        "Five hundred requests": (
            "The point is that paging doesn't fail, not which rule wins: the order of the three depends on the"
            " requests, as the step “Another seed” shows."
        ),
        "Now with paging": (
            "Ask what that costs: a table lookup for each access, and the unused rest of the last page."
        ),
    },
    "address-spaces": {
        "The same address twice": (
            "Some will say that the second call fails, with good reason: in a single shared address space it would."
            " Point at both maps; `o` switches between the processes."
        ),
        "Different bytes": (
            "Ask where the address is translated: in the page table of the running process. What would have to be the"
            " same for both to read B? The lab “One page, several addresses” shows that."
        ),
    },
    "crash": {
        "Write through NULL": (
            "Have them predict the output as the shell prints it. Point at address 0 in the map: nothing is there. A"
            " fault in itself isn't an error; “Catch it, and mend it” shows one being resolved."
        ),
        "Write to memory that is read-only": (
            "One signal, two reasons: no region (MAPERR), or a region that forbids the access (ACCERR). A debugger"
            " shows which: `p $_siginfo` in gdb."
        ),
        "Use memory that was given back": (
            "Ask what happens if something else has been mapped there since: no one notices, and the wrong data is"
            " changed. A crash is the lucky case."
        ),
        "Run into a guard": (
            "Ask who would notice the overrun without the guard: whoever owns the next bytes, and much later."
        ),
        "Catch it, and mend it": (
            "This is the kernel's own trick, done by hand: the instruction runs again. Ask what would happen if the"
            " handler returned without fixing anything: the same fault forever."
        ),
    },
    "loading": {
        "The chapter's program": (
            "Have them add up the chapter's numbers before Enter. The offsets differ from the chapter's because whole"
            " pages are mapped: ask why code and data can't share one."
        ),
        "Load it": (
            "Two rows, one r-xp and one rw-p. Compute one address on the board: the number in the table plus the load"
            " bias."
        ),
        "Load it, and stop": "One number moves everything. Ask why the distance from code to data must stay the same.",
    },
    "aslr": {
        "Run it three times": (
            "Run `cat /proc/self/maps` twice in another terminal for the same effect. Ask whose life it makes harder,"
            " and what yesterday's core dump says about today's addresses: only the distances."
        ),
    },
    "mmap": {
        "Map 100 MiB": (
            "The central prediction of the chapter: ask for a show of hands. VSZ grows by 100 MiB, RSS hardly at all:"
            " the program only got a row in a table. That row may have merged with its neighbour, which then grew."
        ),
        "Give it back": (
            "Ask what the variable in the program holds now. The lab “The address that isn't allowed” uses such a"
            " pointer."
        ),
        "One byte more": "A page is the smallest thing a page table can describe. Counting in bytes is malloc's job.",
    },
    "page-tables": {
        "The first page": (
            "Split the address on the board: 9 + 9 + 9 + 9 + 12 bits. Three new tables for one page: have them name the"
            " levels."
        ),
        "Ten pages, 1 GiB apart": (
            "These ten pages cost 20 tables; next to each other they would have cost none. Locality pays even before"
            " caches come into it."
        ),
    },
    "demand-paging": {
        "Read before writing": (
            "1,000 faults and no memory: one page of zeroes is used for all. Ask who is allowed to write to it."
        ),
        "Write": (
            "1,000 bytes written, 4,000 kB used. Have them work out the factor. If there is time: why must the kernel"
            " fill the page with zeroes first? Whose bytes were in it?"
        ),
        "Once more": "No fault: the processor finds the page by itself. The kernel is no longer involved.",
    },
    "cow": {
        "Fork": (
            "Ask how much extra memory a shell of 100 MiB needs for a moment to start `ls`. PSS is the only column that"
            " adds up: RSS counts the shared pages twice."
        ),
        "The child writes": (
            "Each write to a shared page is one fault and one copy. Draw the two tables with one page, then with two."
        ),
        "Who sees what": "To both programs it looks as if fork had copied everything. That is the whole promise.",
    },
    "malloc": {
        "A large block": (
            "malloc is a function, mmap a system call; strace shows only the second. Ask why the pointer ends in 010."
        ),
        "Free all but the last": (
            "A classic at three in the morning: “I freed everything, and top still shows it”. The heap ends where its"
            " last block is."
        ),
        "Trim": "The heap keeps its size, but less of it is in memory. Its pages are gone, its addresses stay.",
    },
}


def note(lab: str, step: str) -> str:
    """Return the note on a step; "" if there is none."""
    return NOTES.get(lab, {}).get(step, "")
