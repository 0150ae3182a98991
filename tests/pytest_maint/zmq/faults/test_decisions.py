"""Decisions about messages: from the seed alone, whole, and as asked."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_maint.zmq.faults.decisions import Fault, When, decide, order

SEEDS = st.integers(0, 2**64)
FRAMES = st.lists(st.binary(max_size=20), min_size=1, max_size=5)
FAULTS = st.lists(
    st.sampled_from(
        [
            Fault("drop", When(p=0.3)),
            Fault("duplicate", When(every=2), 1),
            Fault("delay", When(every=1), 5, 20),
            Fault("corrupt", When(p=0.5), 3),
            Fault("truncate", When(at=frozenset({0, 3}))),
        ]
    )
)


@given(SEEDS, st.integers(0, 1000), FRAMES, FAULTS)
def test_the_same_seed_decides_the_same(seed, index, frames, faults):
    assert decide(seed, "to_back", index, frames, faults) == decide(seed, "to_back", index, frames, faults)


@given(SEEDS, st.integers(0, 1000), FRAMES, FAULTS, st.integers(0, 3))
def test_no_fault_touches_the_envelope_or_the_number_of_frames(seed, index, frames, faults, envelope):
    outcome = decide(seed, "to_back", index, frames, faults, envelope)
    assert len(outcome.frames) == len(frames)
    assert outcome.frames[:envelope] == frames[:envelope]
    assert all(len(after) <= len(before) for before, after in zip(frames, outcome.frames, strict=True))


@given(SEEDS, st.integers(0, 1000), FRAMES, FAULTS, FAULTS)
def test_a_fault_that_is_added_changes_nothing_that_the_others_do(seed, index, frames, faults, more):
    alone = decide(seed, "to_back", index, frames, faults)
    together = decide(seed, "to_back", index, frames, [*faults, *more])
    assert together.actions[: len(alone.actions)] == alone.actions


@given(SEEDS, st.integers(1, 50))
def test_every_third_message_is_the_third_the_sixth_and_so_on(seed, every):
    chance = random.Random(seed)
    struck = [index for index in range(200) if When(every=every).strikes(index, chance)]
    assert struck == list(range(every - 1, 200, every))


def test_a_probability_strikes_about_as_often_as_it_says():
    faults = [Fault("drop", When(p=0.1))]
    struck = sum(not decide(7, "to_back", index, [b""], faults).copies for index in range(10_000))
    assert 900 < struck < 1100


@given(SEEDS, FRAMES.filter(any), st.integers(1, 8))
def test_corruption_flips_as_many_bits_as_it_says(seed, frames, bits):
    outcome = decide(seed, "to_back", 0, frames, [Fault("corrupt", When(every=1), bits)])
    changed = [
        (before, after) for before, after in zip(frames, outcome.frames, strict=True) if before != after
    ]
    ((before, after),) = changed
    flipped = int.from_bytes(before) ^ int.from_bytes(after)
    assert len(before) == len(after)
    assert flipped.bit_count() == min(bits, len(before) * 8)


@given(SEEDS, FRAMES.filter(any))
def test_truncation_cuts_the_end_off_one_frame(seed, frames):
    outcome = decide(seed, "to_back", 0, frames, [Fault("truncate", When(every=1))])
    ((before, after),) = [
        pair for pair in zip(frames, outcome.frames, strict=True) if len(pair[0]) != len(pair[1])
    ]
    assert before.startswith(after)


def test_a_message_without_a_byte_cannot_be_damaged_which_the_log_says():
    faults = [Fault("corrupt", When(every=1), 1), Fault("truncate", When(every=1))]
    assert decide(7, "to_back", 0, [b"", b""], faults).actions == ("corrupt nothing", "truncate nothing")


@given(SEEDS, st.integers(0, 100), st.integers(2, 9))
def test_a_window_leaves_in_another_order_than_it_came(seed, block, window):
    slots = order(seed, "to_back", block, window)
    assert sorted(slots) == list(range(window))
    assert slots != list(range(window))
    assert slots == order(seed, "to_back", block, window)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"every": 0}, "every is 0"),
        ({"every": True}, "every is True"),
        ({"p": 1.5}, "p is 1.5"),
        ({"every": 2, "p": 0.1}, "give one of"),
        ({}, "give one of"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(given, said):
    with pytest.raises(ValueError, match=said):
        When.of(given.get("every"), given.get("p"), given.get("at"), always=False)
