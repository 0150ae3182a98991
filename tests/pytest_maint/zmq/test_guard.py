"""The guard in sessions of its own: what wakes it, what it says, what it leaves as it was."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
import zmq

from pytest_maint.zmq.watch.records import caller
from pytest_maint.zmq.watch.tracking import Tracker

LEAK = """
import zmq

def test_leak():
    global context, push
    context = zmq.Context()
    push = context.socket(zmq.PUSH)
    push.connect("tcp://127.0.0.1:9")
"""
LEAKS = """
import pytest, zmq

def leak():
    kept.append(zmq.Context().socket(zmq.PUSH))

kept = []

@pytest.mark.zmq(leaks="warn")
def test_warn(): leak()

@pytest.mark.zmq(leaks="error")
def test_error(): leak()

@pytest.mark.zmq(leaks="off")
def test_off(): leak()
"""
WAIT = """
import pytest
import zmq

@pytest.mark.zmq(timeout=0.05)
def test_wait(zmq_req_rep):
    req, rep = zmq_req_rep("tcp")
    req.send(b"question")
    rep.recv()
    answer(req)

def answer(req):
    req.recv_json()
"""


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [((), 0, []), (("--maint-zmq",), 0, ["ZMQ001"])],
    ids=["asleep", "asked for"],
)
def test_an_option_wakes_it(
    session: Callable, arguments: tuple[str, ...], code: int, told: list[str]
) -> None:
    result = session(LEAK, *arguments)
    assert (result.code, result.codes("test_leak")) == (code, told), result.output


@pytest.mark.parametrize("mode", [(), ("-n1",)], ids=["serial", "xdist"])
def test_a_marker_says_what_a_leak_does(session: Callable, mode: tuple[str, ...]) -> None:
    result = session(LEAKS, *mode, "-W", "error")
    assert result.code == 1, result.output
    told = {name: result.codes(name) for name in ("test_warn", "test_error", "test_off")}
    assert told == {"test_warn": ["ZMQ001"], "test_error": ["ZMQ001"], "test_off": []}
    assert "ERROR test_it.py::test_error - PUSH of test_it.py:5 was not closed" in result.output
    assert "3 passed, 1 error" in result.output
    assert "Traceback" not in result.output
    assert "guard.py" not in result.output


def test_a_leak_names_type_line_endpoint_and_what_may_be_unsent(session: Callable) -> None:
    result = session(LEAK + "    push.send(b'x')\n", "--maint-zmq")
    (found,) = result.findings["test_leak"]
    assert found["location"] == {"path": "test_it.py", "line": 7, "node_id": "test_it.py::test_leak"}
    assert found["message"] == (
        "test_leak: PUSH of test_it.py:7 was not closed (connected to tcp://127.0.0.1:9; "
        "1 message sent, possibly not all delivered); ZMQ001"
    )


def test_a_leak_of_a_failed_test_is_not_judged(session: Callable) -> None:
    result = session(LEAK + "    assert False\n", "--maint-zmq")
    assert (result.code, result.findings) == (1, {})


def test_a_leak_of_a_test_that_is_expected_to_fail_is_not_judged(session: Callable) -> None:
    source = LEAK.replace(
        "def test", "import pytest\n@pytest.mark.zmq(leaks='error')\n@pytest.mark.xfail\ndef test"
    )
    result = session(source + "    assert False\n")
    assert (result.code, result.findings) == (0, {}), result.output
    assert "1 xfailed" in result.output


def test_a_timed_out_receive_says_who_waited_for_whom(session: Callable) -> None:
    result = session(WAIT)
    assert result.code == 1
    assert "REQ of test_it.py:7 waited 0.05 s to receive, connected to tcp://127.0.0.1:" in result.output
    assert "other end: REP of test_it.py:7, of this same thread" in result.output
    assert "zmq.error.Again" in result.output
    assert result.codes("test_wait") == ["ZMQ010"]
    assert "waiting.py" not in result.output


def test_other_ends_in_threads_are_told_with_their_place(session: Callable) -> None:
    busy = """
        import threading, pytest, zmq

        @pytest.mark.zmq(timeout=0.05)
        def test_busy(zmq_req_rep):
            req, rep = zmq_req_rep("ipc")
            stop = threading.Event()
            def serve():
                rep.recv()
                stop.wait()
            server = threading.Thread(target=serve, name="server")
            server.start()
            req.send(b"x")
            try:
                req.recv()
            finally:
                stop.set()
    """
    result = session(textwrap.dedent(busy))
    assert "other end: REP of test_it.py:6, whose thread is at " in result.output, result.output


@pytest.mark.parametrize(
    ("marker", "told"),
    [("timeout=0", "must be over 0"), ("leak='error'", "did you mean 'leaks'"), ("3", "takes keywords only")],
)
def test_a_bad_marker_stops_the_session_in_a_sentence(session: Callable, marker: str, told: str) -> None:
    result = session(f"import pytest\n@pytest.mark.zmq({marker})\ndef test_a(): pass\n")
    assert result.code == 4, result.output
    assert "test_it.py::test_a" in result.output
    assert told in result.output
    assert "Traceback" not in result.output


def test_in_a_worker_a_bad_marker_fails_its_test_in_a_sentence(session: Callable) -> None:
    source = (
        "import pytest\n@pytest.mark.zmq(timeot=1)\ndef test_a(zmq_pair): pass\ndef test_b(zmq_pair): pass\n"
    )
    result = session(source, "-n1")
    assert "1 passed, 1 error in" in result.output, result.output
    assert (
        "\ntest_it.py::test_a: unknown marker argument 'timeot'; did you mean 'timeout'?\n" in result.output
    )


def test_every_test_of_a_run_is_accounted_for(session: Callable, tmp_path: Path) -> None:
    source = "import pytest\npytestmark = pytest.mark.zmq\ndef test_a(): pass\ndef test_b(): assert 0\n"
    result = session(source, "--maint-zmq", "--maint-out=out")
    assert result.code == 1
    document = json.loads((tmp_path / "out/findings.json").read_text())
    (run,) = [each for each in document["runs"] if each["guardrail"] == "zmq"]
    assert run["judged"] == ["test_it.py::test_a"]
    assert run["unjudged"] == {"test_it.py::test_b": "it failed, so what it left open is not judged"}
    assert "ZMQ001" in run["codes"]


def test_fixtures_without_findings_write_no_report(session: Callable, tmp_path: Path) -> None:
    assert session("def test_a(zmq_pair):\n    zmq_pair()\n").code == 0
    assert not (tmp_path / ".maint/out/report.html").exists()


def test_a_global_socket_is_the_fixtures_that_made_it(session: Callable) -> None:
    source = """
import pytest, zmq

pytestmark = pytest.mark.zmq(leaks="error")

@pytest.fixture(scope="module")
def broker():
    with zmq.Context() as context, context.socket(zmq.ROUTER) as socket:
        yield socket

def test_one(broker): pass
def test_two(broker): pass
"""
    result = session(source)
    assert result.code == 0, result.output


def test_the_exit_waits_for_nothing(session: Callable) -> None:
    """pytest 9 collects garbage when it ends, where a context with unsent messages used to hang it."""
    source = LEAK.replace("def test_leak", "import pytest\n@pytest.mark.zmq\ndef test_leak")
    result = session(source + "    push.setsockopt(zmq.LINGER, -1)\n    push.send(b'x')\n", timeout=30)
    assert result.code == 0


def test_wraps_are_taken_off_again_also_when_they_nest() -> None:
    before = dict(vars(zmq.Socket)), dict(vars(zmq.Context)), dict(vars(zmq.Poller))
    outer, inner = Tracker(), Tracker()
    outer.install()
    inner.install()
    with zmq.Context() as context, context.socket(zmq.PAIR) as socket:
        assert outer.record_of(socket) is not inner.record_of(socket)
    inner.uninstall()
    outer.uninstall()
    assert (dict(vars(zmq.Socket)), dict(vars(zmq.Context)), dict(vars(zmq.Poller))) == before


def test_the_creator_is_the_line_that_asked() -> None:
    tracker = Tracker()
    tracker.install()
    try:
        with zmq.Context() as context, context.socket(zmq.PAIR) as socket:
            record = tracker.record_of(socket)
    finally:
        tracker.uninstall()
    assert record is not None
    assert record.created.path == __file__
    assert caller(sys._getframe()).function == "test_the_creator_is_the_line_that_asked"


USER = """
import zmq
import zmq.asyncio
from pytest_maint.zmq.authentication import Curve
from pytest_maint.zmq.pairs import BindsFirst, BindsSecond, PubSub


def test_types(zmq_req_rep: BindsSecond, zmq_pair: BindsFirst, zmq_pub_sub: PubSub, zmq_curve: Curve) -> None:
    req, rep = zmq_req_rep("tcp", timeout=1.5)
    reveal_type(req.recv())
    client, server = zmq_req_rep(aio="server")
    reveal_type(client)
    reveal_type(server)
    zmq_pub_sub("ipc", topics=["a", b"b"], hwm=3)
    reveal_type(zmq_curve.server_key)
"""
WRONG = """
from pytest_maint.zmq.pairs import BindsFirst


def test_types(zmq_pair: BindsFirst) -> None:
    zmq_pair("udp")
    zmq_pair(topic=b"a")
"""


def test_a_type_checker_knows_what_the_factories_take_and_give(tmp_path: Path) -> None:
    (tmp_path / "test_user.py").write_text(USER, encoding="utf-8")
    (tmp_path / "test_wrong.py").write_text(WRONG, encoding="utf-8")
    options = ["--strict", "--config-file=", "--follow-imports=silent", f"--cache-dir={tmp_path / 'cache'}"]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, "test_user.py", "test_wrong.py"],
        cwd=tmp_path,
        env={"MYPYPATH": str(Path(__file__).parents[3]), "PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    told = done.stdout + done.stderr
    for revealed in ('"bytes"', "Socket[bytes]", "zmq.asyncio.Socket"):
        assert revealed in told, told
    assert "test_user.py" not in "".join(line for line in told.splitlines() if "error:" in line), told
    assert "test_wrong.py:6: error: No overload variant" in told
    assert 'did you mean "topics"?' in told
