from __future__ import annotations

import os
import shlex
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from maint.ports.holder import duration, holders
from maint.ports.lease import Leasing


def test_nobody_holds_a_free_port(free_ports: range, lease_folder: Path) -> None:
    assert holders(free_ports[0]) == []


def test_a_listener_is_named_with_its_command_and_folder(free_ports: range, lease_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", free_ports[0])):
        (found,) = holders(free_ports[0])
    assert (found.does, found.host, found.pid, found.cwd) == (
        "listening",
        "127.0.0.1",
        os.getpid(),
        str(Path.cwd()),
    )
    assert found.command == shlex.join(psutil.Process().cmdline())
    assert found.age_s is not None
    assert holders(free_ports[0], "udp") == []


def test_a_lease_tells_the_worker_and_the_test(free_ports: range, lease_folder: Path) -> None:
    about = {"worker": "gw1", "test": "tests/test_a.py::test_x"}
    with Leasing(free_ports[:1], about=about).lease("tts"):
        (leased,) = holders(free_ports[0])
        with socket.create_server(("127.0.0.1", free_ports[0])):
            (listening,) = holders(free_ports[0])
    assert (leased.does, listening.does) == ("leased", "listening")
    for one in (leased, listening):
        assert (one.pid, one.name, one.worker, one.test) == (os.getpid(), "tts", "gw1", about["test"])
        assert "as tts; in tests/test_a.py::test_x on gw1; for 0 s" in str(one)


def test_a_bound_socket_that_does_not_listen_is_in_the_way_too(free_ports: range, lease_folder: Path) -> None:
    lease = Leasing(free_ports[:1]).lease()
    lease.hold()
    # kernels before 6.8 do not list a tcp socket that is bound and does not listen
    assert {one.does for one in holders(free_ports[0])} in ({"bound"}, {"leased"})
    lease.release()


def test_a_closing_connection_is_said_to_be_nobodys(free_ports: range, lease_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", free_ports[0])) as server:
        client = socket.create_connection(server.getsockname())
        server.accept()[0].close()
        client.close()
    (found,) = holders(free_ports[0])
    assert (found.does, found.pid) == ("closing", None)
    assert "SO_REUSEADDR" in str(found)


@pytest.mark.parametrize(
    "note",
    [b"", b"nonsense", b'{"pid": "x"}', b'{"pid": true}', b'{"pid": 99999999}', b'{"name": [1], "pid": -1}'],
)
def test_a_note_that_makes_no_sense_makes_no_holder_up(
    free_ports: range, lease_folder: Path, note: bytes
) -> None:
    with Leasing(free_ports[:1]).lease() as lease:
        (lease_folder / f"{lease.port}.tcp").write_bytes(note)
        (found,) = holders(lease.port)
    assert (found.does, found.command, found.name) == ("leased", None, None)
    assert found.note


def test_what_a_note_says_cannot_write_on_the_terminal(free_ports: range, lease_folder: Path) -> None:
    with Leasing(free_ports[:1], about={"test": "a\x1b[31m\nb"}).lease():
        (found,) = holders(free_ports[0])
    assert found.test == r"a\x1b[31m\nb"


# xdist's workers have a thread besides the one that forks here
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_another_users_process_is_not_made_up(free_ports: range, lease_folder: Path) -> None:
    reader, writer = os.pipe()
    with socket.create_server(("127.0.0.1", free_ports[0])):
        child = os.fork()
        if child == 0:
            os.closerange(3, reader)
            os.closerange(writer + 1, os.sysconf("SC_OPEN_MAX"))
            os.setuid(65534)
            os.write(writer, "\n".join(map(str, holders(free_ports[0]))).encode())
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader) as said:
            text = said.read()
        assert os.waitpid(child, 0)[1] == 0
    assert text == (
        "a process without a pid here listening on 127.0.0.1; "
        "its process belongs to user 0; ask as that user, or as root"
    )


def test_an_outgoing_connection_on_the_port_is_seen(free_ports: range, lease_folder: Path) -> None:
    code = "import socket, sys; s = socket.create_connection(('127.0.0.1', int(sys.argv[1])), "
    code += "source_address=('127.0.0.1', int(sys.argv[2]))); print(flush=True); sys.stdin.read()"
    with socket.create_server(("127.0.0.1", 0)) as server:
        argv = [sys.executable, "-c", code, str(server.getsockname()[1]), str(free_ports[0])]
        with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
            assert client.stdout is not None
            client.stdout.readline()
            (found,) = holders(free_ports[0])
            assert (found.does, found.pid) == ("connected", client.pid)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (119, "119 s"), (600, "10 min"), (7200, "2 h"), (432_000, "5 days")]
)
def test_an_age_reads_as_people_say_it(seconds: float, text: str) -> None:
    assert duration(seconds) == text
