"""Listeners that are left behind: which are found, whose they are said to be, and which are nobody's."""

from __future__ import annotations

import pytest


def test_a_socket_that_is_left_listening_is_named_with_its_creator(guarded) -> None:
    guarded.write(
        """
        KEPT = []

        def test_one():
            KEPT.append(socket.create_server(("127.0.0.1", 0)))

        def test_two():
            KEPT.pop().close()
        """
    )
    result = guarded.run()
    result.assert_outcomes(passed=2, errors=1)
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        [
            "*ERROR at teardown of test_one*",
            "test_one: left 127.0.0.1:* listening (tcp socket bound at test_it.py:6)*",
        ]
    )
    (found,) = guarded.findings
    assert (found["code"], found["location"]["line"]) == ("PORT011", 6)


def test_every_listener_of_one_line_is_named(guarded) -> None:
    guarded.write(
        """
        KEPT = []

        def test_one():
            KEPT.extend(socket.create_server(("127.0.0.1", 0)) for _ in range(3))
            ports = [made.getsockname()[1] for made in KEPT]
            print(sorted(ports))

        def test_two():
            while KEPT:
                KEPT.pop().close()
        """
    )
    result = guarded.run("-s")
    result.assert_outcomes(passed=2, errors=1)
    ports = next(line for line in result.outlines if line.startswith("[")).strip("[].").split(", ")
    result.stdout.fnmatch_lines_random([f"test_one: left 127.0.0.1:{port} listening *" for port in ports])


def test_the_fingerprint_of_a_leak_survives_another_port(guarded) -> None:
    guarded.write("KEPT = []\ndef test_one():\n    KEPT.append(socket.create_server(('127.0.0.1', 0)))\n")
    guarded.write("import test_it\ndef test_two():\n    test_it.KEPT.pop().close()\n", "test_last.py")
    seen = set()
    for _ in range(2):
        guarded.run("-p", "no:unraisableexception", process=True)
        seen |= {one["fingerprint"] for one in guarded.findings}
    assert len(seen) == 1


def test_a_fixture_that_does_not_close_is_named(guarded) -> None:
    guarded.write(
        """
        KEPT = []

        @pytest.fixture
        def server():
            KEPT.append(socket.create_server(("127.0.0.1", 0)))
            yield

        def test_one(server):
            pass

        def test_two():
            KEPT.pop().close()
        """
    )
    result = guarded.run()
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["test_one: left *(tcp socket bound at test_it.py:7 by fixture 'server')*"])


@pytest.mark.parametrize("closes", [True, False])
@pytest.mark.parametrize("scope", ["class", "module", "session"])
def test_a_wider_fixture_is_judged_after_its_own_teardown(guarded, scope: str, closes: bool) -> None:
    guarded.write(
        f"""
        KEPT = []

        @pytest.fixture(scope="session", autouse=True)
        def last():
            yield
            for made in KEPT:
                made.close()

        @pytest.fixture(scope="{scope}")
        def server():
            made = socket.create_server(("127.0.0.1", 0))
            yield
            if {closes}:
                made.close()
            else:
                KEPT.append(made)

        class TestIt:
            def test_one(self, server):
                pass

            def test_two(self, server):
                pass
        """
    )
    result = guarded.run()
    # of the session, the fixture that was set up first is torn down last, and closes it after all
    found = not closes
    result.assert_outcomes(passed=2, errors=found)
    if found:
        result.stdout.fnmatch_lines(
            [
                "*ERROR at teardown of TestIt.test_two*",
                "test_two: fixture 'server' left 127.0.0.1:* listening *",
            ]
        )


def test_a_failed_test_is_not_judged_and_the_next_one_not_blamed(guarded) -> None:
    guarded.write(
        """
        KEPT = []

        def test_one():
            KEPT.append(socket.create_server(("127.0.0.1", 0)))
            assert not KEPT

        def test_two():
            pass

        def test_three():
            KEPT.pop().close()
        """
    )
    guarded.run().assert_outcomes(passed=2, failed=1)
    assert guarded.findings == []


@pytest.mark.parametrize("bound", [True, False])
def test_a_udp_client_is_no_server(guarded, bound: bool) -> None:
    deed = 'bind(("127.0.0.1", 0))' if bound else 'sendto(b"x", ("127.0.0.1", 9))'
    guarded.write(
        f"""
        KEPT = []

        def test_one():
            KEPT.append(socket.socket(type=socket.SOCK_DGRAM))
            KEPT[0].{deed}

        def test_two():
            KEPT.pop().close()
        """
    )
    guarded.run().assert_outcomes(passed=2, errors=bound)


@pytest.mark.parametrize("closed", [True, False])
def test_a_zmq_socket_has_a_moment_to_close(guarded, closed: bool) -> None:
    guarded.write(
        f"""
        KEPT = []

        def test_one():
            import zmq
            KEPT.append(zmq.Context.instance().socket(zmq.REP))
            KEPT[0].bind_to_random_port("tcp://127.0.0.1")
            if {closed}:
                KEPT[0].close()

        def test_two():
            import zmq
            KEPT.pop().close()
            zmq.Context.instance().term()
        """
    )
    result = guarded.run()
    result.assert_outcomes(passed=2, errors=not closed)
    if not closed:
        result.stdout.fnmatch_lines(["test_one: left 127.0.0.1:* listening (zmq REP bound at test_it.py:*)*"])


def test_a_thread_of_before_is_not_the_tests_doing(guarded) -> None:
    guarded.write(
        """
        GO, UP, KEPT = threading.Event(), threading.Event(), []

        def serve():
            GO.wait()
            KEPT.append(socket.create_server(("127.0.0.1", 0)))
            UP.set()

        @pytest.fixture(scope="module", autouse=True)
        def server():
            thread = threading.Thread(target=serve)
            thread.start()
            yield
            thread.join()
            KEPT.pop().close()

        def test_one():
            pass

        def test_two():
            GO.set()
            UP.wait()
        """
    )
    guarded.run().assert_outcomes(passed=2)


def test_what_was_opened_before_or_between_the_tests_is_no_tests_doing(guarded) -> None:
    guarded.write(
        """
        SERVER = socket.create_server(("127.0.0.1", 0))

        def test_one():
            pass

        def test_two():
            SERVER.close()
        """
    )
    guarded.pytester.makeconftest(
        """
        import socket
        KEPT = []

        def pytest_runtest_logstart():
            KEPT.append(socket.create_server(("127.0.0.1", 0)))

        def pytest_sessionfinish():
            while KEPT:
                KEPT.pop().close()
        """
    )
    guarded.run().assert_outcomes(passed=2)
    assert guarded.findings == []


def test_a_clock_that_a_fixture_stopped_does_not_stop_the_guard(guarded) -> None:
    guarded.write(
        """
        import time
        KEPT = []

        @pytest.fixture(scope="module", autouse=True)
        def frozen():
            asked = iter(range(500))
            def stopped():
                next(asked)  # which ends a wait that would not
                return 5.0
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(time, "monotonic", stopped)
                yield

        def test_one():
            KEPT.append(socket.create_server(("127.0.0.1", 0)))

        def test_two():
            KEPT.pop().close()
        """
    )
    result = guarded.run()
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["test_one: left 127.0.0.1:*"])


def test_a_socket_that_tests_are_not_to_open_is_open_to_the_guard(guarded) -> None:
    """As pytest-socket has it."""
    guarded.write(
        """
        import _socket
        REAL = socket.socket

        class Blocked(socket.socket):
            def __new__(cls, *_, **__):
                raise RuntimeError("no sockets here")

        @pytest.fixture(autouse=True, scope="session")
        def blocked():
            socket.socket = Blocked
            yield
            socket.socket = REAL

        @pytest.fixture(scope="session")
        def server(blocked):
            made = _socket.socket()
            made.bind(("127.0.0.1", 0))
            made.listen()
            yield
            made.close()

        def test_one(server, port_lease):
            port_lease()
        """
    )
    guarded.run().assert_outcomes(passed=1)


def test_a_thread_that_has_the_place_of_one_of_before_is_the_tests_doing(guarded) -> None:
    guarded.write(
        """
        KEPT = []

        def serve():
            KEPT.append(socket.create_server(("127.0.0.1", 0)))

        @pytest.fixture(scope="module")
        def helper():
            done = threading.Event()
            thread = threading.Thread(target=done.wait)
            thread.start()
            return done, thread

        def test_one(helper):
            pass

        def test_two(helper):
            done, thread = helper
            ident = thread.ident
            done.set()
            thread.join()
            server = threading.Thread(target=serve)
            server.start()
            server.join()
            assert server.ident == ident

        def test_three():
            KEPT.pop().close()
        """
    )
    result = guarded.run()
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(["test_two: left 127.0.0.1:* listening (tcp socket bound at test_it.py:*)*"])


def test_the_zmq_socket_that_has_the_port_is_named_and_not_the_one_refused(guarded, port: int) -> None:
    guarded.write(
        f"""
        import zmq
        KEPT = []

        @pytest.mark.binds({port})
        def test_one():
            KEPT.append(zmq.Context.instance().socket(zmq.REP))
            KEPT[0].bind("tcp://127.0.0.1:{port}")
            with zmq.Context.instance().socket(zmq.REP) as other, pytest.raises(Exception, match="in use"):
                other.bind("tcp://127.0.0.1:{port}")

        def test_two():
            KEPT.pop().close()
            zmq.Context.instance().term()
        """
    )
    result = guarded.run()
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(
        [f"test_one: left 127.0.0.1:{port} listening (zmq REP bound at test_it.py:9)*"]
    )


def test_a_leak_that_a_rerun_hides_is_still_said(guarded) -> None:
    guarded.write(
        """
        KEPT = []

        @pytest.fixture(scope="session")
        def server():
            KEPT.append(socket.create_server(("127.0.0.1", 0)))

        def test_one(server):
            pass

        def test_two():
            pass
        """
    )
    guarded.pytester.makeconftest(
        "def pytest_unconfigure():\n    import test_it\n    test_it.KEPT[0].close()\n"
    )
    result = guarded.run("-p", "pytest_rerunfailures", "--reruns", "1", "-W", "ignore")
    result.stdout.fnmatch_lines(
        ["*= maint: ports =*", "test_two: fixture 'server' left 127.0.0.1:* listening *"]
    )
