import pytest

from mmexplorer.model.query import Query, QueryError, Vocabulary, ordered, parse_query, text_about
from mmexplorer.model.region import RegionKind
from mmexplorer.model.unavailable import Cause, Unavailable
from mmexplorer.present.capture.difference import DIFFERENCE_FIELDS
from mmexplorer.present.explore.processes import PROCESS_FIELDS, ProcessRow
from mmexplorer.present.explore.region_rows import RegionOptions, region_rows
from mmexplorer.present.region.fields import HOLE, MAPS_FIELDS, REGION_FIELDS
from mmexplorer.present.region.row import RegionRow
from tests.support.fakes.spaces import process, regions, space, usage
from tests.support.regions import with_traits

SMALL = regions()
COUNTED = space(SMALL, {SMALL[5].range: usage(("rd", "ex"), Rss=988 << 10, Private_Dirty=4096, Shared_Dirty=0)})
ROWS = region_rows(COUNTED, (), 0.0, RegionOptions(holes=True)).shown
REGIONS = [row for row in ROWS if row.region is not None]


def query(text: str, fields: Vocabulary = REGION_FIELDS) -> Query:
    found = parse_query(text, fields)
    assert isinstance(found, Query), found
    return found


def matching(text: str) -> list[int]:
    return [index for index, row in enumerate(REGIONS) if query(text).matches(row)]


@pytest.mark.parametrize(
    ("text", "indices"),
    [
        ("", [0, 1, 2, 3, 4, 5, 6, 7, 8]),
        ("libc", [4, 5]),
        ("LIBC", [4, 5]),
        ("[heap]", [3]),
        ("heap", [3]),
        ("rw-p", [2, 3, 6, 7]),
        ("5594b2c", [3]),
        ("libc r-xp", [5]),
        ("!libc rw-p", [2, 3, 6, 7]),
        ("!libc !cat rw-p", [3, 6, 7]),
        ("perm:rw", [2, 3, 6, 7]),
        ("perm:r-x", [1, 5]),
        ("perm:??x", [1, 5, 8]),
        ("perm:?w?p", [2, 3, 6, 7]),
        ("perm:x", [1, 5, 8]),
        ("perm:xr", [1, 5]),
        ("perm:s", []),
        ("!perm:rw", [0, 1, 4, 5, 8]),
        ("kind:heap", [3]),
        ("kind:v", [8]),
        ("kind=stack", [7]),
        ("path:libc", [4, 5]),
        ("PATH:LibC", [4, 5]),
        ("path:/usr/bin", [0, 1, 2]),
        ('path:"/usr/bin"', [0, 1, 2]),
        ("name=cat", [0, 1, 2]),
        ("size>1M", [5]),
        ("size>=132K", [3, 4, 5, 7]),
        ("size=132K", [3, 7]),
        ("size:132KiB", [3, 7]),
        ("size=0x21000", [3, 7]),
        ("size<8K", [2, 8]),
        ("size<=0.5mb size>100kb", [3, 4, 7]),
        ("start>0x7fffffffffff", [8]),
        ("offset=0x26000", [5]),
        ("inode=339380", [4, 5]),
        ("rss>0", [5]),
        ("rss=0", []),
        ("!rss=0", [5]),
        ("dirty>0", [5]),
        ("private_dirty=4096", [5]),
        ("pss>0", []),
        ("!pss>0", []),
        ("flag:ex", [5]),
        ("!flag:wr", [5]),
    ],
)
def test_regions_match(text: str, indices: list[int]) -> None:
    assert matching(text) == indices


def test_holes_match_too() -> None:
    holes = [row for row in ROWS if query("kind:hole size>1T").matches(row)]
    assert [row.region for row in holes] == [None, None]
    assert not any(query("rss>0").matches(row) or query("!rss>0").matches(row) for row in holes)
    assert not any(query("perm:r").matches(row) for row in holes)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("8360", True),
        ("cat", True),
        ("/usr/bin", True),
        ("user:root", True),
        ("user:roo", True),
        ("user=roo", False),
        ("rss>1M", True),
        ("vsz>1G", False),
        ("pid:8360", True),
        ("state:S", True),
        ("command:-n", True),
        ("-n", True),
        ("faults>0", False),
        ("majflt=2", True),
        ("min_flt>=10", True),
    ],
)
def test_processes_match(text: str, answer: bool) -> None:  # noqa: FBT001 - a column of the table above
    assert query(text, PROCESS_FIELDS).matches(ProcessRow(process(), None)) is answer


def test_a_process_whose_owner_is_unknown_is_nobodys() -> None:
    denied = Unavailable(Cause.DENIED, "permission denied")
    row = ProcessRow(process(user=denied, command=denied, rss=denied), 5.0)
    for text in ("user:root", "!user:root", "command:cat", "rss>0", "!rss>0"):
        assert not query(text, PROCESS_FIELDS).matches(row)
    assert query("cat faults>1", PROCESS_FIELDS).matches(row)


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("size>", 5, "something must follow size>"),
        ("libc size>", 10, "something must follow size>"),
        ("size>big", 5, "size is compared with a number"),
        ("size>1X", 5, "a number"),
        ("libc  colour:red", 6, "there is no field colour here, only anon"),
        ("colour:red", 0, '"colour:red"'),
        ("path>3", 5, "path is a text: write path:3"),
        ('libc "open', 5, "the quote is not closed"),
        ('path:"open', 5, "the quote is not closed"),
        ("!", 1, "something must follow !"),
        ("kind:", 5, "something must follow kind:"),
        ("kind:colour", 5, "there is no kind colour, only code, rodata,"),
        ("libc !kind=hea", 11, "there is no kind hea, only code"),
        ("perm:q", 5, "permissions are written rwxp"),
        ("perm:rwxpp-", 5, "permissions are written rwxp"),
    ],
)
def test_a_wrong_query_says_where_and_what(text: str, position: int, words: str) -> None:
    found = parse_query(text, REGION_FIELDS)
    assert isinstance(found, QueryError)
    assert found.position == position
    assert words in found.sentence


def test_a_quoted_condition_is_a_text() -> None:
    assert not query('"colour:red"').matches(REGIONS[0])
    assert query('"usr/bin/c"').matches(REGIONS[0])


def test_each_table_has_its_own_fields() -> None:
    assert isinstance(parse_query("perm:rw", PROCESS_FIELDS), QueryError)
    assert isinstance(parse_query("user:root", PROCESS_FIELDS), Query)


def test_a_value_that_no_row_can_have_is_an_error_in_every_table() -> None:
    for text, fields in (
        ("kind:x", PROCESS_FIELDS | MAPS_FIELDS),
        ("kind:x", DIFFERENCE_FIELDS),
        ("state:q", PROCESS_FIELDS),
        ("perm:z", DIFFERENCE_FIELDS),
    ):
        assert isinstance(parse_query(text, fields), QueryError)
    for kind in (*RegionKind, HOLE):
        name = kind if isinstance(kind, str) else kind.value
        assert isinstance(parse_query(f'kind="{name}"', REGION_FIELDS), Query)


def test_unknown_values_come_last_in_both_directions() -> None:
    known = [row for row in REGIONS if row.counter("Rss") is not None]
    for descending in (False, True):
        assert ordered(REGIONS, lambda row: row.counter("Rss"), descending=descending)[0] == known[0]
    by_size: tuple[RegionRow, ...] = ordered(REGIONS, lambda row: row.range.size, descending=True)
    assert [row.range.size for row in by_size] == sorted((row.range.size for row in REGIONS), reverse=True)


def test_a_pasted_text_of_any_length_is_refused_at_once() -> None:
    found = parse_query("a " * 100_000, REGION_FIELDS)
    assert found == QueryError(4096, "200,000 characters, and no more than 4,096 are read")


GONE = region_rows(space((with_traits(SMALL[4], deleted=True), SMALL[5])), (), 0.0, RegionOptions()).shown


@pytest.mark.parametrize(
    ("text", "indices"),
    [("deleted", [0]), ("!deleted", [1]), ("Deleted perm:r", [0]), ('"deleted"', []), ("delete", [])],
)
def test_some_words_are_conditions(text: str, indices: list[int]) -> None:
    assert [index for index, row in enumerate(GONE) if query(text).matches(row)] == indices


def test_a_flag_is_no_field() -> None:
    assert isinstance(parse_query("deleted:yes", REGION_FIELDS), QueryError)


def test_a_query_is_taken_apart_by_what_its_words_are_about() -> None:
    both = PROCESS_FIELDS | MAPS_FIELDS
    text = 'user:root !path:"lib crypto" deleted python rss>1M perm:wx'
    whole = query(text, both)
    assert whole.about(MAPS_FIELDS.fields) == query('!path:"lib crypto" deleted perm:wx', REGION_FIELDS)
    assert whole.not_about(MAPS_FIELDS.fields) == query("user:root python rss>1M", PROCESS_FIELDS)
    assert text_about(text, MAPS_FIELDS.fields) == '!path:"lib crypto" deleted perm:wx'
