"""Who may start: never more than a card holds, in order, and past the first only where that loses nothing."""

from __future__ import annotations

from itertools import chain, combinations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from maint.gpu.queueing import Ticket, admit, room


def claim(number: int, size: int, *cards: str, **more: object) -> Ticket:
    """A ticket for one of ``cards``, ``a`` when none is named."""
    return Ticket(
        number=number, pid=1, started=1, owner=f"t{number}", size=size, cards=cards or ("a",), **more
    )


def started(free: dict[str, int], *tickets: Ticket) -> dict[int, str]:
    """Number to card of those that may start."""
    return {one.number: one.card for one in admit(free, tickets) if one.card}


def test_those_that_fit_together_start_together() -> None:
    assert started({"a": 10}, claim(0, 4), claim(1, 6), claim(2, 1)) == {0: "a", 1: "a"}


def test_the_emptiest_card_is_given_and_a_named_one_is_kept_to() -> None:
    free = {"a": 10, "b": 16}
    assert started(free, claim(0, 10, "a", "b"), claim(1, 8, "a", "b"), claim(2, 6, "b")) == {
        0: "b",
        1: "a",
        2: "b",
    }


def test_a_later_one_goes_past_the_first_only_into_room_that_the_first_leaves() -> None:
    holder, first = claim(0, 8, card="a"), claim(1, 10)
    assert started({"a": 16}, holder, first, claim(2, 6)) == {0: "a", 2: "a"}
    assert started({"a": 16}, holder, first, claim(2, 7)) == {0: "a"}


def test_several_that_go_past_the_first_share_that_room() -> None:
    holder, first = claim(0, 8, card="a"), claim(1, 10)
    assert started({"a": 16}, holder, first, claim(2, 4), claim(3, 4), claim(4, 2)) == {
        0: "a",
        2: "a",
        4: "a",
    }


def test_nobody_goes_past_the_first_when_one_of_two_holders_would_have_made_room() -> None:
    holders, first = (claim(0, 6, card="a"), claim(1, 6, card="a")), claim(2, 8)
    assert started({"a": 16}, *holders, first, claim(3, 2)) == {0: "a", 1: "a", 3: "a"}
    assert started({"a": 16}, *holders, first, claim(3, 3)) == {0: "a", 1: "a"}


def test_the_first_holds_up_nobody_on_cards_that_it_cannot_use() -> None:
    free = {"a": 8, "b": 8}
    assert started(free, claim(0, 8, card="a"), claim(1, 8, "a"), claim(2, 8, "b")) == {0: "a", 2: "b"}


def test_a_whole_card_waits_until_it_is_empty_and_then_is_alone() -> None:
    whole = claim(1, 0, exclusive=True)
    assert started({"a": 8}, claim(0, 1, card="a"), whole, claim(2, 1)) == {0: "a"}
    assert started({"a": 8}, whole, claim(2, 0)) == {1: "a"}


def test_reserve_is_kept_free() -> None:
    assert started({"a": 8}, claim(0, 7, reserve=2)) == {}
    assert room({"a": 8, "b": 9}, claim(0, 7, "a", "b", "gone", reserve=2)) == 7
    assert room({"a": 8}, claim(0, 7, "gone")) == 0


def test_too_many_holders_to_reason_about_let_nobody_past() -> None:
    holders = [claim(number, 2**number, card="a") for number in range(14)]
    free = {"a": 2**20}
    assert 15 not in started(free, *holders, claim(14, 2**20 - 1), claim(15, 0))


cards = st.dictionaries(st.sampled_from("ab"), st.integers(1, 12), min_size=1)
wishes = st.lists(
    st.tuples(
        st.integers(0, 12),
        st.sets(st.sampled_from("ab"), min_size=1),
        st.integers(0, 2),
        st.booleans(),
        st.booleans(),
    ),
    max_size=6,
)


def queue(free: dict[str, int], wanted: list) -> list[Ticket]:
    """Some hold what was given them earlier, the others wait."""
    made = [
        claim(number, size, *sorted(allowed), reserve=reserve, exclusive=whole and not size % 3)
        for number, (size, allowed, reserve, whole, _) in enumerate(wanted)
    ]
    earlier = [ticket for ticket, wish in zip(made, wanted, strict=True) if wish[4]]
    held = {ticket.number: ticket for ticket in admit(free, earlier)}
    return [held.get(ticket.number, ticket) for ticket in made]


@given(cards, wishes)
def test_no_card_is_ever_given_out_twice(free: dict[str, int], wanted: list) -> None:
    after = admit(free, queue(free, wanted))
    for card in free:
        on_it = [one for one in after if one.card == card]
        used = sum(one.size for one in on_it)
        assert all(used <= free[card] - min(one.reserve for one in on_it) for _ in on_it)
        assert len(on_it) < 2 or not any(one.exclusive for one in on_it)
    assert [one.number for one in after] == list(range(len(wanted)))
    assert admit(free, after) == after


@given(cards, wishes)
def test_going_past_never_delays_the_first_whatever_ends_first(free: dict[str, int], wanted: list) -> None:
    """For every set of holders that may be left, it could start where it could without those that passed."""
    before = queue(free, wanted)
    after = admit(free, before)
    first = next((one for one in after if not one.card), None)
    if first is None:
        return
    passed = [one for one in after if one.card and one.number > first.number and not before[one.number].card]
    holders = [one for one in after if one.card and one not in passed]
    waits = msgspec.structs.replace(first, number=-1)
    for left in chain.from_iterable(combinations(holders, size) for size in range(len(holders) + 1)):
        alone = {one.number for one in admit(free, [waits, *left]) if one.card}
        crowded = {one.number for one in admit(free, [waits, *left, *passed]) if one.card}
        assert -1 not in alone or -1 in crowded
