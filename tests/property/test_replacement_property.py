from hypothesis import given
from hypothesis import strategies as st

from mmexplorer.labs.simulated.replacement import Policy, faults, replaced

REFERENCES = st.lists(st.integers(0, 6), min_size=1, max_size=40)


def test_beladys_string_by_the_book() -> None:
    string = [1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5]
    assert [faults(string, 3, policy) for policy in Policy] == [9, 10, 9, 7]
    assert [faults(string, 4, policy) for policy in Policy] == [10, 8, 10, 6]


@given(REFERENCES, st.integers(1, 6), st.sampled_from(Policy))
def test_a_page_is_in_memory_after_its_reference_and_frames_never_hold_it_twice(
    references: list[int], frames: int, policy: Policy
) -> None:
    for reference in replaced(references, frames, policy):
        held = [page for page in reference.frames if page is not None]
        assert reference.page in held
        assert len(held) == len(set(held))


@given(REFERENCES, st.integers(1, 6))
def test_nothing_beats_the_optimum_and_lru_never_loses_by_a_frame_more(references: list[int], frames: int) -> None:
    assert all(faults(references, frames, Policy.OPTIMAL) <= faults(references, frames, policy) for policy in Policy)
    assert faults(references, frames + 1, Policy.LRU) <= faults(references, frames, Policy.LRU)
    assert faults(references, 7, Policy.FIFO) == len(set(references))
