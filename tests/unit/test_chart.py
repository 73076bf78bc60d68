"""Line charts in braille."""

from mmexplorer.present.text.braille import bounds, braille, time_axis


def test_a_ramp() -> None:
    assert braille([0, 1, 2, 3], 2, 1, 0, 3) == ("⡠⠊",)


def test_a_jump_is_joined() -> None:
    assert braille([0, 0, 7, 7], 2, 2, 0, 7) == ("⠀⡏", "⣀⠇")


def test_a_gap_stays_empty_and_joins_nothing() -> None:
    assert braille([3, None, None, 0], 2, 1, 0, 3) == ("⠁⢀",)


def test_the_newest_is_at_the_right_edge() -> None:
    assert braille([0], 3, 1, 0, 1) == ("⠀⠀⢀",)
    assert braille([1, 1, 1, 0, 0, 0], 1, 1, 0, 1) == ("⣀",)


def test_values_outside_lie_on_the_edge_and_a_flat_scale_on_the_ground() -> None:
    assert braille([-5, 99], 1, 1, 0, 3) == ("⡸",)
    assert braille([5, 5], 1, 1, 5, 5) == ("⣀",)


def test_nothing_to_draw_on() -> None:
    assert braille([1, 2], 0, 2, 0, 1) == ("", "")
    assert braille([1, 2], 3, 0, 0, 1) == ()


def test_bounds_are_round() -> None:
    assert bounds([0.2, None]) == (0.0, 1.0)
    assert bounds([130.0]) == (0.0, 200.0)
    assert bounds([2560.0, 12.0]) == (0.0, 5000.0)
    assert bounds([3 * 1024.0**2], 1024.0) == (0.0, 5_120_000.0)


def test_the_time_axis() -> None:
    assert time_axis(40, 1.0).split() == ["-80s", "-60s", "-40s", "-20s", "now"]
    assert len(time_axis(40, 1.0)) == 40
    assert time_axis(3, 1.0) == "now"
    assert time_axis(40, 1.0, "then").endswith("then")
    assert time_axis(0, 1.0) == ""
    assert time_axis(60, 60.0).startswith("-120m")
