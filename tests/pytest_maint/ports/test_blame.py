"""Who has the port: what a test that could not bind is told."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

BINDS = {
    "socket": "with socket.socket() as made:\n        made.bind(('127.0.0.1', {port}))",
    "asyncio": "import asyncio\n    async def main():\n"
    "        made = await asyncio.get_running_loop().create_server(asyncio.Protocol, '127.0.0.1', {port})\n"
    "        made.close()\n"
    "    asyncio.run(main())",
    "zmq": "import zmq\n    with zmq.Context() as context, context.socket(zmq.REP) as made:\n"
    "        made.bind('tcp://127.0.0.1:{port}')",
}


@pytest.mark.parametrize("binder", BINDS)
def test_the_process_that_has_the_port_is_named(guarded, port: int, binder: str) -> None:
    guarded.write(f"@pytest.mark.binds({port})\ndef test_one():\n    {BINDS[binder].format(port=port)}\n")
    guarded.run("-k", "test_one").assert_outcomes(passed=1)
    holder = (
        f"import socket; s = socket.create_server(('127.0.0.1', {port})); print('up', flush=True); input()"
    )
    guarded.write(
        f"""
        @pytest.fixture
        def child():
            made = subprocess.Popen(
                [sys.executable, "-c", {holder!r}], stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
            made.stdout.readline()
            yield
            made.communicate(b"\\n")

        @pytest.mark.binds({port})
        def test_one(child):
            {BINDS[binder].format(port=port).replace(chr(10), chr(10) + "        ")}
        """
    )
    result = guarded.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            f"*- who has 127.0.0.1:{port} -*",
            "pid * (*python* -c *) listening on 127.0.0.1; for *",
        ]
    )
    assert guarded.codes == ["PORT012"]


@pytest.mark.parametrize("guard", ["off", "warn", "error"])
def test_a_marked_test_is_told_of_this_process_as_well(guarded, port: int, guard: str) -> None:
    guarded.write(
        f"""
        @pytest.mark.binds({port})
        def test_one():
            with socket.create_server(("127.0.0.1", {port})), socket.socket() as other:
                other.bind(("127.0.0.1", {port}))
        """
    )
    result = guarded.run(guard=guard)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            f"*- who has 127.0.0.1:{port} -*",
            "this process: tcp socket bound at test_it.py:5 in test_it.py::test_one",
        ]
    )


def test_the_test_and_the_worker_that_have_it_are_named(guarded, port: int) -> None:
    """The other session binds the port without a lease; its guard has written down who it is."""
    guarded.registry(TTS=f"port: {port}, owner: tts, bind: ['test_*.py']")
    guarded.write(
        f"""
        def test_holds():
            with socket.create_server(("127.0.0.1", {port})):
                print("up", file=sys.__stderr__, flush=True)
                sys.__stdin__.readline()
        """,
        "test_other.py",
    )
    guarded.write(
        f"def test_one():\n    with socket.socket() as made:\n        made.bind(('127.0.0.1', {port}))\n"
    )
    arguments = [
        "-m",
        "pytest",
        "-p",
        "pytest_maint.plugin",
        "-p",
        "no:cacheprovider",
        "-s",
        "--maint-ports=error",
    ]
    other = guarded.pytester.popen([sys.executable, *arguments, "test_other.py"], stdin=subprocess.PIPE)
    try:
        assert other.stderr.readline().strip() == b"up"
        result = guarded.run("test_it.py")
    finally:
        other.communicate(b"\n")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [f"*- who has 127.0.0.1:{port} -*", "pid * listening *; in test_other.py::test_holds*"]
    )


def test_another_error_is_not_explained(guarded, port: int) -> None:
    guarded.write(
        f"@pytest.mark.binds({port})\ndef test_one():\n"
        f"    socket.create_server(('127.0.0.1', {port})).close()\n    raise OSError(2, 'no')\n"
    )
    result = guarded.run()
    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line("*who has*")


def test_the_expected_refusal_is_no_finding(guarded, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        guarded.write(
            f"""
            @pytest.mark.binds({port})
            def test_one():
                with pytest.raises(OSError), socket.socket() as made:
                    made.bind(("127.0.0.1", {port}))
            """
        )
        guarded.run().assert_outcomes(passed=1)
    assert guarded.findings == []


def test_binds_that_failed_or_are_over_are_not_taken_for_the_holder(guarded, port: int) -> None:
    guarded.write(
        f"""
        pytestmark = pytest.mark.binds({port})
        KEPT = []

        def test_one():
            socket.create_server(("127.0.0.1", {port})).close()

        def test_two():
            serve = "import socket; s = socket.create_server(('127.0.0.1', {port}))"
            holder = f"{{serve}}; print(flush=True); input()"
            pipes = {{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}}
            KEPT.append(subprocess.Popen([sys.executable, "-c", holder], **pipes))
            KEPT[0].stdout.readline()
            for last in (False, False, True):
                try:
                    socket.create_server(("127.0.0.1", {port}))
                except OSError:
                    if last:
                        raise

        def test_three():
            KEPT.pop().communicate()
        """
    )
    result = guarded.run()
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines([f"test_two: cannot bind 127.0.0.1:{port}, in use by pid *"])
    result.stdout.no_fnmatch_line("*this process:*")


def test_an_odd_exception_does_not_end_the_session(guarded) -> None:
    guarded.write(
        """
        class Odd(Exception):
            exceptions = {"a field": "a reason"}

        class Eager(Exception):
            def __getattr__(self, name):
                return None if name.startswith("__") else lambda: name

        def test_one():
            raise Odd

        def test_two():
            raise Eager

        def test_three():
            pass
        """
    )
    guarded.run().assert_outcomes(failed=2, passed=1)
