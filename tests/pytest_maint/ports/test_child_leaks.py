"""Listeners of child processes: of a test's own, and of those that a wider fixture started."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from maint.ports.processes import Process, process
from pytest_maint.ports import leaks

LISTEN = (
    "import socket,sys; s = socket.create_server(('127.0.0.1', 0)); print('up', flush=True); sys.stdin.read()"
)
# Each closes for good what the tests left on purpose, in a test whose own end is clean.
CHILD = f"""
KEPT = []

def child():
    made = subprocess.Popen([sys.executable, "-c", {LISTEN!r}], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    made.stdout.readline()
    KEPT.append(made)
    return made

def ended():
    while KEPT:
        KEPT.pop().communicate()
"""
# Programs that listen when they are told to: in their own process, and in one that they start then.
LATE = f"import sys; sys.stdin.readline(); {LISTEN}"
RELOADER = f"import subprocess, sys; sys.stdin.readline(); subprocess.run([sys.executable, '-c', {LISTEN!r}])"


@pytest.mark.parametrize("left", [True, False])
def test_a_child_process_that_still_listens_is_named(guarded, left: bool) -> None:
    guarded.write(
        f"{CHILD}\ndef test_one():\n    child()\n    {'pass' if left else 'ended()'}\n"
        "\ndef test_two():\n    ended()\n"
    )
    result = guarded.run()
    result.assert_outcomes(passed=2, errors=left)
    if left:
        result.stdout.fnmatch_lines(["test_one: left 127.0.0.1:* listening (child process *: *python* -c *"])


def test_a_child_grows_no_older_than_the_test_while_a_busy_machine_looks(
    guarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    held_up = []

    def late(pid: int) -> Process | None:
        held_up.append(1.0)
        found = process(pid)
        return found and found._replace(age_s=found.age_s + sum(held_up))

    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + sum(held_up), sleep=time.sleep)
    monkeypatch.setattr(leaks, "clock", clock)
    monkeypatch.setattr(leaks, "process", late)
    guarded.write(f"{CHILD}\ndef test_one():\n    child()\n\ndef test_two():\n    ended()\n")
    guarded.run().assert_outcomes(passed=2, errors=1)


def test_children_are_left_alone_where_that_is_chosen(guarded) -> None:
    guarded.pytester.makepyprojecttoml("[tool.maint.ports]\nchildren = false\n")
    guarded.write(f"{CHILD}\ndef test_one():\n    child()\n\ndef test_two():\n    ended()\n")
    guarded.run().assert_outcomes(passed=2)


@pytest.mark.parametrize("program", [LATE, RELOADER], ids=["itself", "its child"])
def test_a_wider_fixtures_process_may_listen_late(guarded, program: str) -> None:
    guarded.write(
        f"""
        @pytest.fixture(scope="module")
        def server():
            pipes = {{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}}
            made = subprocess.Popen([sys.executable, "-uc", {program!r}], **pipes, bufsize=0)
            yield made
            made.communicate()

        def test_one(server):
            server.stdin.write(b"\\n")
            server.stdout.readline()

        def test_two(server):
            pass
        """
    )
    guarded.run().assert_outcomes(passed=2)
    assert guarded.findings == []


def test_who_had_the_port_before_is_not_taken_for_the_creator(guarded, port: int) -> None:
    listen = LISTEN.replace("0))", f"{port}))")
    guarded.write(
        f"""
        pytestmark = pytest.mark.binds({port})
        KEPT = []

        def test_one():
            import zmq
            with zmq.Context() as context, context.socket(zmq.REP) as made:
                made.bind("tcp://127.0.0.1:{port}")

        def test_two():
            pipes = {{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}}
            KEPT.append(subprocess.Popen([sys.executable, "-c", {listen!r}], **pipes))
            KEPT[0].stdout.readline()

        def test_three():
            KEPT.pop().communicate()
        """
    )
    result = guarded.run()
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines([f"test_two: left 127.0.0.1:{port} listening (child process *"])
