from mmexplorer.model.budget import CHEAP, LONGEST_HOLD, expected_seconds, holds_too_long, may_read, seconds_of


def test_at_most_a_hundredth_of_the_time_is_spent() -> None:
    assert not may_read(waited=0.99, expected=0.01)
    assert may_read(waited=1.0, expected=0.01)
    assert not may_read(waited=0.0, expected=0.0001)


def test_a_process_of_a_gibibyte_is_cheap_and_one_of_ten_is_not() -> None:
    assert expected_seconds(1 << 30, 0.0002, 50) < CHEAP < expected_seconds(10 << 30, 0.0002, 50)


def test_many_regions_are_dear_without_being_resident() -> None:
    assert expected_seconds(0, maps_seconds=0.03, regions=10_000) > CHEAP


def test_an_interruption_while_a_short_map_is_read_does_not_count() -> None:
    assert expected_seconds(256 << 20, maps_seconds=0.03, regions=60) < CHEAP


def test_a_region_of_a_gibibyte_holds_its_process_up_for_too_long_and_a_small_one_does_not() -> None:
    assert holds_too_long(seconds_of(1 << 30), measured=None)
    assert not holds_too_long(seconds_of(100 << 20), measured=None)


def test_what_was_measured_counts_more_than_what_was_expected() -> None:
    huge_pages = 0.0001
    assert not holds_too_long(seconds_of(1 << 30), measured=huge_pages)
    assert holds_too_long(0.9 * LONGEST_HOLD, measured=1.1 * LONGEST_HOLD)


def test_an_interruption_while_a_small_process_is_read_does_not_count() -> None:
    assert not holds_too_long(seconds_of(1 << 20), measured=0.02)
