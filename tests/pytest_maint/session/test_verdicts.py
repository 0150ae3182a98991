"""A test that another guardrail fails has one finding: that guardrail's."""

from __future__ import annotations

import json

import pytest

FAILED_BY_A_GUARD = """
    import socket

    import pytest
    import zmq

    @pytest.mark.zmq(leaks="error")
    def test_leak(request):
        request.config.left = zmq.Context().socket(zmq.PUSH)

    @pytest.mark.zmq(leaks="error")
    def test_another_leak(request):
        request.config.left_too = zmq.Context().socket(zmq.PUSH)

    @pytest.mark.zmq
    def test_stuck():
        context = zmq.Context()
        left = context.socket(zmq.PUSH)
        context.term()

    def test_port():
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 5999))

    def test_port_in_a_group():
        try:
            with socket.socket() as listener:
                listener.bind(("127.0.0.1", 5999))
        except BaseException as error:
            raise BaseExceptionGroup("a task failed", [error]) from None

    @pytest.mark.vram_budget("1GiB")
    def test_without_a_gpu():
        pass
"""
CODES = {
    "test_leak": "ZMQ001",
    "test_another_leak": "ZMQ001",
    "test_stuck": "ZMQ002",
    "test_port": "PORT010",
    "test_port_in_a_group": "PORT010",
    "test_without_a_gpu": "VRAM020",
}


@pytest.mark.parametrize(
    "mode", [(), ("-n2",), ("-p", "rerunfailures", "--reruns=1")], ids=["serial", "xdist", "rerun"]
)
def test_it_is_no_finding_of_the_tests_as_well(pytester: pytest.Pytester, mode: tuple[str, ...]) -> None:
    pytester.makepyprojecttoml('[tool.maint.vram]\nmissing = "fail"\n')
    pytester.makepyfile(FAILED_BY_A_GUARD)
    result = pytester.runpytest_subprocess("--maint-report", "--maint-ports=error", *mode)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    document = json.loads((pytester.path / ".maint/out/findings.json").read_text("utf-8"))
    found = [(one["location"]["node_id"].partition("::")[2], one["code"]) for one in document["findings"]]
    assert sorted(found) == sorted(CODES.items())
    (tests,) = [run for run in document["runs"] if run["guardrail"] == "tests"]
    assert set(tests["unjudged"].values()) == {"failed by another guardrail"}
