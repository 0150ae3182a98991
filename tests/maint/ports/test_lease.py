from __future__ import annotations

import errno
import fcntl
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from maint.errors import MaintError
from maint.ports import lease as lease_module
from maint.ports import lockfile
from maint.ports.lease import Lease, Leasing
from maint.ports.ranges import ephemeral, lease_range, parse, shown

LEASE = """
import os, sys
from maint.ports.lease import Leasing
leasing = Leasing(range(int(sys.argv[1]), int(sys.argv[2])))
"""
# xdist's workers have a thread besides the one that forks here
FORKS = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def leasing(free_ports: range, lease_folder: Path) -> Leasing:
    return Leasing(free_ports)


@pytest.fixture
def start(free_ports: range, lease_folder: Path) -> Iterator[Start]:
    """Start a program that has a ``leasing`` of ``ports``, the free ones unless given."""
    with ExitStack() as stack:

        def run(code: str, ports: range = free_ports) -> subprocess.Popen[str]:
            argv = [sys.executable, "-c", LEASE + code, str(ports.start), str(ports.stop)]
            pipe = subprocess.PIPE
            process = stack.enter_context(subprocess.Popen(argv, stdin=pipe, stdout=pipe, text=True))
            stack.callback(process.kill)
            return process

        yield run


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def just(port: int) -> range:
    return range(port, port + 1)


def test_no_port_is_leased_twice_and_all_of_them_once(leasing: Leasing, free_ports: range) -> None:
    assert sorted(one.port for one in leasing.leases(len(free_ports))) == list(free_ports)
    with pytest.raises(MaintError, match=rf"1 tcp port: not free in {shown(free_ports)}"):
        leasing.lease()


def test_a_released_port_can_be_leased_again_and_leaves_no_file(
    free_ports: range, lease_folder: Path
) -> None:
    leasing = Leasing(just(free_ports[0]))
    with leasing.lease() as first:
        assert [path.name for path in lease_folder.iterdir()] == [f"{first.port}.tcp"]
    assert list(lease_folder.iterdir()) == []
    first.release()
    with leasing.lease() as second:
        first.release()
        assert lockfile.held_by(lease_folder / f"{second.port}.tcp") is not None


def test_tcp_and_udp_are_apart(free_ports: range, lease_folder: Path) -> None:
    leasing = Leasing(just(free_ports[0]))
    assert leasing.lease(proto="tcp").port == leasing.lease(proto="udp").port


def test_ports_in_a_row_have_no_gap(leasing: Leasing, free_ports: range) -> None:
    middle = Leasing(just(free_ports[5])).lease()
    found = [one.port for one in leasing.leases(6, contiguous=True)]
    assert found == list(range(found[0], found[0] + 6))
    assert middle.port not in found
    with pytest.raises(MaintError, match="16 tcp ports in a row"):
        leasing.leases(16, contiguous=True)
    middle.release()
    assert len(leasing.leases(4, contiguous=True)) == 4


def test_a_registered_port_is_not_leased(free_ports: range, lease_folder: Path) -> None:
    leasing = Leasing(free_ports, avoid=set(free_ports[1:]))
    assert leasing.lease().port == free_ports[0]


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0", "::1", "::"])
@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_port_that_somebody_bound_without_a_lease_is_passed_over(
    free_ports: range, lease_folder: Path, address: str, kind: socket.SocketKind
) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    proto = "tcp" if kind == socket.SOCK_STREAM else "udp"
    leasing = Leasing(just(free_ports[0]))
    with socket.socket(family, kind) as other:
        other.bind((address, free_ports[0]))
        with pytest.raises(MaintError):
            leasing.lease(proto=proto)
    assert leasing.lease(proto=proto)


def test_a_lease_speaks_of_its_port(leasing: Leasing) -> None:
    with leasing.lease("tts") as lease:
        assert lease.url() == f"tcp://127.0.0.1:{lease.port}"
        assert lease.url("http", "::1") == f"http://[::1]:{lease.port}"
        assert lease.env("TTS_PORT") == {"TTS_PORT": str(lease.port)}
        assert str(lease) == f"Lease(tcp {lease.port})"


@pytest.mark.parametrize(("count", "proto"), [(0, "tcp"), (1, "sctp")])
def test_a_request_that_makes_no_sense_is_a_value_error(leasing: Leasing, count: int, proto: str) -> None:
    with pytest.raises(ValueError, match="expected at least 1, and 'tcp' or 'udp'"):
        leasing.leases(count, proto=proto)


def test_a_held_port_is_there_for_a_server_that_reuses_addresses_only(leasing: Leasing) -> None:
    lease = leasing.lease()
    lease.hold()
    lease.hold()
    with socket.socket() as plain, pytest.raises(OSError, match="in use") as caught:
        plain.bind(("127.0.0.1", lease.port))
    assert caught.value.errno == errno.EADDRINUSE
    with socket.create_server(("127.0.0.1", lease.port)):
        lease.release()
    with socket.socket() as plain:
        plain.bind(("127.0.0.1", lease.port))


def test_a_udp_port_cannot_be_held(leasing: Leasing) -> None:
    with pytest.raises(ValueError, match="only a tcp port can be held"):
        leasing.lease(proto="udp").hold()


def test_a_port_that_was_bound_meanwhile_cannot_be_held(leasing: Leasing) -> None:
    lease = leasing.lease()
    with socket.create_server(("127.0.0.1", lease.port)), pytest.raises(OSError, match="in use"):
        lease.hold()


def test_a_lease_ends_with_a_process_that_is_killed(start: Start, free_ports: range) -> None:
    holder = start("print(leasing.lease().port, flush=True); sys.stdin.read()")
    port = int(line(holder))
    with pytest.raises(MaintError):
        Leasing(just(port)).lease()
    holder.kill()
    holder.wait()
    with Leasing(just(port)).lease() as lease:
        assert lease.port == port


def test_a_forked_child_does_not_keep_the_lease_of_a_parent_that_died(start: Start) -> None:
    code = "lease = leasing.lease(); lease.hold()\n"
    code += "if os.fork() == 0: print(lease.port, os.getpid(), flush=True)\n"
    parent = start(code + "sys.stdin.read()")
    port, child = map(int, line(parent).split())
    with pytest.raises(MaintError):
        Leasing(just(port)).lease()
    parent.kill()
    parent.wait()
    os.kill(child, 0)  # still there: it reads until the test closes its end
    with Leasing(just(port)).lease() as lease:
        assert lease.port == port


def test_a_program_that_is_given_the_descriptor_keeps_the_lease(start: Start) -> None:
    code = "import subprocess; lease = leasing.lease()\n"
    code += "subprocess.Popen(['cat'], stdin=0, stdout=2, pass_fds=[lease.fileno()])\n"
    giver = start(code + "print(lease.port, flush=True); sys.stdin.read()")
    port = int(line(giver))
    giver.kill()
    giver.wait()
    with pytest.raises(MaintError):
        Leasing(just(port)).lease()


@FORKS
def test_a_release_in_a_fork_is_nothing(leasing: Leasing, lease_folder: Path) -> None:
    lease = leasing.lease()
    child = os.fork()
    if child == 0:
        # the number of the descriptor is free in the child, and goes to something else
        mine = [os.open(os.devnull, os.O_RDONLY)]
        while mine[-1] < lease.fileno():
            mine.append(os.open(os.devnull, os.O_RDONLY))
        lease.release()
        taken = lease.fileno() in mine and all(os.fstat(descriptor) for descriptor in mine)
        os._exit(0 if taken else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert lockfile.held_by(lease_folder / f"{lease.port}.tcp") is not None


def test_eight_processes_never_have_a_port_at_once(start: Start) -> None:
    ports = range(20000, 30000)
    code = "sys.stdin.readline(); print(*(one.port for one in leasing.leases(50)), flush=True)\n"
    processes = [start(code + "sys.stdin.read()", lease_range(ports, ephemeral()).ports) for _ in range(8)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    found = [port for process in processes for port in line(process).split()]
    assert len(set(found)) == len(found) == 400


def test_what_a_killed_holder_left_is_swept(start: Start, lease_folder: Path) -> None:
    holder = start("leasing.leases(3); print(flush=True); sys.stdin.read()")
    line(holder)
    holder.kill()
    holder.wait()
    (lease_folder / "note.txt").touch()
    assert len(list(lease_folder.iterdir())) == 4
    Leasing(range(1, 2))
    assert [path.name for path in lease_folder.iterdir()] == ["note.txt"]


@pytest.mark.parametrize("end", ["", "os.fork() == 0 and sys.exit(); os.wait()"])
def test_a_process_that_ends_takes_its_files_along(start: Start, lease_folder: Path, end: str) -> None:
    holder = start(f"leases = leasing.leases(3); {end or 'pass'}")
    assert holder.wait() == 0
    assert list(lease_folder.iterdir()) == []


@FORKS
@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_two_users_keep_each_other_out(free_ports: range, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAINT_LEASE_DIR", raising=False)
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        monkeypatch.setattr(lockfile, "SHARED", (Path(name, "a"),))
        child = os.fork()
        if child == 0:
            os.setuid(65534)
            Leasing(free_ports[:1]).lease()
            os.kill(os.getpid(), signal.SIGKILL)  # leaves a file of its own behind
        assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
        path = Path(name, "a", f"{free_ports[0]}.tcp")
        assert path.stat().st_uid == 65534
        with Leasing(free_ports[:1]).lease():
            child = os.fork()
            if child == 0:
                os.setuid(65534)
                try:
                    Leasing(free_ports[:1]).lease()
                except MaintError:
                    os._exit(0)
                os._exit(1)
            assert os.waitpid(child, 0)[1] == 0


def test_a_file_that_its_holder_deletes_before_it_is_locked_locks_nobody_out(
    free_ports: range, lease_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = lockfile.path_of(lockfile.folder(), free_ports[0], "tcp")
    before = lockfile.lock(path)
    assert before is not None

    class Late:
        """flock, as it is when the holder lets go between our open and our lock."""

        LOCK_EX, LOCK_NB, LOCK_SH = fcntl.LOCK_EX, fcntl.LOCK_NB, fcntl.LOCK_SH
        flocked = 0

        def flock(self, descriptor: int, operation: int) -> None:
            self.flocked += 1
            if self.flocked == 1:
                lockfile.unlock(before, path)
            fcntl.flock(descriptor, operation)

    monkeypatch.setattr(lockfile, "fcntl", late := Late())
    descriptor = lockfile.lock(path)
    assert descriptor is not None
    assert os.fstat(descriptor).st_ino == path.stat().st_ino
    assert late.flocked == 2
    assert lockfile.held_by(path) is not None
    lockfile.unlock(descriptor, path)


def make_link(path: Path) -> None:
    path.symlink_to("/etc/hostname")


def make_hard_link(path: Path) -> None:
    (path.parent / "other").touch()
    path.hardlink_to(path.parent / "other")


@pytest.mark.parametrize("make", [make_link, make_hard_link, os.mkfifo, os.mkdir])
def test_a_lock_file_that_is_no_file_of_its_own_is_refused(
    free_ports: range, lease_folder: Path, make: Callable[[Path], None]
) -> None:
    leasing = Leasing(just(free_ports[0]))
    make(lease_folder / f"{free_ports[0]}.tcp")
    with pytest.raises(MaintError, match="no place for leases"):
        leasing.lease()


def test_a_spoiled_lock_file_costs_its_port_and_no_other(free_ports: range, lease_folder: Path) -> None:
    leasing = Leasing(range(free_ports[0], free_ports[3]))
    make_link(lease_folder / f"{free_ports[1]}.tcp")
    assert {one.port for one in leasing.leases(2)} == {free_ports[0], free_ports[2]}


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff" * 9000, b"[" * 4096])
def test_what_a_lock_file_says_is_not_relied_upon(
    free_ports: range, lease_folder: Path, content: bytes
) -> None:
    lease = Leasing(just(free_ports[0])).lease()
    path = lease_folder / f"{lease.port}.tcp"
    path.write_bytes(content)
    assert lockfile.held_by(path) == {}
    lease.release()


@pytest.mark.parametrize("is_asked_for", [True, False])
def test_a_folder_that_is_tidied_away_is_made_again_or_said_to_be_gone(
    free_ports: range, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_asked_for: bool
) -> None:
    place = tmp_path / "leases"
    place.mkdir()
    if is_asked_for:
        monkeypatch.setenv("MAINT_LEASE_DIR", str(place))
    leasing = Leasing(just(free_ports[0]), place=place)
    place.rmdir()
    if is_asked_for:
        leasing.lease().release()
        return
    with pytest.raises(MaintError, match=f"^{place}: no place for leases of ports"):
        leasing.lease()


def test_a_note_replaces_a_longer_one(free_ports: range, lease_folder: Path) -> None:
    leasing = Leasing(just(free_ports[0]), about={"worker": "gw0"})
    path = lease_folder / f"{free_ports[0]}.tcp"
    path.write_bytes(b"x" * 3000)
    with leasing.lease("a"):
        noted = lockfile.held_by(path)
    assert noted is not None
    assert (noted["pid"], noted["name"], noted["worker"]) == (os.getpid(), "a", "gw0")


def test_the_shared_folder_is_open_to_everybody_and_sticky(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MAINT_LEASE_DIR", raising=False)
    monkeypatch.setattr(lockfile, "SHARED", (tmp_path / "a", tmp_path / "b"))
    assert lockfile.folder() == tmp_path / "a"
    assert (tmp_path / "a").stat().st_mode & 0o7777 == 0o1777
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize(
    "spoil", [Path.touch, lambda path: path.symlink_to("/tmp"), lambda path: path.mkdir(0o755)]
)
def test_a_shared_folder_that_somebody_spoiled_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[Path], None]
) -> None:
    monkeypatch.delenv("MAINT_LEASE_DIR", raising=False)
    monkeypatch.setattr(lockfile, "SHARED", (tmp_path / "a", tmp_path / "b"))
    spoil(tmp_path / "a")
    assert lockfile.folder() == tmp_path / "b"
    (tmp_path / "b").rmdir()
    spoil(tmp_path / "b")
    own = lockfile.folder()
    assert own == tmp_path / f"b-{os.getuid()}"
    assert own.stat().st_mode & 0o777 == 0o700
    own.rmdir()
    own.symlink_to("/tmp")
    with pytest.raises(MaintError, match="no place for leases"):
        lockfile.folder()


RANGES = st.tuples(st.integers(1, 65535), st.integers(0, 20000)).map(
    lambda pair: range(pair[0], min(65536, pair[0] + pair[1] + 1))
)


@settings(deadline=None)
@given(RANGES, RANGES)
def test_leases_stay_out_of_the_ephemeral_range_or_say_that_they_cannot(wanted: range, taken: range) -> None:
    found = lease_range(wanted, taken)
    assert len(found.ports) > 0
    meets = set(found.ports) & set(taken)
    assert not meets or "no room" in found.note
    assert (found.ports == wanted and not found.note) == (not set(wanted) & set(taken))


@settings(deadline=None)
@given(RANGES)
def test_a_range_reads_as_it_is_written(ports: range) -> None:
    assert parse(shown(ports)) == ports


class Leases(RuleBasedStateMachine):
    """Two leasings over the same ports, as of two processes: each open() has a lock of its own."""

    ports: range
    place: Path

    @initialize(seed=st.integers(0, 99))
    def begin(self, seed: int) -> None:
        lease_module._RANDOM = random.Random(seed)  # the same examples each time
        self.leasings = [Leasing(self.ports, place=self.place) for _ in range(2)]
        self.held: dict[int, Lease] = {}

    @rule(which=st.integers(0, 1))
    def one(self, which: int) -> None:
        if len(self.held) == len(self.ports):
            with pytest.raises(MaintError):
                self.leasings[which].lease()
            return
        self.add(self.leasings[which].lease())

    @rule(which=st.integers(0, 1), count=st.integers(2, 4))
    def row(self, which: int, count: int) -> None:
        rows = (range(start, start + count) for start in range(self.ports.start, self.ports.stop - count + 1))
        if any(not set(row) & self.held.keys() for row in rows):
            found = self.leasings[which].leases(count, contiguous=True)
            assert [one.port - found[0].port for one in found] == list(range(count))
            for one in found:
                self.add(one)
        else:
            with pytest.raises(MaintError, match="in a row"):
                self.leasings[which].leases(count, contiguous=True)

    @precondition(lambda self: self.held)
    @rule(which=st.integers(0, 5))
    def release(self, which: int) -> None:
        self.held.pop(sorted(self.held)[which % len(self.held)]).release()

    def add(self, lease: Lease) -> None:
        assert lease.port in self.ports
        assert lease.port not in self.held
        self.held[lease.port] = lease

    @invariant()
    def files_are_those_of_the_leases(self) -> None:
        assert {path.name for path in self.place.iterdir()} == {f"{port}.tcp" for port in self.held}

    def teardown(self) -> None:
        for one in self.held.values():
            one.release()


def test_leases_do_as_a_set_of_ports_does(
    free_ports: range, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease_module, "_RANDOM", random.Random(0))
    machine = type("Machine", (Leases,), {"ports": free_ports[:6], "place": tmp_path})
    test = machine.TestCase
    test.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
    test().runTest()
