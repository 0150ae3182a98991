"""How often tests that bind fixed ports collide under ``pytest -n 4``, with and without ``binds``.

    python benchmarks/ports_collisions.py [--runs 50]

40 tests serve a request on one of four fixed ports each, for a few milliseconds. Both kinds run in turns; a
collision is a test that failed with ``Address already in use``.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from maint.ports import ranges
from maint.ports.lease import Leasing

WITH, WITHOUT = "marked", "not marked"
SUITE = """
import socket, time, pytest

PORTS = {ports}

@pytest.fixture
def server(port):
    with socket.create_server(("127.0.0.1", port)) as made:
        time.sleep(0.01)
        yield made

def case(number):
    port = PORTS[number % len(PORTS)]
    return pytest.param(port, marks={marks}, id=str(number))

@pytest.mark.parametrize("port", map(case, range(40)))
def test_serves(server, port):
    with socket.create_connection(("127.0.0.1", port)) as client:
        answering, _ = server.accept()
        with answering:
            answering.sendall(b"x")
        assert client.recv(1) == b"x"
"""


def main() -> int:
    """Run both kinds in turns and print a line for each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=50)
    given = parser.parse_args()
    found: dict[str, list[int]] = {WITHOUT: [], WITH: []}
    with tempfile.TemporaryDirectory() as folder, fixed_ports(4) as ports:
        for _ in range(given.runs):
            for kind, collisions in found.items():
                collisions.append(collisions_of(Path(folder), ports, kind))
    for kind, collisions in found.items():
        red = sum(map(bool, collisions))
        print(f"{kind:<10} {red:3} of {given.runs} runs red, {sum(collisions):4} tests that collided")
    return 0


@contextmanager
def fixed_ports(count: int) -> Iterator[list[int]]:
    """Ports that no lease of this machine takes meanwhile; the suites look for leases elsewhere."""
    leases = Leasing(ranges.lease_range(range(20000, 30000), ranges.ephemeral()).ports).leases(count)
    try:
        yield [one.port for one in leases]
    finally:
        for one in leases:
            one.release()


def collisions_of(folder: Path, ports: list[int], kind: str) -> int:
    """Run the suite once; the number of tests that could not bind."""
    marks = "pytest.mark.binds(port)" if kind == WITH else "()"
    (folder / "test_it.py").write_text(SUITE.format(ports=ports, marks=marks), encoding="utf-8")
    places = folder / "leases"
    places.mkdir(exist_ok=True)
    environment = {
        **os.environ,
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "MAINT_LEASE_DIR": str(places),
    }
    plugins = ("-p", "pytest_maint.plugin", "-p", "xdist.plugin")
    command = [sys.executable, "-m", "pytest", *plugins, "-p", "no:cacheprovider", "-q", "-n4", "-rfE"]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    if done.returncode not in (0, 1):
        raise SystemExit(done.stdout + done.stderr)
    lines = re.findall(r"^(?:FAILED|ERROR) .*$", done.stdout, re.MULTILINE)
    # the summary cuts the message: each test binds once, and has no other way to fail
    return len(lines)


if __name__ == "__main__":
    sys.exit(main())
