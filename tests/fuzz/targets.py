"""The fuzz targets: functions of any bytes, each of which must yield a value or an error, never an exception."""

from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import Any

from mmexplorer.kernel.capture.container.archive import open_archive
from mmexplorer.kernel.capture.core.file import read_core
from mmexplorer.kernel.elf.dynamic import read_dynamic, read_hardening
from mmexplorer.kernel.elf.reader import Held, Wanted, read_elf
from mmexplorer.kernel.elf.symbols import read_symbols
from mmexplorer.kernel.lab.replies import answered, bytes_wanted, fault_of, unanswered, understood
from mmexplorer.labs.operations import mmap
from mmexplorer.model.address import parse_address
from mmexplorer.model.amount import parse_size
from mmexplorer.model.elf.image import ElfImage
from mmexplorer.model.elf.layout import Layout
from mmexplorer.model.query import parse_query
from mmexplorer.model.system.available import available_terms
from mmexplorer.model.system.memory import composition, free
from mmexplorer.model.system.sar import UsedFormula, memory_row, swap_row
from mmexplorer.parse.capture import parse_manifest, parse_moment
from mmexplorer.parse.kmsg import parse_kills
from mmexplorer.parse.pasted import parse_pasted
from mmexplorer.parse.process.auxv import parse_auxv
from mmexplorer.parse.process.maps import parse_maps
from mmexplorer.parse.process.pagemap import parse_frames, parse_scanned
from mmexplorer.parse.process.smaps import header_lines, parse_rollup, parse_smaps
from mmexplorer.parse.process.stat import parse_stat
from mmexplorer.parse.process.statm import parse_statm
from mmexplorer.parse.process.status import parse_cmdline, parse_status
from mmexplorer.parse.process.syscall import parse_pointers
from mmexplorer.parse.system.cgroup import parse_hierarchies, parse_limit, parse_memory_path
from mmexplorer.parse.system.flat_keyed import parse_flat_keyed
from mmexplorer.parse.system.meminfo import parse_meminfo
from mmexplorer.parse.system.pressure import parse_pressure
from mmexplorer.parse.system.swaps import parse_swaps
from mmexplorer.parse.system.sysctl import parse_integer
from mmexplorer.parse.system.vmstat import parse_vmstat
from mmexplorer.parse.system.zoneinfo import parse_zoneinfo
from mmexplorer.present.elf.plain import image_lines
from mmexplorer.present.explore.processes import PROCESS_FIELDS
from mmexplorer.present.json.document import document
from mmexplorer.present.json.elf import image_json
from mmexplorer.present.region.fields import REGION_FIELDS
from mmexplorer.present.system.memory_bar import composition_lines
from mmexplorer.present.text.clean import clean
from mmexplorer.present.text.line import plain
from mmexplorer.present.text.width import cell_width, writable
from tests.support.regions import region_of

_REGIONS = (
    region_of(0x1000, 0x3000, "r-xp", 0, "fe:00", 7, "/usr/bin/it"),
    region_of(0x5000, 0x9000, "rw-p", 0, "00:00", 0, "[heap]"),
)
_FILES = (
    parse_auxv, parse_manifest, parse_moment, parse_hierarchies, parse_limit, parse_memory_path, parse_flat_keyed,
    parse_frames, parse_pressure, parse_rollup, parse_stat, parse_cmdline, parse_swaps, parse_pointers,
    parse_integer, parse_vmstat, parse_zoneinfo,
)  # fmt: skip


def proc_files(data: bytes) -> None:
    """Parse the small files of /proc and of cgroups."""
    parse: Callable[[bytes], Any]
    for parse in _FILES:
        parse(data)
    parse_statm(data, 4096)
    parse_scanned(data[: len(data) // 24 * 24])
    status = parse_status(data)
    for name in status.fields:
        status.number(name)
        status.size(name)


def maps(data: bytes) -> None:
    """Parse maps and smaps, and parse them again with the previous result."""
    reading = parse_maps(data)
    assert parse_maps(data, reading).regions == reading.regions
    regions = reading.regions
    assert all(one.end <= other.start for one, other in pairwise(regions))
    for usage in parse_smaps(data).values():
        assert all(usage.get(name) == count for name, count in usage)
    parse_maps(header_lines(data))


def pasted(data: bytes) -> None:
    """Parse a pasted text."""
    for process in parse_pasted(data).processes:
        assert not parse_maps(process.maps).errors


def meminfo(data: bytes) -> None:
    """Parse meminfo, and compute everything derived from it: no figure is below 0."""
    fields = parse_meminfo(data)
    available_terms(fields, (), 4096)
    tables: Iterable[Any] = (
        free(fields),
        composition(fields),
        swap_row(fields),
        memory_row(fields, UsedFormula.CACHES),
    )
    figures = [getattr(table, name) for table in tables for name in table.__dataclass_fields__]
    assert all(figure >= 0 for figure in figures if isinstance(figure, int | float))
    assert all(plain(line).isprintable() for line in composition_lines(fields, 80, 6))


def kernel_log(data: bytes) -> None:
    """Parse records of the kernel log, one per line."""
    parse_kills(b"6,%d,1,-;%s\n" % (number, line) for number, line in enumerate(data.split(b"\n")))
    parse_kills([data])


def elf(data: bytes) -> None:
    """Parse an ELF file: headers, sections, the dynamic table, symbols, and print them."""
    content = Held(data)
    image = read_elf(content, Wanted("x", "path", sections=True))
    if isinstance(image, ElfImage):
        read_dynamic(content, image)
        read_hardening(content, image)
        read_symbols(content, image, "/nowhere")
        document("elf", image_json(image, 4096))
        assert all(plain(line).isprintable() for line in image_lines(image, None, 4096))


def captures(data: bytes) -> None:
    """Parse a core file or an archive."""
    read_core(Held(data))
    open_archive(Held(data))


def expressions(data: bytes) -> None:
    """Parse what a user types: filters, addresses, sizes."""
    text = data.decode("utf-8", "surrogateescape")
    parse_query(text, REGION_FIELDS)
    parse_query(text, PROCESS_FIELDS)
    parse_address(text, _REGIONS, Layout())
    parse_size(text)


def lab_replies(data: bytes) -> None:
    """Parse lines that a lab process might send."""
    operation = mmap("it", 4096)
    for line in data.split(b"\n"):
        message = understood(line)
        if message is None:
            continue
        fault = fault_of(message["signal"]) if "signal" in message else None
        if "errno" in message:
            answered(message, operation, fault, "", bytes_wanted(operation))
        else:
            unanswered(message if "doing" in message else {}, fault, "", "was ended")


def texts(data: bytes) -> None:
    """Clean names on their way to a terminal."""
    cleaned = clean(data.decode("utf-8", "surrogateescape"))
    assert clean(cleaned) == cleaned
    written = writable(cleaned, "ascii")
    assert cell_width(written) == cell_width(cleaned)
    assert written.isascii()


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    each.__name__: each
    for each in (
        proc_files, maps, pasted, meminfo, kernel_log, elf, captures, expressions, lab_replies, texts,
    )
}  # fmt: skip
