from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from maint.ports import claim
from maint.ports.claim import ClaimError
from maint.ports.lease import Leasing

Service = Callable[[str], subprocess.Popen[str]]


@pytest.fixture(autouse=True)
def registry(free_ports: range, lease_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "ports.yaml"
    first, udp, pool = free_ports[0], free_ports[1], free_ports[2:5]
    path.write_text(
        "version: 1\nports:\n"
        f"  HEALTH_BUS: {{port: {first}, owner: monitor}}\n"
        f"  LOGS: {{port: {udp}, proto: udp}}\n"
        f"  POOL: {{port: {pool[0]}-{pool[-1]}, host: '*'}}\n"
    )
    monkeypatch.setenv("MAINT_PORTS_FILE", str(path))
    return path


@pytest.fixture
def service() -> Iterator[Service]:
    """Start a program that has claimed or bound something, when it is ready."""
    with ExitStack() as stack:

        def run(code: str) -> subprocess.Popen[str]:
            code += "\nprint('ready', flush=True); sys.stdin.read()"
            argv = [sys.executable, "-c", "import os, socket, sys\nfrom maint.ports import claim\n" + code]
            pipe = subprocess.PIPE
            process = stack.enter_context(subprocess.Popen(argv, stdin=pipe, stdout=pipe, text=True))
            stack.callback(process.kill)
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            return process

        yield run


def test_a_port_is_claimed_once_until_it_is_released(free_ports: range) -> None:
    with claim("HEALTH_BUS") as mine:
        assert mine.port == free_ports[0]
        with pytest.raises(
            ClaimError,
            match=f"HEALTH_BUS: tcp {mine.port} is claimed already by this process: pid {os.getpid()} .*; "
            "claim it once, and before the bind",
        ):
            claim("HEALTH_BUS")
        with socket.create_server(("127.0.0.1", mine.port)):
            pass
    claim("HEALTH_BUS").release()


@pytest.mark.parametrize("end", ["kill", "exit"])
def test_a_claim_of_another_process_is_named_and_ends_with_it(service: Service, end: str) -> None:
    other = service("claim('HEALTH_BUS')")
    with pytest.raises(ClaimError) as caught:
        claim("HEALTH_BUS")
    said = str(caught.value)
    assert f"pid {other.pid} (" in said
    assert "as HEALTH_BUS" in said
    assert f"in the folder {Path.cwd()}" in said
    if end == "kill":
        other.kill()
    else:
        assert other.stdin is not None
        other.stdin.close()
    other.wait()
    claim("HEALTH_BUS").release()


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])
def test_a_port_that_was_bound_without_a_claim_is_refused(
    service: Service, free_ports: range, address: str
) -> None:
    other = service(f"server = socket.create_server(({address!r}, {free_ports[0]}))")
    with pytest.raises(ClaimError, match=rf"is bound already by pid {other.pid} \(.* listening on {address}"):
        claim("HEALTH_BUS")


def test_a_port_that_this_program_bound_before_the_claim_is_refused_with_what_to_do(
    free_ports: range,
) -> None:
    with (
        socket.create_server(("127.0.0.1", free_ports[0])),
        pytest.raises(ClaimError, match=r"bound already by this process: pid .*; claim it once, and before"),
    ):
        claim("HEALTH_BUS")


def test_a_udp_port_that_was_bound_is_refused(service: Service, free_ports: range) -> None:
    other = service(f"s = socket.socket(type=socket.SOCK_DGRAM); s.bind(('', {free_ports[1]}))")
    with pytest.raises(ClaimError, match=rf"LOGS: udp {free_ports[1]} is bound already by pid {other.pid} "):
        claim("LOGS")


def test_a_range_is_claimed_whole_or_not_at_all(service: Service, free_ports: range) -> None:
    service(f"server = socket.create_server(('127.0.0.1', {free_ports[4]}))")
    with pytest.raises(ClaimError, match=f"POOL: tcp {free_ports[4]} is bound"):
        claim("POOL")
    assert len(Leasing(free_ports[2:4]).leases(2)) == 2


def test_a_lease_keeps_a_claim_out_and_a_claim_a_lease(free_ports: range) -> None:
    leasing = Leasing(free_ports[:1])
    with leasing.lease("other"), pytest.raises(ClaimError, match="as other"):
        claim("HEALTH_BUS")


def test_closing_connections_of_the_server_before_do_not_count(free_ports: range) -> None:
    with socket.create_server(("127.0.0.1", free_ports[0])) as server:
        client = socket.create_connection(server.getsockname())
        server.accept()[0].close()  # the side that closes first stays in TIME_WAIT
        client.close()
    claim("HEALTH_BUS").release()


def test_a_forked_worker_does_not_keep_the_claim_of_a_master_that_was_killed(service: Service) -> None:
    master = service("claim('HEALTH_BUS')\nif os.fork() == 0: sys.stdin.read(); os._exit(0)")
    master.kill()
    master.wait()
    claim("HEALTH_BUS").release()


def test_an_override_is_claimed_even_without_a_registry(
    free_ports: range, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MAINT_PORTS_FILE")
    (tmp_path / "bare" / ".git").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "bare")
    monkeypatch.setenv("PORT_ANY", str(free_ports[6]))
    with claim("ANY", registry=None) as mine:
        assert mine.port == free_ports[6]
