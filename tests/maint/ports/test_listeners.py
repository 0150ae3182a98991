from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import psutil
import pytest

from maint.ports import listeners as module
from maint.ports.listeners import Listener, listeners, mine, owners, sockets_on
from maint.ports.netlink import ESTABLISHED, LISTEN, TIME_WAIT

BOUND = [
    (socket.AF_INET, socket.SOCK_STREAM, "127.0.0.1"),
    (socket.AF_INET, socket.SOCK_STREAM, "0.0.0.0"),
    (socket.AF_INET6, socket.SOCK_STREAM, "::1"),
    (socket.AF_INET, socket.SOCK_DGRAM, "127.0.0.1"),
    (socket.AF_INET6, socket.SOCK_DGRAM, "::"),
]


def no_netlink() -> None:
    raise OSError("refused")


@pytest.fixture(params=["netlink", "/proc/net"])
def source(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways to the kernel's list."""
    if request.param == "/proc/net":
        monkeypatch.setattr(module, "Dump", no_netlink)
    return str(request.param)


@pytest.fixture
def waiting() -> Iterator[set[Listener]]:
    """Sockets of this process that wait on a port."""
    with ExitStack() as stack:
        found = set()
        for family, kind, host in BOUND:
            one = stack.enter_context(socket.socket(family, kind))
            one.bind((host, 0))
            if kind == socket.SOCK_STREAM:
                one.listen()
            proto = "tcp" if kind == socket.SOCK_STREAM else "udp"
            found.add(Listener(proto, host, one.getsockname()[1], os.fstat(one.fileno()).st_ino))
        yield found


def test_what_waits_on_a_port_is_seen_with_its_inode(source: str, waiting: set[Listener]) -> None:
    assert waiting <= listeners()
    assert waiting <= mine()
    assert owners(one.inode for one in waiting) == {one.inode: (os.getpid(),) for one in waiting}


def test_a_closed_listener_is_gone_and_a_client_is_none(source: str) -> None:
    before = mine()
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert len(mine() - before) == 1
        with socket.create_connection(server.getsockname()):
            assert len(mine() - before) == 1
    assert mine() == before


def test_psutil_sees_the_same(waiting: set[Listener]) -> None:
    found = {(one.laddr.ip, one.laddr.port) for one in psutil.Process().net_connections() if not one.raddr}
    assert {(one.host, one.port) for one in mine([os.getpid()])} == found


def test_without_proc_psutil_is_asked(waiting: set[Listener], monkeypatch: pytest.MonkeyPatch) -> None:
    expected = {one._replace(inode=0) for one in mine([os.getpid()])}
    found = set(module._by_psutil([os.getpid()]))
    assert found == expected
    monkeypatch.setitem(sys.modules, "psutil", None)
    with pytest.raises(Exception, match="needs psutil here"):
        list(module._by_psutil(None))


def test_the_listeners_of_children_and_their_children_are_mine(source: str) -> None:
    inner = "import socket, sys; s = socket.create_server(('127.0.0.1', 0)); "
    inner += "print(s.getsockname()[1], flush=True); sys.stdin.read()"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
    argv = [sys.executable, "-c", outer]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        assert port in {one.port for one in mine()}
        assert port not in {one.port for one in mine([os.getpid()])}


def test_many_listeners_are_all_in_a_dump() -> None:
    with ExitStack() as stack:
        made = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(500)]
        assert {one.getsockname()[1] for one in made} <= {one.port for one in listeners()}


def test_what_the_kernels_dump_leaves_out_is_read_elsewhere(
    waiting: set[Listener], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kernel without CONFIG_INET_UDP_DIAG answers for udp as this one does for a protocol of nobody's."""
    monkeypatch.setattr(socket, "IPPROTO_UDP", 253)
    assert waiting <= listeners()
    ports = {one.port for one in waiting if one.proto == "udp"}
    assert all(sockets_on(port, "udp") for port in ports)


def test_a_socket_on_a_port_is_seen_whatever_it_does(source: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        client = socket.create_connection(server.getsockname())
        accepted = server.accept()[0]
        assert sorted(one.state for one in sockets_on(port, "tcp")) == [ESTABLISHED, LISTEN]
        accepted.close()
        client.close()
    assert [(one.state, one.inode) for one in sockets_on(port, "tcp")] == [(TIME_WAIT, 0)]
