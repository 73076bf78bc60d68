"""From a program's ELF table to its map: the chapter's program, and then a real one."""

from mmexplorer.labs.lab import Check, Choice, Lab, Need, Number, Remark, Step
from mmexplorer.labs.operations import go_on, make_program, program, ready, run

_CODE, _DATA = 100, 200
_PAGE = 4096

_ALL_IN_PLACE = Check(
    "every LOAD lies where the table and the load bias put it", lambda f: f["loads_in_place"] == f["loads"]
)
_ENTRY_IN_PLACE = Check("AT_ENTRY is the entry point plus the load bias", lambda f: f["entry_moved"] == f["load_bias"])
_EXPLAINED = Check("every region of an ELF file is accounted for by its table", lambda f: f["regions_unexplained"] == 0)

LAB = Lab(
    name="loading",
    title="How a program is loaded",
    row="12, 13",
    learn="A program file says where its parts should go; the kernel maps them there and jumps to the entry point.",
    order=60,
    address_space=1 << 20,
    needs=(Need.SMALL_PAGES, Need.ELF64, Need.LINKED_CAT, Need.HELD),
    instead="mmap",
    steps=(
        Step(
            title="The chapter's program",
            text=(
                "An executable file has a table near its beginning. The chapter's example: code at file offset 100, 100"
                " bytes long, mapped at address 0; data at file offset 200, 200 bytes long, mapped at address 100;"
                " [[entry point]] 0. The lab process now writes such a program file, with 100 bytes of code and 200"
                " bytes of data, and we read its table as the kernel would."
            ),
            question=Number(
                "How much memory does it need, according to its table?", unit="bytes", figure="memory_needed"
            ),
            operations=(make_program("chapter", code=_CODE, data=_DATA),),
            checks=(
                Check("code is 100 bytes", lambda f: f["code_size"] == _CODE),
                Check("data is 200 bytes", lambda f: f["data_size"] == _DATA),
                Check("memory needed is 300 bytes", lambda f: f["memory_needed"] == _CODE + _DATA),
            ),
            explanation=(
                "100 + 200 = {memory_needed:n} bytes. This is an [[ELF]] file, and its table has two [[LOAD]] entries:"
                " code at file offset {code_offset:hex}, {code_size:n} bytes, for address {code_address:hex}; data at"
                " file offset {data_offset:hex}, {data_size:n} bytes, for address {data_address:hex}; entry point"
                " {entry:hex}. The offsets and addresses are not the chapter's 100 and 200: memory is mapped in whole"
                " pages, so code and data each need a page of their own, in the file and in memory."
            ),
            program="chapter",
        ),
        Step(
            title="Load it",
            text=(
                "Now the lab process has the kernel run that program, with [[execve]]. The new process is stopped"
                " before its first instruction, so that we see exactly what the kernel has loaded."
            ),
            question=Number(
                "How much of its map comes from the file?", unit="kB", figure="bytes_of_program", scale=1024
            ),
            operations=(run("chapter", "program", stop=True),),
            checks=(
                Check("two regions of the file", lambda f: f["regions_of_program"] == 2),  # noqa: PLR2004 - as in the words
                Check("8 kB of the map come from it", lambda f: f["bytes_of_program"] == 2 * _PAGE),
                Check(
                    "the sum from the table, in whole pages, is the same", lambda f: f["memory_in_pages"] == 2 * _PAGE
                ),
                _ALL_IN_PLACE,
                _ENTRY_IN_PLACE,
            ),
            explanation=(
                "{memory_needed:n} bytes have become {memory_in_pages:kB}: a page for the code, a page for the data,"
                " with different permissions. They lie at {load_bias:hex} + {code_address:hex} and {load_bias:hex} +"
                " {data_address:hex}; the first number is the [[load bias]], which the kernel chose and adds to every"
                " address in the table, including the entry point: {entry_at:hex}. Nothing lies at address 0 itself:"
                " [[mmap_min_addr]]. The rest of the {program_vm_size:kB} of this process is its stack and a few pages"
                " that the kernel maps into every process."
            ),
            program="program",
        ),
        Step(
            title="A real program: its table",
            text="Now a program that every system has: cat. Nothing is run yet; we only read the table in its file.",
            question=Choice(
                "What address does the table give for the code?",
                ("the address where it will be", "a small number: the real address is decided later"),
                lambda f: 1 if f["movable"] == 1 else 0,
                (
                    "Its addresses begin near 0: the file can be moved, and its place is chosen when it is run.",
                    "This file's table has final addresses: it is of type EXEC.",
                ),
            ),
            operations=(program("cat"),),
            checks=(
                Check("it has code and data", lambda f: f["code_size"] > 0 and f["data_size"] > 0),
                Check(
                    "the entry point is an address in the code",
                    lambda f: 0 <= f["entry"] - f["code_address"] < f["code_size"],
                ),
            ),
            explanation=(
                "Code: file offset {code_offset:hex}, {code_size:n} bytes, for address {code_address:hex}. Data: file"
                " offset {data_offset:hex}, {data_size:n} bytes, for address {data_address:hex}. Entry point:"
                " {entry:hex}. It has {loads:n} [[LOAD]] entries, because read-only data has one of its own too."
                " Together they need {memory_needed:n} bytes."
            ),
            remarks=(
                Remark(lambda f: f["movable"] == 1, "Its type is DYN: it can be loaded anywhere."),
                Remark(lambda f: f["movable"] == 0, "Its type is EXEC: it runs only at these addresses."),
            ),
            program="cat",
            fresh=True,
        ),
        Step(
            title="Load it, and stop",
            text=(
                "cat is run and stopped before its first instruction. From the table you know where its parts should go"
                " and how far apart they are."
            ),
            question=Choice(
                "Where is the entry point now?",
                (
                    "exactly where the table says",
                    "anywhere: only the dynamic linker knows",
                    "where the table says, plus a number that is the same for code, data and entry point",
                ),
                lambda f: 2 if f["load_bias"] else 0,
                (
                    "It was moved as a whole when it was run, everything by the same number.",
                    "The kernel knows too: it passes that address to the program in the auxiliary vector (AT_ENTRY).",
                    "This file can't be moved: its addresses are final.",
                ),
            ),
            operations=(run("cat", "program", stop=True),),
            checks=(
                _ALL_IN_PLACE,
                _ENTRY_IN_PLACE,
                _EXPLAINED,
            ),
            explanation=(
                "At {entry_at:hex} = {entry:hex} + {load_bias:hex}. All {loads:n} LOADs are in place: the address and"
                " the file offset of each page in the map were checked against the table."
            ),
            remarks=(
                Remark(
                    lambda f: f["elf_files"] > 1,
                    (
                        "There is a second file in the map, the [[dynamic linker]]: the program's table names it, so"
                        " the kernel loaded it too and will jump to it first."
                    ),
                ),
            ),
            program="program",
        ),
        Step(
            title="How much it takes",
            text=(
                "It is still stopped. According to its table cat needs the bytes that you saw two steps ago. In the map"
                " each [[LOAD]] takes whole pages."
            ),
            question=Number(
                "How much of the map do its LOADs take?",
                unit="kB",
                figure="bytes_of_loads",
                scale=1024,
                within=4,
                guess=True,
            ),
            operations=(ready(),),
            checks=(
                Check(
                    "the map has what the table asks for, in whole pages",
                    lambda f: f["bytes_of_loads"] == f["memory_in_pages"],
                ),
                Check(
                    "that is at least the sum of the sizes",
                    lambda f: f["bytes_of_loads"] >= f["memory_needed"],
                ),
                Check(
                    "and less than two extra pages for each LOAD",
                    lambda f: f["bytes_of_loads"] < f["memory_needed"] + 2 * _PAGE * f["loads"],
                ),
            ),
            explanation=(
                "{bytes_of_loads:kB} for {memory_needed:n} bytes: {loads:n} LOADs, each rounded outward to pages of 4"
                " kB. The chapter's sum of code and data leaves out the rounding, which adds less than two pages for"
                " each part, and the LOADs that are neither code nor data."
            ),
            program="program",
        ),
        Step(
            title="Let it run",
            text=(
                "The process goes on until it waits for something to read. Look at its map: its libraries have been"
                " mapped by now."
            ),
            question=Choice(
                "Who mapped them?",
                (
                    "the kernel, when it ran the program",
                    "the process itself, with mmap: the dynamic linker is part of it",
                ),
                1,
                ("The kernel maps only the program and its dynamic linker.", ""),
            ),
            operations=(go_on("program"),),
            checks=(
                Check("the map has more regions than before", lambda f: f["program_regions_change"] > 0),
                _ENTRY_IN_PLACE,
                _ALL_IN_PLACE,
                _EXPLAINED,
            ),
            explanation=(
                "The map grew from what the table asks for, {memory_in_pages:kB}, to {program_vm_size:kB} in"
                " {program_regions:n} regions. {regions_of_elf_files:n} of them come from {elf_files:n} ELF files, and"
                " each is where the table of its file puts it. Of all this, {program_rss:kB} are in memory: loading"
                " only maps a file, and its pages arrive when they are used."
            ),
            remarks=(
                Remark(
                    lambda f: f["regions_of_program"] > f["loads"],
                    (
                        "The program's own {loads:n} LOADs have become {regions_of_program:n} regions: after filling in"
                        " the addresses, the dynamic linker made part of the data read-only (RELRO)."
                    ),
                ),
            ),
            program="program",
        ),
    ),
)
