"""What a remapped test is told about its ports, and how that fails it or does not."""

import json

import pytest
import zmq  # noqa: F401 - pytester would drop it from sys.modules, and it cannot be imported twice

HEAD = """
    import pytest, zmq

    @pytest.fixture
    def context():
        with zmq.Context() as context:
            yield context
"""
NOBODY = """
    def test_nobody(zmq_remap, context):
        with context.socket(zmq.PUSH) as socket:
            socket.connect("tcp://localhost:5557")
"""
TWICE = """
    import threading

    def serve(context):
        with context.socket(zmq.ROUTER) as second:
            try:
                second.bind("tcp://127.0.0.1:5556")
            except zmq.ZMQError:
                pass

    def test_twice(zmq_remap, context):
        with context.socket(zmq.REP) as first:
            first.bind("tcp://*:5556")
            thread = threading.Thread(target=serve, args=(context,))
            thread.start()
            thread.join()
"""
CROSSED = """
    def test_crossed(zmq_remap, context):
        zmq_remap("inproc")
        with context.socket(zmq.REP) as server, zmq.Context() as other, other.socket(zmq.REQ) as client:
            server.bind("tcp://*:5556")
            with pytest.raises(zmq.ZMQError):
                client.connect("tcp://localhost:5556")
"""
REMOTE = """
    def test_remote(zmq_remap, context):
        with context.socket(zmq.SUB) as client:
            with pytest.raises(zmq.ZMQError):
                client.connect("tcp://192.0.2.7:5556")
"""
MET = """
    def test_agent(zmq_remap, context):
        with context.socket(zmq.PUSH) as push, context.socket(zmq.PULL) as pull:
            push.connect("tcp://localhost:5557")
            pull.bind("tcp://*:5557")
"""
CODES = ["PORT014", "ZMQ020", "ZMQ021", "ZMQ022"]
DEFECTS = "".join((NOBODY, TWICE, CROSSED, REMOTE))


@pytest.fixture(autouse=True)
def _only_ours(monkeypatch):
    """Other plugins take longer to import than all that is tested here."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def run(pytester, body, leaks, *arguments):
    pytester.makepyprojecttoml(f'[tool.maint.zmq]\nleaks = "{leaks}"\n')
    pytester.makepyfile(HEAD + body)
    return pytester.runpytest_inprocess("-p", "pytest_maint.plugin", *arguments)


def findings(pytester):
    path = pytester.path / ".maint" / "out" / "findings.json"
    return json.loads(path.read_text())["findings"] if path.exists() else []


def test_each_defect_fails_its_test_where_that_is_asked_for(pytester):
    result = run(pytester, DEFECTS, "error")
    result.assert_outcomes(passed=4, errors=4)
    assert result.ret == 1
    said = {line.rpartition("; ")[2] for line in result.outlines if line.startswith("test_")}
    assert set(CODES) <= said
    result.stdout.no_fnmatch_line("*Traceback*")


def test_each_defect_is_reported_and_fails_nothing_otherwise(pytester):
    result = run(pytester, DEFECTS, "warn")
    result.assert_outcomes(passed=4)
    assert result.ret == 0
    found = findings(pytester)
    assert sorted(each["code"] for each in found) == CODES
    assert {each["location"]["path"] for each in found} == {f"{pytester._name}.py"}
    assert all(each["location"]["line"] for each in found)


def test_no_defect_matters_where_nobody_wants_to_know(pytester):
    run(pytester, DEFECTS, "off").assert_outcomes(passed=4)
    assert findings(pytester) == []


def test_ports_that_are_met_are_no_finding(pytester):
    result = run(pytester, MET, "error")
    result.assert_outcomes(passed=1)
    assert findings(pytester) == []


def test_a_second_binder_is_told_with_both_owners(pytester):
    run(pytester, TWICE, "warn")
    (found,) = findings(pytester)
    assert [each["type"] for each in found["evidence"]["sockets"]] == ["REP", "ROUTER"]
    assert found["message"].startswith("test_twice: port 5556 is bound by REP at test_a_second_binder")


def test_findings_come_home_from_workers(pytester):
    result = run(pytester, NOBODY, "error", "-p", "xdist.plugin", "-n", "1")
    result.assert_outcomes(passed=1, errors=1)
    assert [found["code"] for found in findings(pytester)] == ["ZMQ021"]


def test_a_failing_test_is_told_what_its_ports_lacked(pytester):
    result = run(pytester, NOBODY + "            assert False\n", "warn")
    result.assert_outcomes(failed=1)
    assert [found["code"] for found in findings(pytester)] == ["ZMQ021"]


def test_tests_do_not_see_the_ports_of_the_ones_before(pytester):
    body = """
    @pytest.mark.parametrize("number", range(3))
    def test_agent(zmq_remap, context, number):
        assert zmq_remap.endpoints() == []
        with context.socket(zmq.REP) as socket:
            socket.bind("tcp://*:5556")

    def test_without(context):
        with context.socket(zmq.REP) as socket:
            socket.bind("tcp://127.0.0.1:*")
            socket.unbind(socket.last_endpoint)
    """
    run(pytester, body, "error").assert_outcomes(passed=4)


def test_the_environment_is_left_as_it_was(pytester):
    body = """
    import os
    BEFORE = dict(os.environ)

    def test_agent(zmq_remap):
        assert "MAINT_ZMQ_REMAP" in os.environ

    def test_after():
        names = {"PYTHONPATH", "MAINT_ZMQ_REMAP"}
        assert {name: os.environ.get(name) for name in names} == {name: BEFORE.get(name) for name in names}
    """
    run(pytester, body, "error").assert_outcomes(passed=2)
