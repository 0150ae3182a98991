"""Verdicts over the ports of a test, from what its processes did."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pytest_maint.zmq.remap.ledger import Entry
from pytest_maint.zmq.remap.verdicts import CODES, finding, judge

ROOT = Path("/project")


def entry(kind, port=5556, socket="1-1", line=7):
    return Entry(1, kind, port, f"tcp://{{x}}:{port}", "REP", f"/project/app/bus.py:{line}", 1, socket, 0)


def codes(*entries):
    return [verdict.code for verdict in judge(entries)]


def test_a_port_that_is_bound_and_reached_is_no_verdict():
    assert codes(entry("bind"), entry("connect"), entry("unbind"), entry("bind")) == []
    assert codes(entry("connect"), entry("bind")) == []


def test_each_way_to_fall_short_has_its_code():
    assert codes(entry("connect"), entry("connect", line=9)) == ["ZMQ021"]
    assert codes(entry("bind"), entry("refused", socket="1-2")) == ["PORT014"]
    assert codes(entry("bind"), entry("refused", socket="1-2"), entry("retried", socket="1-2")) == []
    assert codes(entry("bind"), entry("crossed")) == ["ZMQ020"]
    assert codes(entry("remote")) == ["ZMQ022"]


def test_a_finding_names_the_lines_relative_to_the_project():
    (verdict,) = judge([entry("connect"), entry("connect", line=9)])
    found = finding(verdict, "tests/test_a.py::test_x", ROOT)
    assert found.message == (
        "test_x: port 5556 is bound by nobody, connected by REP at app/bus.py:7 (process 1) "
        "and REP at app/bus.py:9 (process 1); ZMQ021"
    )
    assert (found.location.path, found.location.line) == ("app/bus.py", 9)


def test_a_finding_survives_moved_lines_and_other_processes():
    prints = set()
    for line in (7, 8):
        (verdict,) = judge([entry("remote", line=line)])
        prints.add(finding(verdict, "tests/test_a.py::test_x", ROOT).fingerprint)
    assert len(prints) == 1


KINDS = st.sampled_from(
    ["bind", "unbind", "connect", "disconnect", "refused", "retried", "crossed", "remote"]
)


@given(st.lists(st.builds(entry, KINDS, st.integers(1, 3), st.sampled_from("abc"))))
def test_any_history_is_judged_in_order_of_ports(entries):
    verdicts = judge(entries)
    assert {verdict.code for verdict in verdicts} <= set(CODES)
    ports = [verdict.entries[-1].port for verdict in verdicts]
    assert ports == sorted(ports)
    for verdict in verdicts:
        assert finding(verdict, "test", ROOT).message.endswith(verdict.code)
