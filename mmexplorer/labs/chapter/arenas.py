"""What malloc keeps: a pool for every thread, lists of what was freed, and addresses that stay."""

from mmexplorer.labs.lab import MIB, Check, Choice, Lab, Need, Number, Remark, Step
from mmexplorer.labs.operations import end_threads, malloc_in_threads, reuse

_ARENA = 64 * MIB
_FEW, _MANY = 4, 12
_SMALL, _LARGE = 1000, 2000

LAB = Lab(
    name="arenas",
    title="What malloc keeps",
    row="16",
    learn="Each thread gets a pool with 64 MiB of addresses; what is freed waits in lists, the last one first.",
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
                "At whose place does the new block lie?",
                ("at A's: it was freed first", "at none of them", "at C's: it was freed last"),
                2,
                (
                    "A queue would do so; the list is a stack.",
                    "Then memory would never be used again, and a program would only grow.",
                    "",
                ),
            ),
            operations=(reuse((_SMALL,) * 3, _SMALL),),
            checks=(Check("it lies where C was", lambda f: f["reused"] == 3),),  # noqa: PLR2004 - the third
            explanation=(
                "Block {reused:n} of the three. Free blocks of one size hang in a list, C -> B -> A, each holding the"
                " address of the next in its own first bytes, and [[malloc]] takes the first: it is the one whose bytes"
                " the processor's caches still know. It is also why using a block after free shows another's data."
            ),
            fresh=True,
        ),
        Step(
            title="Two neighbours become one",
            text=(
                "Two blocks of 2,000 bytes, A and B, lie side by side and are freed. They are too large for the small"
                " lists. Then 4,000 bytes are allocated."
            ),
            question=Choice(
                "Where does the new block lie?",
                ("at A's place, over both", "behind B: no hole is large enough", "at B's place: it was freed last"),
                0,
                (
                    "",
                    "Neither alone would be, but free neighbours are joined.",
                    "B alone has 2,000 bytes: joined with A it begins where A did.",
                ),
            ),
            operations=(reuse((_LARGE, _LARGE), 2 * _LARGE),),
            checks=(Check("it lies where A was", lambda f: f["reused"] == 1),),
            explanation=(
                "At A's place. Every block has its size in the 8 bytes before it, and so free finds its neighbours; two"
                " that are free become one. From one block to the next it was {apart:bytes}, 16 more than was asked"
                " for. Without this a heap would end in splinters: [[external fragmentation]]."
            ),
            fresh=True,
        ),
        Step(
            title="Four threads",
            text=(
                "A new process starts four threads, and each allocates 1,000 bytes. If all of them took from one pool,"
                " each would have to wait for the others."
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
                    "The blocks would: but each thread gets a stack and a pool of its own.",
                    "The stacks are in it; the pools are larger.",
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
                " glibc reserves 64 MiB of addresses with [[PROT_NONE]] and makes usable what is needed, and a stack of"
                " the size of RLIMIT_STACK. A large VmSize says nothing of memory."
            ),
            fresh=True,
        ),
        Step(
            title="They end",
            text="The four threads end.",
            question=Choice(
                "What becomes of their arenas?",
                ("they are unmapped: 256 MiB less", "they stay, for the next threads", "they are joined with the heap"),
                1,
                (
                    "A block may outlive the thread that allocated it: this one was never freed.",
                    "",
                    "The heap of brk is one piece of addresses; an arena lies elsewhere.",
                ),
            ),
            operations=(end_threads(),),
            checks=(
                Check("no thread is left", lambda f: f["threads"] == 0),
                Check("VmSize shrank by less than 64 MiB", lambda f: f["vm_size_change"] > -_ARENA),
            ),
            explanation=(
                "VmSize changed by {vm_size_change:kB}. The arenas are kept, and glibc keeps up to 40 MiB of stacks as"
                " well: the next thread finds both ready."
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
                "By {vm_size_change:MiB}: arenas and stacks of the threads that ended are used again. Such growth"
                " follows the most threads that there were at once, not how many were ever started."
            ),
        ),
        Step(
            title="Twelve threads",
            text="A new process starts twelve threads. There may be 8 arenas for each processor.",
            question=Number(
                "How many arenas do their blocks lie in?",
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
                "In {arenas:n}; VmSize grew by {vm_size_change:MiB}, RSS by {rss_change:kB}. A container's limit on"
                " memory doesn't count addresses, ulimit -v does; MALLOC_ARENA_MAX sets how many arenas there may be."
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
