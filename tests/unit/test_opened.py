"""What the explorer says about an opened file, and the place of a signal's address on the strip."""

from mmexplorer.model.region import Range, RegionKind
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.capture.opened import OpenedFile, opened_capture, opened_text
from mmexplorer.present.region.address_strip import Extent, scale, strip_line, with_fault
from mmexplorer.present.text.header import RefreshStatus, header
from mmexplorer.present.text.line import Tone, plain

EXTENTS = (Extent(Range(0x1000, 0x5000), RegionKind.CODE), Extent(Range(0x9000, 0xD000), RegionKind.HEAP))
MODES = (("1", "Explore"),)


def test_a_fault_inside_a_region_is_marked_on_its_cell() -> None:
    cells = with_fault(scale(EXTENTS, 40), 0x9000)
    [marked] = [cell for cell in cells if cell.char == "✖"]
    assert marked.range.start == 0x9000
    assert (marked.kind, marked.tone) == (RegionKind.HEAP, Tone.ERROR)


def test_a_fault_beyond_the_ends_is_marked_at_that_end() -> None:
    cells = scale(EXTENTS, 40)
    assert plain(strip_line(with_fault(cells, 0x10))).index("✖") == 0
    assert plain(strip_line(with_fault(cells, 1 << 60))).index("✖") == len(cells) - 1


def test_no_regions_have_no_cell_to_mark() -> None:
    assert with_fault((), 0x10) == ()


def test_the_header_of_a_file_says_what_it_is_and_nothing_of_a_pace() -> None:
    file = opened_capture("far\x1b", 1234, Unavailable(Cause.MALFORMED, "damaged"))
    status = RefreshStatus(1.0, paused=True, share=0.5, file=file.title)
    text = plain(header(MODES, "Explore", None, status, 120))
    assert "capture of far␛ · 1,234 moments · nothing here is live" in text
    assert "paused" not in text
    assert "every" not in text


def test_the_moment_is_the_last_to_leave_the_header() -> None:
    status = RefreshStatus(1.0, paused=False, share=0.0, file="capture of far", moment="22:31:07, 3 min ago")
    line = header(MODES, "Explore", None, status, 55)
    assert "capture" not in plain(line)
    assert [text for text, tone in line if tone is Tone.PAST] == [" 22:31:07, 3 min ago "]


def test_lines_left_out_of_a_text_are_told() -> None:
    [line] = opened_text(1200).verdict_lines(80)
    assert "1,200 lines" in plain(line)
    assert opened_text(0).verdict_lines(80) == OpenedFile("x").verdict_lines(80) == ()


def test_a_long_verdict_is_wrapped_beneath_itself() -> None:
    lines = [plain(each) for each in OpenedFile("x", "one two three four").verdict_lines(10)]
    assert lines == [" ▸ one two", "   three", "   four"]
