"""What a failure shows: the line of the test, and none of the frames between it and libzmq."""

from __future__ import annotations

from collections.abc import Callable

MISTAKES = [
    ("zmq_pair", 'zmq_pair("udp")'),
    ("zmq_pair", "zmq_pair()[0].get_monitor_socket()"),
    ("zmq_pair", "zmq_pair(timeout=0.05)[0].recv()"),
    ("zmq_pair", "zmq_pair(timeout=0.05)[0].recv(copy=False)"),
    ("zmq_curve", 'zmq_curve.server(transport="inproc")'),
    ("zmq_curve", 'zmq_curve.client("")'),
    ("zmq_remap", 'zmq_remap("tcp")'),
    ("zmq_remap", 'zmq.Context.instance().socket(zmq.REQ).connect("tcp://10.1.2.3:5556")'),
    ("zmq_fault_proxy", "zmq_fault_proxy(zmq.REQ, zmq.REP)"),
    ("zmq_fault_proxy", "zmq_fault_proxy().drop()"),
    ("zmq_fault_proxy", 'zmq_fault_proxy(connect_back="inproc://server")'),
    ("zmq_fault_proxy", 'zmq_fault_proxy(connect_back="tcp://no port")'),
    ("zmq_fault_proxy", "zmq_fault_proxy().reorder(window=1)"),
]


def test_a_failure_ends_in_the_line_of_the_test(session: Callable) -> None:
    tests = [
        f"def test_{number}({fixture}):\n    {mistake}\n"
        for number, (fixture, mistake) in enumerate(MISTAKES)
    ]
    result = session("import zmq\n" + "\n".join(tests), "--tb=short", "-W", "ignore")
    assert f"{len(MISTAKES)} failed" in result.output, result.output
    frames = [line for line in result.output.splitlines() if ": in " in line]
    assert frames == [f"test_it.py:{3 * number + 3}: in test_{number}" for number in range(len(MISTAKES))]
