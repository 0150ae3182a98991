"""What only the running program knows is listed with its expression, and never dropped."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from maint.ports.scan.run import Scan

Project = Callable[[Mapping[str, str]], Scan]
SOCKET = "import zmq\nsock = zmq.Context().socket(zmq.REP)\n"


@pytest.mark.parametrize(
    ("source", "expression"),
    [
        ("for port in given():\n    sock.bind(f'tcp://*:{port}')\n", "f'tcp://*:{port}'"),
        ("for host, port in peers:\n    sock.bind(f'tcp://{host}:{port}')\n", "f'tcp://{host}:{port}'"),
        ("for port in []:\n    sock.bind(f'tcp://*:{port}')\n", "f'tcp://*:{port}'"),
        ("[sock.bind(url) for url in given()]\n", "url"),
        ("sock.bind(*given())\n", "*given()"),
        ("sock.bind(**given())\n", "given()"),
    ],
    ids=["loop", "pairs", "empty", "comprehension", "stars", "keywords"],
)
def test_a_bind_that_cannot_be_resolved_is_listed(project: Project, source: str, expression: str) -> None:
    found = project({"a.py": SOCKET + source}).sites
    assert [(one.role, one.port, one.expression) for one in found] == [("bind", None, expression)]


def test_every_bind_of_a_zeromq_device_is_listed(project: Project) -> None:
    source = """import zmq.devices
class Relay:
    def __init__(self, front):
        self._relay = zmq.devices.ThreadProxySteerable(zmq.XPUB, zmq.XSUB)
        self._relay.bind_in(front)
        self._relay.bind_ctrl("tcp://127.0.0.1:5557")
        self._relay.connect_ctrl("tcp://127.0.0.1:5558")
"""
    found = project({"a.py": source}).sites
    assert [(one.role, one.port, one.expression) for one in found] == [
        ("bind", None, "front"),
        ("bind", 5557, "'tcp://127.0.0.1:5557'"),
        ("connect", 5558, "'tcp://127.0.0.1:5558'"),
    ]
    # where nothing is of ZeroMQ, these are other methods
    assert (
        project({"a.py": "import tkinter\ncanvas.bind_in(handler)\ncanvas.bind_ctrl('<Key>')\n"}).sites == []
    )


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("bind(8888)", ("*", 8888)),
        ("bind(8888, '127.0.0.1')", ("127.0.0.1", 8888)),
        ("bind(options['port'], address='localhost')", ("localhost", None)),
    ],
)
def test_a_tornado_server_binds_a_number(
    project: Project, call: str, expected: tuple[str, int | None]
) -> None:
    source = "import tornado.httpserver\nserver = tornado.httpserver.HTTPServer(app)\nserver.{}\n"
    found = project({"a.py": source.format(call)}).sites
    assert [(one.role, one.host, one.port) for one in found] == [("bind", *expected)]
    # another thing that binds a number is no server
    assert project({"a.py": f"import tornado\nstatement = prepare()\nstatement.{call}\n"}).sites == []


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("compose.yml", "services:\n  a:\n    ports: ['${P}:80']\n", ["${P}:80"]),
        ("compose.yml", "services:\n  a:\n    ports: ['127.0.0.1:$P:80/udp']\n", ["127.0.0.1:$P:80/udp"]),
        ("compose.yml", "services:\n  a:\n    ports: ['127.0.0.1::80']\n", []),
        (
            "compose.yml",
            "services:\n  a:\n    ports: ['10.0.0.${X}:8080-${Y}:80']\n",
            ["10.0.0.${X}:8080-${Y}:80"],
        ),
        (
            "compose.yml",
            "services:\n  a:\n    ports: [{published: '${P}', target: 80}]\n",
            ["published: ${P}"],
        ),
        ("compose.yml", "services:\n  a:\n    ports: ['80', {target: 80}]\n", []),
        ("Dockerfile", "FROM x\nEXPOSE $PORT\n", ["EXPOSE $PORT"]),
        ("bus.socket", "[Socket]\nListenStream=127.0.0.1:%i\n", ["ListenStream=127.0.0.1:%i"]),
        ("bus.socket", "[Socket]\nListenStream=/run/bus-%i.sock\nListenStream=@bus\n", []),
    ],
)
def test_so_is_one_of_a_configuration(project: Project, name: str, text: str, expected: list[str]) -> None:
    found = project({name: text}).sites
    assert [(one.port, one.expression) for one in found] == [(None, one) for one in expected]


def test_a_list_of_ports_in_toml_is_read(project: Project) -> None:
    found = project({"a.toml": "[server]\nports = [7701, 7702]  # 7703\nreports = [1, 2]\n"}).sites
    assert [one.port for one in found] == [7701, 7702]
