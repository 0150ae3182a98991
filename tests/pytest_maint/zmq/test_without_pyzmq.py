"""Without pyzmq, whoever asks for the guard is told the extra; nothing passes unguarded, nothing breaks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

REMEDY = "zmq is not installed, which this needs; run: pip install 'pytest-maint[zmq]'"
TESTS = """import pytest
def test_a(zmq_pair): pass
@pytest.mark.zmq
def test_b(): pass
def test_c(): pass
"""


@pytest.fixture(autouse=True)
def without_pyzmq(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "without_pyzmq.py").write_text("import sys\nsys.modules['zmq'] = None\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")


@pytest.mark.parametrize(
    ("source", "arguments"),
    [(TESTS, ()), ("def test_c(): pass\n", ("--maint-zmq",)), (TESTS, ("--maint-zmq", "-n1"))],
)
def test_the_session_stops_in_a_sentence(session: Callable, source: str, arguments: tuple[str, ...]) -> None:
    result = session(source, "-p", "without_pyzmq", *arguments)
    assert result.code == pytest.ExitCode.USAGE_ERROR, result.output
    assert f"ERROR: {REMEDY}\n" in result.output
    assert "Traceback" not in result.output


def test_in_a_worker_those_tests_fail_with_it(session: Callable) -> None:
    result = session(TESTS, "-p", "without_pyzmq", "-n1")
    assert "1 passed, 2 errors in" in result.output, result.output
    assert result.output.count(f"\n{REMEDY}\n") == 2


def test_others_do_not_notice(session: Callable) -> None:
    assert session("def test_c(): pass\n", "-p", "without_pyzmq").code == 0
