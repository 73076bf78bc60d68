"""Reading any file as a capture yields values or errors."""

from hypothesis import example, given
from hypothesis import strategies as st

from mmexplorer.kernel.capture.container.archive import Archive, open_archive
from mmexplorer.kernel.capture.container.tar_format import make_tar
from mmexplorer.kernel.capture.container.zip_format import local_record, pack
from mmexplorer.kernel.capture.core.file import read_core
from mmexplorer.kernel.capture.core.source import core_procfs
from mmexplorer.kernel.capture.record.recorder import MomentMaker
from mmexplorer.kernel.capture.replay import ReplayProcfs
from mmexplorer.kernel.capture.sources import core_source
from mmexplorer.kernel.elf.reader import Held
from mmexplorer.model.snapshot import AddressSpace
from mmexplorer.model.source import Request
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.parse.capture import manifest_json, moment_json
from mmexplorer.parse.process.maps import parse_maps
from mmexplorer.present.capture.core import core_lines
from mmexplorer.present.json.core import core_fields
from mmexplorer.present.json.maps import maps_document
from tests.support.captures import MANIFEST, clocks
from tests.support.specimens.core_bytes import (
    Load,
    Shape,
    auxv,
    core_bytes,
    mapped_files,
    note,
    prpsinfo,
    prstatus,
    siginfo,
)


def _specimen() -> dict[str, bytes]:
    maker = MomentMaker()
    files = {"manifest.json": manifest_json(MANIFEST)}
    for second in range(3):
        made = maker.make({"proc/7/stat": b"%d" % second, "link/7/exe": "/x", "list/": (7,)}, clocks(second), 0.0)
        files |= {f"{second:06}/{name}": content for name, content in made.contents.items()}
        files[f"{second:06}/moment.json"] = moment_json(made.moment)
    return files


_ZIP = b"".join(local_record(pack(name, content)) for name, content in _specimen().items())
_TAR = make_tar(_specimen())
_EDITS = st.lists(st.tuples(st.integers(0, 1 << 14), st.integers(0, 12), st.binary(max_size=12)), max_size=6)


def _edited(data: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    for at, cut, new in edits:
        place = at % len(data)
        data = data[:place] + new + data[place + cut :] or b"x"
    return data


def _use(data: bytes) -> None:
    archive = open_archive(Held(data))
    if isinstance(archive, Unavailable):
        assert archive.reason
        return
    assert isinstance(archive, Archive)
    for index in range(len(archive)):
        procfs = ReplayProcfs(archive, index)
        assert isinstance(procfs.read("7/stat"), bytes | Unavailable)
        assert isinstance(procfs.link("7/exe"), str | Unavailable)
        assert isinstance(procfs.numbers(), tuple)
        assert isinstance(procfs.exists("self/smaps"), bool)


@given(_EDITS)
def test_an_edited_zip(edits: list[tuple[int, int, bytes]]) -> None:
    _use(_edited(_ZIP, edits))


@given(_EDITS)
def test_an_edited_tar(edits: list[tuple[int, int, bytes]]) -> None:
    _use(_edited(_TAR, edits))


@given(st.sampled_from(sorted(_specimen())), _EDITS)
def test_an_edited_file_inside_a_sound_container(name: str, edits: list[tuple[int, int, bytes]]) -> None:
    files = _specimen()
    files[name] = _edited(files[name], edits)
    _use(b"".join(local_record(pack(each, content)) for each, content in files.items()))


_SHAPE = Shape()
_CORE = core_bytes(
    _SHAPE,
    [Load(0x400000, 0x2000, 5, b"x" * 64), Load(0x7FFF0000, 0x3000)],
    [
        note(_SHAPE, 1, prstatus(_SHAPE, 42, range(27))),
        note(_SHAPE, 3, prpsinfo(_SHAPE, 42, b"crash", b"./crash ")),
        note(_SHAPE, 0x53494749, siginfo(_SHAPE, 11, 1, 0x10)),
        note(_SHAPE, 6, auxv(_SHAPE, (6, 4096), (9, 0x400000))),
        note(_SHAPE, 0x46494C45, mapped_files(_SHAPE, (0x400000, 0x402000, 0, b"/x"))),
    ],
)


@given(_EDITS)
@example([(12949, 1, b"")])
def test_an_edited_core(edits: list[tuple[int, int, bytes]]) -> None:
    data = _edited(_CORE, edits)
    core = read_core(Held(data))
    if isinstance(core, Unavailable):
        return
    procfs = core_procfs(core)
    (pid,) = procfs.numbers()
    maps = procfs.read(f"{pid}/maps")
    assert isinstance(maps, bytes)
    assert not parse_maps(maps).errors
    space = core_source(core, Held(data)).address_space(pid, Request(counters_now=True))
    assert isinstance(space, AddressSpace)
    "".join(maps_document(space, core.page_size, "core", 0.0, core_fields(core, space)))
    assert list(core_lines(core, space))
