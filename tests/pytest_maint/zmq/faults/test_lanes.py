"""One direction of a proxy, on a clock of the test's own."""

from hypothesis import given
from hypothesis import strategies as st

from pytest_maint.zmq.faults.decisions import Fault, When
from pytest_maint.zmq.faults.lanes import Lane

SEEDS = st.integers(0, 2**64)


def filled(lane, count, now=0.0):
    for number in range(count):
        lane.offer(now, [b"%d" % number])
    return lane


def left(lane, now=0.0):
    found = []
    while (frames := lane.leave(now)) is not None:
        found.append(int(frames[0]))
    return found


def test_what_nothing_strikes_passes_in_order_and_is_logged():
    lane = filled(Lane("to_back", 7), 3)
    assert left(lane) == [0, 1, 2]
    assert [str(entry) for entry in lane.log] == ["to_back 0: pass", "to_back 1: pass", "to_back 2: pass"]


def test_dropped_messages_never_leave():
    lane = Lane("to_back", 7)
    lane.faults.append(Fault("drop", When(every=3)))
    assert left(filled(lane, 7)) == [0, 1, 3, 4, 6]


def test_a_duplicate_follows_the_message():
    lane = Lane("to_back", 7)
    lane.faults.append(Fault("duplicate", When(at=frozenset({1})), 2))
    assert left(filled(lane, 3)) == [0, 1, 1, 1, 2]


@given(SEEDS)
def test_a_delay_holds_and_keeps_the_order(seed):
    lane = Lane("to_back", seed)
    lane.faults.append(Fault("delay", When(every=1), 5, 20))
    filled(lane, 10)
    assert left(lane, now=4.999) == []
    assert left(lane, now=20.0) == list(range(10))


@given(SEEDS, st.integers(2, 5), st.integers(0, 30))
def test_reordering_loses_nothing_and_moves_within_its_window(seed, window, count):
    lane = Lane("to_back", seed)
    lane.reorder(window)
    found = left(filled(lane, count))
    whole = count - count % window
    assert sorted(found) == list(range(whole))
    assert [number // window for number in found] == [number // window for number in range(whole)]
    assert lane.waiting == count % window
    lane.clear()
    assert left(lane) == list(range(whole, count))


def test_a_lost_message_does_not_stop_its_window():
    lane = Lane("to_back", 7)
    lane.reorder(2)
    lane.faults.append(Fault("drop", When(every=2)))
    assert left(filled(lane, 6)) == [0, 2, 4]


def test_a_partition_loses_messages_until_it_is_healed():
    lane = Lane("to_back", 7)
    lane.cut_off(True)
    filled(lane, 2)
    lane.cut_off(False)
    lane.offer(0.0, [b"2"])
    assert left(lane) == [2]
    assert [entry.actions for entry in lane.log] == [("partition",), ("partition",), ()]


@given(SEEDS, st.lists(st.floats(0, 100), min_size=20, max_size=20))
def test_the_log_does_not_depend_on_when_messages_come(seed, times):
    logs = []
    for clock in ([0.0] * 20, sorted(times)):
        lane = Lane("to_front", seed)
        lane.reorder(3)
        lane.faults += [
            Fault("drop", When(p=0.2)),
            Fault("delay", When(p=0.5), 5, 20),
            Fault("duplicate", When(p=0.1), 1),
        ]
        for now in clock:
            lane.offer(now, [b"message"])
            lane.leave(now)
        logs.append(lane.log)
    assert logs[0] == logs[1]


def test_a_message_without_room_is_the_next_to_leave():
    lane = filled(Lane("to_back", 7), 2)
    lane.put_back(0.0, lane.leave(0.0))
    assert left(lane) == [0, 1]
