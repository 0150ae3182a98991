"""What was collected is written when a session ends early: Ctrl-C, a crash, a hang of nobody's making."""

from __future__ import annotations

import itertools
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

Report = Callable[..., Any]


@pytest.mark.parametrize("mode", [(), ("-n1",)], ids=["serial", "xdist"])
def test_what_ran_before_ctrl_c_is_reported_as_partial(
    pytester: pytest.Pytester, mode: tuple[str, ...]
) -> None:
    pytester.makepyfile(
        """
        import os, threading

        def test_1_fails():
            assert 0

        def test_2_passes():
            pass

        def test_3_waits():
            # a system call, which unlike open() has nothing inside that could swallow the interrupt
            os.write(os.open("waiting", os.O_WRONLY), b"!")
            threading.Event().wait()
        """
    )
    # Also where the outer session runs in the background, with SIGINT ignored.
    pytester.makeconftest("import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n")
    os.mkfifo("waiting")
    waiting = os.open("waiting", os.O_RDONLY | os.O_NONBLOCK)
    session = subprocess.Popen(
        [sys.executable, "-u", "-m", "pytest", "-v", "--maint-report", *mode],
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert session.stdout is not None
    try:
        # The second test is shown only when everybody has been told of the first, in another process too.
        printed = "".join(itertools.takewhile(lambda line: "PASSED" not in line, session.stdout))
        if select.select([waiting], [], [], 300)[0]:
            session.send_signal(signal.SIGINT)
        printed += session.communicate(timeout=300)[0]
    finally:
        session.kill()
        os.close(waiting)
    assert session.returncode == pytest.ExitCode.INTERRUPTED, printed
    document = json.loads((pytester.path / ".maint/out/findings.json").read_text("utf-8"))
    assert [finding["code"] for finding in document["findings"]] == ["TST001"]
    assert document["runs"][0]["partial"] == "interrupted"
    assert [name.partition("::")[2] for name in document["runs"][0]["judged"]] == [
        "test_1_fails",
        "test_2_passes",
    ]
    assert "1 finding; partial run (interrupted); report: " in printed


def test_a_test_that_kills_its_worker_is_a_finding(pytester: pytest.Pytester, report: Report) -> None:
    pytester.makepyfile(
        """
        import os

        def test_dies():
            os._exit(3)

        def test_lives():
            pass
        """
    )
    seen = report("-n1")
    (finding,) = seen.findings
    assert finding["code"] == "TST006"
    assert finding["location"]["node_id"].endswith("::test_dies")
    assert finding["message"].startswith("test_dies: worker crashed: worker 'gw0' crashed while running")
    assert seen.run["partial"].startswith("worker gw0 crashed")
    assert len(seen.run["judged"]) == 2


def test_a_worker_that_dies_outside_a_test_is_a_finding(pytester: pytest.Pytester, report: Report) -> None:
    pytester.makeconftest(
        """
        import os

        def pytest_sessionfinish(session):
            if hasattr(session.config, "workerinput"):
                os._exit(3)
        """
    )
    pytester.makepyfile("def test_one():\n    pass\n")
    seen = report("-n1", "--max-worker-restart=1")
    (finding,) = seen.findings
    assert finding["title"] == "pytest-xdist: a worker crashed outside a test"
    assert len(finding["evidence"]["message"].splitlines()) == 2
    assert seen.run["partial"].startswith("worker gw0 crashed")
