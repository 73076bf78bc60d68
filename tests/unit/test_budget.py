from mmexplorer.model.budget import CHEAP, expected_seconds, may_read


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
