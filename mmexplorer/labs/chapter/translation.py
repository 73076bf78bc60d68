"""Address translation: segments, one table, two levels, and the TLB that makes them fast."""

from mmexplorer.labs.lab import Check, Choice, Lab, Number, Step
from mmexplorer.labs.operations import segment, tables, tlb
from mmexplorer.labs.protocol import Operation
from mmexplorer.labs.simulated.translation import TranslationSimulator

_THREE_PLACES = "08048000 08049000 bffff000"
_FAR_APART = " ".join(f"{number << 22:08x}" for number in range(1, 11))
_ROWS, _COLUMNS = 8, 1024
_BY_ROWS = tuple(row for row in range(_ROWS) for _ in range(_COLUMNS))
_BY_COLUMNS = tuple(row for _ in range(_COLUMNS) for row in range(_ROWS))
_TLB = 4


def _own(digits: int) -> tuple[Operation, ...]:
    return (tlb(tuple(int(digit) for digit in str(abs(digits))[:30]), _TLB),)


LAB = Lab(
    name="translation",
    title="From an address to memory",
    row="10, 13, 14",
    learn="Levels keep tables small where addresses are unused; the extra accesses they cost are saved by the TLB.",
    order=73,
    address_space=0,
    simulator=TranslationSimulator,
    steps=(
        Step(
            title="Segments",
            text=(
                "The simplest translation: a program has a few segments, each with a base, its place in memory, and a"
                " limit, its size. An address is a segment and an offset in it. The segment data has base 5,000 and"
                " limit 1,200."
            ),
            question=Number("Where in memory is offset 300 of data?", unit="", figure="physical"),
            operations=(segment("data", 300),),
            checks=(Check("it is at 5,300", lambda f: f["physical"] == 5300),),  # noqa: PLR2004 - as in the words
            explanation=(
                "At {physical:n}: base plus offset. The program knows only the offset, so it can be moved. For the same"
                " reason the code in the chapter's table starts at 0."
            ),
        ),
        Step(
            title="Beyond the limit",
            text="The program uses offset 1,300 of the same segment.",
            question=Choice(
                "What happens?",
                (
                    "it uses 6,300, which may belong to another program",
                    "the processor raises an exception",
                    "it uses 5,100: the offset wraps around",
                ),
                1,
                (
                    "The limit prevents that: it is checked before the base is added.",
                    "",
                    "Offsets don't wrap around: an offset beyond the limit is an error.",
                ),
            ),
            operations=(segment("data", 1300),),
            checks=(Check("the access is a fault", lambda f: f["segment_fault"] == 1),),
            explanation=(
                "This is where the term “segmentation fault” comes from. A segment has to be contiguous, so memory ends"
                " up with holes of different sizes: [[external fragmentation]], the subject of the lab “Free but"
                " unusable”."
            ),
        ),
        Step(
            title="One table for all pages",
            text=(
                "Pages of 4 kB instead: an address of 32 bits is 20 bits for the [[page]] and 12 for the byte in it. A"
                " table has one entry of 4 bytes for every page number, and every process has its own."
            ),
            question=Number("How large is that table?", unit="kB", figure="one_level", scale=1024),
            operations=(tables(_THREE_PLACES),),
            checks=(Check("it is 4,096 kB", lambda f: f["one_level"] == 4 << 20),),
            explanation=(
                "{one_level:kB}: 1,048,576 entries, for a program that uses {pages:n} pages. With addresses of 48 bits"
                " and entries of 8 bytes it would be 512 GiB for each process."
            ),
        ),
        Step(
            title="Two levels",
            text=(
                "Now the 20 bits are split into 10 and 10: the first ten select an entry of the directory, which leads"
                " to a table; the next ten select an entry of that table. Directory and table have 1,024 entries each,"
                " 4 kB. The program uses two pages side by side at 0x08048000 and one at 0xbffff000."
            ),
            question=Number("How many kB of tables does it need?", unit="kB", figure="two_levels", scale=1024),
            operations=(tables(_THREE_PLACES),),
            checks=(Check("it is 12 kB", lambda f: f["two_levels"] == 3 * 4096),),
            explanation=(
                "{two_levels:kB}: the directory, one table for both pages at the bottom, and one for the page at the"
                " top. Unused parts of the address space need no tables. The lab “The tables behind a page” shows the"
                " same with four levels."
            ),
        ),
        Step(
            title="Ten pages far apart",
            text="Another program uses ten pages, each 4 MiB from the next.",
            question=Choice(
                "How much memory do its tables need?",
                ("8 kB: a directory and a table", "4,096 kB, as with one level", "44 kB: more than its pages"),
                2,
                (
                    "A table covers 4 MiB, so ten pages 4 MiB apart need ten of them.",
                    "It would if it used a page in each of the 1,024 blocks of 4 MiB.",
                    "",
                ),
            ),
            operations=(tables(_FAR_APART),),
            checks=(Check("it is 44 kB", lambda f: f["two_levels"] == 11 * 4096),),
            explanation=(
                "{two_levels:kB} of tables for {pages:n} pages of 4 kB. Levels are cheap for memory that lies together,"
                " as most memory does."
            ),
        ),
        Step(
            title="What a level costs",
            text=(
                "The tables are in memory too. For each reference the processor first has to read an entry of the"
                " directory, then one of the table. The program reads one number, once."
            ),
            question=Number(
                "How many accesses to memory does this one reference take?", unit="accesses", figure="memory_accesses"
            ),
            operations=(tlb((1,), _TLB),),
            checks=(Check("3 accesses", lambda f: f["memory_accesses"] == 3),),  # noqa: PLR2004 - as in the words
            explanation=(
                "{memory_accesses:n}: with four levels it would be five. That would make memory three to five times as"
                " slow, so the processor keeps recent translations in the TLB, the translation lookaside buffer."
            ),
        ),
        Step(
            title="Row by row",
            text=(
                "This TLB has 4 entries; when it is full, the entry that was used longest ago goes. A program reads a"
                " matrix of 8 rows, each one page of 1,024 numbers, row by row: 8,192 references."
            ),
            question=Number("How many of them does the TLB miss?", unit="misses", figure="tlb_misses"),
            operations=(tlb(_BY_ROWS, _TLB),),
            checks=(Check("8 misses", lambda f: f["tlb_misses"] == _ROWS),),
            explanation=(
                "{tlb_misses:n}, one for each page; all other references cost a single access. That makes"
                " {memory_accesses:n} accesses in all; without a TLB it would be three times {references:n}."
            ),
        ),
        Step(
            title="Column by column",
            text=(
                "The same matrix and the same numbers, but column by column: each reference is in a different row from"
                " the last."
            ),
            question=Choice(
                "How many of the 8,192 references miss now?",
                ("all of them", "half: 4 of the 8 rows fit", "8 again: there are only 8 pages"),
                0,
                (
                    "",
                    "With 8 rows in turn and 4 entries, the row needed next was always evicted four references ago.",
                    "There are 8, but a TLB of 4 entries has lost each of them before it is needed again.",
                ),
            ),
            operations=(tlb(_BY_COLUMNS, _TLB),),
            checks=(Check("8,192 misses", lambda f: f["tlb_misses"] == f["references"]),),
            explanation=(
                "{tlb_misses:n}: {memory_accesses:n} accesses for the same work. The order in which a program uses its"
                " memory can cost more than what it computes. A [[huge page]] needs only one entry for 512 pages."
            ),
        ),
        Step(
            title="References of your own",
            text="One number with up to 20 digits, each of them a page, with a TLB of 4 entries: 1213141 for example.",
            question=Number("Which digits?", unit="", figure=""),
            operations=_own(1213141512),
            own=_own,
            checks=(Check("no more misses than references", lambda f: f["tlb_misses"] <= f["references"]),),
            explanation="References: {references:n}, misses: {tlb_misses:n}, accesses to memory: {memory_accesses:n}.",
        ),
    ),
)
