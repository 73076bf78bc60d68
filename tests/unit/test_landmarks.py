"""Where the parts of an address space are, and the tables that show them for several processes."""

from mmexplorer.labs.landmarks import Landmark, landmarks, shape
from mmexplorer.labs.measurement import Measurement
from mmexplorer.labs.step_figures import of_several, same_frames
from mmexplorer.model.region import Range, Region, Usage
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.labs.processes import process_lines
from tests.support.regions import region_of

GONE = Unavailable(Cause.GONE, "the process has ended")


def region(start: int, end: int, path: str, *, inode: int = 0, perms: str = "r--p") -> Region:
    return region_of(start, end, perms, 0, "fe:00", inode, path)


def space(at: int, stack_end: int = 0x9000) -> tuple[Region, ...]:
    return (
        region(at, at + 0x1000, "/bin/cat", inode=1),
        region(at + 0x1000, at + 0x2000, "/bin/cat", inode=1, perms="r-xp"),
        region(at + 0x2000, at + 0x3000, "[heap]"),
        region(0x7000, 0x7800, "/lib/libc.so.6", inode=2),
        region(0x8000, stack_end, "[stack]"),
        region(0xA000, 0xB000, "[vdso]"),
    )


def measured(at: int, stack_end: int = 0x9000) -> Measurement:
    return Measurement(space(at, stack_end), {})


def test_a_stack_is_known_by_its_end_and_the_rest_by_its_start() -> None:
    assert landmarks(space(0x1000)) == {
        Landmark.PROGRAM: 0x1000, Landmark.HEAP: 0x3000, Landmark.LIBRARY: 0x7000, Landmark.STACK: 0x9000,
        Landmark.VDSO: 0xA000,
    }  # fmt: skip


def test_a_program_without_libraries_and_a_map_without_anything() -> None:
    static = (region(0x1000, 0x2000, "/bin/busybox", inode=1),)
    assert landmarks(static) == {Landmark.PROGRAM: 0x1000}
    assert landmarks(()) == {}
    assert shape(()) == ()
    anonymous = region(0x1000, 0x2000, "/dev/zero", inode=5)
    assert landmarks((region(0x500, 0x600, "anon_inode:[x]", inode=9), anonymous)) == {Landmark.PROGRAM: 0x1000}


def test_a_shape_is_counted_from_the_programs_start() -> None:
    assert shape(space(0x1000)) == ((Range(0, 0x1000), "r--p"), (Range(0x1000, 0x2000), "r-xp"))
    assert shape(space(0x1000)) == shape(space(0x3000))


def test_several_maps_are_compared_place_by_place() -> None:
    figures = dict(of_several({"first": measured(0x1000), "second": measured(0x3000, 0x9800), "third": GONE}))
    assert figures["first_program_at"] == 0x1000
    assert figures["second_stack_at"] == 0x9800
    compared = {name: value for name, value in figures.items() if name.startswith("distinct")}
    assert compared == {
        "distinct_program": 2, "distinct_heap": 2, "distinct_library": 1, "distinct_stack": 2, "distinct_vdso": 1,
        "distinct_shapes": 1,
    }  # fmt: skip


def test_a_place_that_one_of_them_lacks_is_not_compared() -> None:
    without_heap = Measurement(tuple(each for each in space(0x1000) if each.path != "[heap]"), {})
    figures = dict(of_several({"first": measured(0x1000), "second": without_heap}))
    assert "distinct_heap" not in figures
    assert "second_heap_at" not in figures


def test_frames_are_compared_where_both_are_known_and_a_page_that_is_not_there_is_none() -> None:
    one = Measurement((), {}, frames=(7, 8, 0, 10))
    assert dict(same_frames(one, Measurement((), {}, frames=(7, 9, 0, 10)))) == {"same_frames": 2}
    assert dict(same_frames(one, Measurement((), {}, frames=None))) == {}


def test_places_stand_side_by_side() -> None:
    own = Measurement((), {}, others={"first": measured(0x1000), "second": measured(0x3000)})
    assert list(process_lines(own)) == [
        "PROCESS PROGRAM  HEAP     LIBRARIES STACK    VDSO",
        "first   00001000 00003000 00007000  00009000 0000a000",
        "second  00003000 00005000 00007000  00009000 0000a000",
    ]


def test_who_shares_a_range_is_told_in_kilobytes_and_a_missing_counter_is_a_dash() -> None:
    names = ("Rss", "Pss", "Shared_Clean", "Shared_Dirty")
    usage = Usage({name: place for place, name in enumerate(names)}, (8192, 4096, 0, 8192), None)
    own = Measurement((), {}, usage=usage, others={"child": measured(0x1000)})
    assert list(process_lines(own)) == [
        "THE RANGE IN  RSS  PSS SHARED PRIVATE",
        "lab process  8 kB 4 kB   8 kB       —",
        "child           —    —      —       —",
    ]


def test_one_process_alone_and_one_that_is_gone_have_no_table() -> None:
    assert list(process_lines(Measurement((), {}))) == []
    assert list(process_lines(GONE)) == []
    assert list(process_lines(Measurement((), {}, others={"child": GONE}))) == []
