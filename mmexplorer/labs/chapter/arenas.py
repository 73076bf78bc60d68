"""What malloc keeps: lists of free blocks, an arena per thread, and address space that isn't returned."""

from mmexplorer.labs.lab import MIB, Check, Choice, Lab, Need, Number, Remark, Step
from mmexplorer.labs.operations import end_threads, malloc_in_threads, reuse

_ARENA = 64 * MIB
_FEW, _MANY = 4, 12
_SMALL, _LARGE = 1000, 2000

LAB = Lab(
    name="arenas",
    title="What malloc keeps",
    row="16",
    learn=(
        "Threads get pools of 64 MiB of addresses; freed blocks wait in lists, and the last one freed is used first."
    ),
    order=92,
    address_space=4096 * MIB,
    promised=256 * MIB,
    needs=(Need.SMALL_PAGES, Need.GLIBC, Need.SIGINFO),
    steps=(
        Step(
            title="Three blocks, freed",
            text=(
                "The lab process allocates three blocks of 1,000 bytes, A, B and C, and frees A, then B, then C. glibc"
                " keeps them in a list of free blocks of this size. Then it allocates 1,000 bytes again."
            ),
            question=Choice(
                "Where is the new block?",
                ("where A was: it was freed first", "at none of these places", "where C was: it was freed last"),
                2,
                (
                    "A queue would do that, but the list is a stack.",
                    "Then freed memory would never be used again, and the program would only grow.",
                    "",
                ),
            ),
            operations=(reuse((_SMALL,) * 3, _SMALL),),
            checks=(Check("it is where C was", lambda f: f["reused"] == 3),),  # noqa: PLR2004 - the third
            explanation=(
                "It reuses block {reused:n} of the three. Free blocks of one size form a list, C -> B -> A. Each holds"
                " a pointer to the next in its own first bytes (scrambled since glibc 2.32), and [[malloc]] takes the"
                " first block, which is most likely to be still in the processor's caches. This is also why a program"
                " that uses a block after freeing it may see another block's data."
            ),
            fresh=True,
        ),
        Step(
            title="Two neighbours become one",
            text=(
                "Two blocks of 2,000 bytes, A and B, lie side by side and are freed. They are too large for the lists"
                " of small blocks. Then 4,000 bytes are allocated."
            ),
            question=Choice(
                "Where is the new block?",
                ("where A was, covering both", "after B: no hole is large enough", "where B was: it was freed last"),
                0,
                (
                    "",
                    "Neither alone is large enough, but free neighbours are joined.",
                    "B alone has only 2,000 bytes. Joined with A, the free block begins where A did.",
                ),
            ),
            operations=(reuse((_LARGE, _LARGE), 2 * _LARGE),),
            checks=(Check("it is where A was", lambda f: f["reused"] == 1),),
            explanation=(
                "Where A was. The 8 bytes before a block hold its size, so free can find the neighbours; two free"
                " neighbours become one. The two blocks begin {apart:bytes} apart, 16 more than was asked for. Without"
                " joining, a heap would end up in splinters: [[external fragmentation]]."
            ),
            fresh=True,
        ),
        Step(
            title="Four threads",
            text=(
                "A new process starts four threads, and each allocates 1,000 bytes. If all of them used one pool, they"
                " would have to wait for each other."
            ),
            question=Choice(
                "By how much does VmSize grow?",
                (
                    "by hundreds of MiB",
                    "by 4 kB: the blocks fit into a page",
                    "by 32 MiB: four stacks",
                ),
                0,
                (
                    "",
                    "The blocks would, but each thread gets its own stack and its own pool.",
                    "The stacks are part of it, but the pools are larger.",
                ),
            ),
            operations=(malloc_in_threads(_FEW, _SMALL),),
            checks=(
                Check("the four blocks lie in four arenas", lambda f: f["arenas"] == _FEW),
                Check("VmSize grew by 256 MiB or more", lambda f: f["vm_size_change"] >= _FEW * _ARENA),
                Check("RSS grew by less than 4 MiB", lambda f: f["rss_change"] < 4 * MIB),
            ),
            explanation=(
                "VmSize grew by {vm_size_change:MiB}, RSS by {rss_change:kB}. Each thread has its own arena, for which"
                " glibc reserves 64 MiB of addresses with [[PROT_NONE]], making parts usable as needed, and a stack of"
                " the size of RLIMIT_STACK. A large VmSize says nothing about memory in use."
            ),
            fresh=True,
        ),
        Step(
            title="They end",
            text="The four threads end.",
            question=Choice(
                "What happens to their arenas?",
                ("they are unmapped: 256 MiB less", "they stay, for the next threads", "they are joined with the heap"),
                1,
                (
                    "A block may outlive the thread that allocated it. These blocks were never freed.",
                    "",
                    "The heap of brk is one range of addresses, and an arena lies elsewhere.",
                ),
            ),
            operations=(end_threads(),),
            checks=(
                Check("no thread is left", lambda f: f["threads"] == 0),
                Check("VmSize shrank by less than 64 MiB", lambda f: f["vm_size_change"] > -_ARENA),
            ),
            explanation=(
                "VmSize changed by {vm_size_change:kB}. The arenas are kept, and glibc also keeps up to 40 MiB of"
                " stacks: both are ready for the next thread."
            ),
        ),
        Step(
            title="Four more",
            text="Four new threads start, and each allocates 1,000 bytes.",
            question=Number(
                "By how much does VmSize grow this time?", unit="MiB", figure="vm_size_change", scale=MIB, within=1
            ),
            operations=(malloc_in_threads(_FEW, _SMALL),),
            checks=(Check("VmSize grew by less than 64 MiB", lambda f: f["vm_size_change"] < _ARENA),),
            explanation=(
                "By {vm_size_change:kB}: arenas and stacks of the threads that ended are reused. This kind of growth"
                " depends on how many threads exist at once, not on how many were ever started."
            ),
        ),
        Step(
            title="Twelve threads",
            text="A new process starts twelve threads. glibc allows 8 arenas for each processor.",
            question=Number(
                "How many arenas hold their blocks?",
                unit="arenas",
                figure="arenas",
                guess=True,
            ),
            operations=(malloc_in_threads(_MANY, _SMALL),),
            checks=(
                Check("each lies in an arena of its own, or arenas are shared", lambda f: _FEW <= f["arenas"] <= _MANY),
                Check("VmSize grew by 256 MiB or more", lambda f: f["vm_size_change"] >= _FEW * _ARENA),
                Check("RSS grew by less than 8 MiB", lambda f: f["rss_change"] < 8 * MIB),
            ),
            explanation=(
                "In {arenas:n}; VmSize grew by {vm_size_change:MiB}, RSS by {rss_change:kB}. A container's memory limit"
                " doesn't count addresses, but ulimit -v does. MALLOC_ARENA_MAX sets how many arenas there may be."
            ),
            remarks=(
                Remark(
                    lambda f: f["arenas"] < _MANY,
                    "There are fewer arenas than threads: some threads share one and may have to wait for each other.",
                ),
            ),
            fresh=True,
        ),
    ),
)
