"""Turns: who waits for whom, for how long, and what is left of it."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maint.ports import lockfile
from maint.ports.lease import Leasing
from pytest_maint.ports.allowance import Ignored, Port, marked
from pytest_maint.ports.binds import _tcp
from pytest_maint.ports.ownership import Ownership
from pytest_maint.ports.turns import TurnError, Turns

HOLDS = """
import sys
from pytest_maint.ports.allowance import Port
from pytest_maint.ports.turns import Turns
Turns("gw7", 1.0).take([Port(int(sys.argv[1]), "tcp")], "test_b.py::test_x")
print("held", flush=True)
input()
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of lease files that is this test's own."""
    place = tmp_path / "leases"
    place.mkdir()
    monkeypatch.setenv("MAINT_LEASE_DIR", str(place))
    return place


@pytest.fixture
def held(port: int, place: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another process has its turn at ``port``."""
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdout.readline() == b"held\n"
    yield child
    child.communicate(b"\n")


def test_who_waits_too_long_hears_for_whom(held, port: int) -> None:
    with pytest.raises(TurnError) as caught:
        Turns("", 0.01).take([Port(port, "tcp")], "test_a.py::test_one")
    said = str(caught.value)
    assert said.startswith(f"tcp {port}: not free after 0.01 s, taken by pid {held.pid} ")
    assert "in test_b.py::test_x on gw7" in said


def test_a_killed_process_has_no_turn(held, port: int) -> None:
    held.kill()
    assert held.wait() < 0
    turns = Turns("", 10.0)
    turns.take([Port(port, "tcp")], "")
    turns.end(frozenset)


def test_protocols_have_turns_of_their_own(held, port: int, place: Path) -> None:
    turns, udp = Turns("", 0.01), Port(port, "udp")
    turns.take([udp], "test_a.py::test_one")
    assert lockfile.held_by(lockfile.path_of(place, *udp)) is not None
    turns.end(frozenset)


def test_what_is_still_bound_stays_taken(port: int, place: Path) -> None:
    turns, one, other = Turns("", 0.01), Port(port, "tcp"), Port(port, "udp")
    turns.take([one, other], "test_a.py::test_one")
    turns.end(lambda: {one})
    assert lockfile.held_by(lockfile.path_of(place, *one)) is not None
    assert lockfile.held_by(lockfile.path_of(place, *other)) is None
    turns.end(frozenset)
    assert list(place.iterdir()) == []


def test_a_port_that_this_process_claimed_need_not_be_waited_for(port: int, place: Path) -> None:
    path = lockfile.path_of(place, port, "tcp")
    with Leasing(range(port, port + 1), place=place).lease():
        leased = lockfile.held_by(path)
        Turns("", 0.01).take([Port(port, "tcp")], "")
        assert lockfile.held_by(path) == leased, "it is the lease's still"


def _swap(ports: list[Port], rounds: int) -> None:
    turns = Turns("", 60.0)
    for _ in range(rounds):
        turns.take(ports, "")
        turns.end(frozenset)


def test_two_that_want_the_same_two_ports_do_not_wait_for_each_other(free_ports, place: Path) -> None:
    ports = [Port(number, "tcp") for number in free_ports(2)]
    context = multiprocessing.get_context("spawn")
    children = [context.Process(target=_swap, args=(order, 50)) for order in (ports, ports[::-1])]
    for child in children:
        child.start()
    for child in children:
        child.join(50)
    assert [child.exitcode for child in children] == [0, 0]


def test_a_test_that_waits_in_vain_fails_in_one_sentence(guarded, held, port: int) -> None:
    guarded.pytester.makepyprojecttoml("[tool.maint.ports]\nwait = 0.05\n")
    guarded.write(f"@pytest.mark.binds({port})\ndef test_one():\n    pass\n\ndef test_two():\n    pass\n")
    result = guarded.run(guard="off")
    result.assert_outcomes(errors=1, passed=1)
    result.stdout.fnmatch_lines([f"tcp {port}: not free after 0.05 s, taken by pid {held.pid} *"])


@pytest.mark.parametrize("guard", ["off", "error"])
def test_marked_tests_of_two_workers_take_turns(guarded, port: int, guard: str) -> None:
    """Without the marks they would meet: the first of each worker waits for the other's."""
    guarded.write(
        f"""
        pytestmark = pytest.mark.binds({port})

        @pytest.fixture(scope="module")
        def server():
            with socket.create_server(("127.0.0.1", {port})) as made:
                yield made

        @pytest.mark.parametrize("number", range(6))
        def test_one(server, number):
            pass

        """
    )
    guarded.run("-n2", guard=guard, process=True).assert_outcomes(passed=6)


@pytest.mark.parametrize("guard", ["off", "error"])
def test_a_claim_within_a_turn_is_as_exclusive_as_ever(guarded, port: int, guard: str) -> None:
    guarded.registry(TTS=f"port: {port}, owner: tts")
    guarded.write(
        """
        import maint.ports

        CLAIM = "import maint.ports; maint.ports.claim('TTS'); print('claimed')"

        def child():
            shell = ["sh", "-c", '"$0" -c "$1"; exit $?', sys.executable, CLAIM]
            return subprocess.run(shell, capture_output=True, text=True)

        @pytest.mark.binds("TTS")
        def test_one():
            assert child().stdout == "claimed\\n"
            with maint.ports.claim("TTS") as first:
                assert "is claimed already by pid" in child().stderr
                with socket.create_server(("127.0.0.1", first.port)):
                    pass
        """
    )
    guarded.run(guard=guard).assert_outcomes(passed=1)


def test_a_lease_file_that_cannot_be_written_fails_no_bind(guarded, port: int, monkeypatch) -> None:
    place = guarded.root / "leases"
    (place / f"{port}.tcp").mkdir(parents=True)
    monkeypatch.setenv("MAINT_LEASE_DIR", str(place))
    guarded.write(
        f"""
        def test_one():
            with socket.create_server(("127.0.0.1", {port})):
                pass

        @pytest.mark.binds({port})
        def test_two():
            pass
        """
    )
    result = guarded.run(guard="warn")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines([f"{place}/{port}.tcp: no place for leases of ports *"])
    result.stdout.no_fnmatch_line("*lockfile.py*")


class TestMarks:
    NUMBERS = st.integers(1, 65535)

    @given(st.lists(NUMBERS, min_size=1), st.sampled_from([None, "tcp", "udp"]))
    def test_numbers_stand_for_themselves(self, numbers, proto) -> None:
        found = marked(numbers, proto, Ownership())
        assert found == {Port(number, proto or "tcp") for number in numbers}
        assert sorted(found) == sorted(found, key=lambda one: (one.number, one.proto))

    @given(NUMBERS, NUMBERS)
    def test_ports_and_ranges_are_ignored_within_their_bounds(self, one, other) -> None:
        low, high = sorted((one, other))
        found = Ignored.of([f"{low}-{high}"])
        assert found.has(low)
        assert found.has(high)
        assert not found.has(high + 1)
        assert not found.has(low - 1)

    @given(st.text() | st.binary())
    def test_any_endpoint_can_be_looked_at(self, text) -> None:
        found = _tcp(text)
        assert found is None or found[1] >= 0

    @pytest.mark.parametrize(
        ("endpoint", "found"),
        [
            ("tcp://*:5556", ("*", 5556)),
            (b"tcp://127.0.0.1:5556", ("127.0.0.1", 5556)),
            ("tcp://[::1]:5556", ("::1", 5556)),
            ("tcp://*:*", ("*", 0)),
            ("tcp://127.0.0.1:0", ("127.0.0.1", 0)),
            ("ipc:///tmp/x", None),
            ("inproc://5556", None),
        ],
    )
    def test_endpoints(self, endpoint, found) -> None:
        assert _tcp(endpoint) == found
