"""Whatever the seed: a spine that could be one."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.phantom.spine import sample_spine

SEEDS = st.integers(min_value=0, max_value=2**32 - 1)


@settings(max_examples=30, derandomize=True)
@given(seed=SEEDS)
def test_every_body_stands_above_the_next_with_its_disc_between(seed: int) -> None:
    spine = sample_spine(np.random.default_rng(seed))
    for upper, disc, lower in zip(spine.vertebrae, spine.discs, spine.vertebrae[1:], strict=False):
        up = disc.frame.up
        heights = [np.array([part.frame.y, part.frame.z]) @ up for part in (upper, disc, lower)]
        assert heights[0] > heights[1] > heights[2]


@settings(max_examples=30, derandomize=True)
@given(seed=SEEDS)
def test_values_stay_within_what_people_have(seed: int) -> None:
    spine = sample_spine(np.random.default_rng(seed))
    assert all(1 <= disc.grade <= 5 for disc in spine.discs)
    assert all(1 < disc.height < 16 for disc in spine.lumbar_discs)
    assert all(15 < v.height < 36 for v in spine.vertebrae if not v.is_sacral)
    assert (spine.canal.depth > 0).all()
    assert (spine.canal.gap >= 0).all()


@settings(max_examples=10, derandomize=True)
@given(seed=SEEDS)
def test_the_same_seed_gives_the_same_person(seed: int) -> None:
    first, second = (sample_spine(np.random.default_rng(seed)) for _ in range(2))
    assert (first.vertebrae, first.discs, first.body, first.lateral) == (
        second.vertebrae,
        second.discs,
        second.body,
        second.lateral,
    )
