import pytest

from mmexplorer.model.region import RegionKind
from mmexplorer.present.region.address import phrase
from mmexplorer.present.region.kernel_words import COUNTERS, KINDS, STATES, VM_FLAGS, flag_words, perm_words


@pytest.mark.parametrize(
    ("perms", "words"),
    [
        ("rw-p", "read, write; private: a write stays here"),
        (
            "r-xp",
            "read, execute; private: a write is refused (SIGSEGV); if it were made writable, writes would stay here",
        ),
        ("rw-s", "read, write; shared: a write reaches the file or everyone who maps it"),
        ("--xp", "execute; private: a write is refused (SIGSEGV); if it were made writable, writes would stay here"),
        ("r--s", "read; shared: a write is refused (SIGSEGV); others' writes appear here"),
        ("---p", "no access: touching it is a fault"),
        ("---s", "no access: touching it is a fault"),
    ],
)
def test_permissions_in_words(perms: str, words: str) -> None:
    assert perm_words(perms) == words


def test_what_can_never_be_written_is_said_so_where_the_flags_are_known() -> None:
    assert perm_words("r--p", ("rd", "mr")) == (
        "read; private: a write is refused (SIGSEGV), and it can't be made writable"
    )


def test_an_unknown_flag_is_given_back() -> None:
    assert flag_words("zz") == "zz"
    assert flag_words("??") == "??"


def test_every_kind_is_explained() -> None:
    assert set(KINDS) == set(RegionKind)


def test_read_only_data_is_explained_in_the_words_that_name_it() -> None:
    assert KINDS[RegionKind.RODATA].startswith(phrase(RegionKind.RODATA, ""))


def test_explanations_are_one_line_in_one_style() -> None:
    for words in (*VM_FLAGS.values(), *COUNTERS.values(), *KINDS.values(), *STATES.values()):
        assert words == words.strip(" .")
        assert "\n" not in words
        assert len(words) <= 100
