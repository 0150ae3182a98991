"""Which binders the guard sees, and when: the table of docs/evidence/ports-guard.md is this test's result."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import indent
from typing import NamedTuple

import pytest

PAGE = Path(__file__).parents[3] / "docs" / "evidence" / "ports-guard.md"
AT_BIND, AT_TEARDOWN, NEVER = "at the bind", "at teardown", "no"


class Binder(NamedTuple):
    """``code`` binds PORT of 127.0.0.1 and puts what has to be closed, by calling it, into KEPT."""

    name: str
    code: str
    fixed: str
    left: str


CHILD = (
    "import socket,sys; s = socket.create_server(('127.0.0.1', PORT)); "
    "print('up', flush=True); sys.stdin.read()"
)
MATRIX = [
    Binder(
        "socket",
        "made = socket.socket()\nKEPT.append(made.close)\nmade.bind(('127.0.0.1', PORT))\nmade.listen()",
        AT_BIND,
        AT_TEARDOWN,
    ),
    Binder(
        "_socket",
        "import _socket\nmade = _socket.socket()\nKEPT.append(made.close)\n"
        "made.bind(('127.0.0.1', PORT))\nmade.listen()",
        AT_BIND,
        AT_TEARDOWN,
    ),
    Binder(
        "UDP",
        "made = socket.socket(type=socket.SOCK_DGRAM)\nKEPT.append(made.close)\n"
        "made.bind(('127.0.0.1', PORT))",
        AT_BIND,
        AT_TEARDOWN,
    ),
    Binder(
        "asyncio",
        "import asyncio\nloop = asyncio.new_event_loop()\nKEPT.append(loop.close)\n"
        "made = loop.run_until_complete(loop.create_server(asyncio.Protocol, '127.0.0.1', PORT))\n"
        "KEPT.insert(0, lambda: (made.close(), loop.run_until_complete(asyncio.sleep(0))))",
        AT_BIND,
        AT_TEARDOWN,
    ),
    Binder(
        "http.server",
        "import http.server as h\nmade = h.HTTPServer(('127.0.0.1', PORT), h.BaseHTTPRequestHandler)\n"
        "KEPT.append(made.server_close)",
        AT_BIND,
        AT_TEARDOWN,
    ),
    Binder(
        "socketserver",
        "import socketserver as s\nmade = s.ThreadingTCPServer(('127.0.0.1', PORT), s.BaseRequestHandler)\n"
        "KEPT.append(made.server_close)",
        AT_BIND,
        AT_TEARDOWN,
    ),
    Binder(
        "pyzmq",
        "import zmq\ncontext = zmq.Context()\nmade = context.socket(zmq.REP)\n"
        "KEPT.append(lambda: (made.close(), context.term()))\nmade.bind('tcp://127.0.0.1:PORT')",
        AT_BIND,
        AT_TEARDOWN,
    ),
    Binder(
        "uvloop, TCP",
        "import asyncio, uvloop\nloop = uvloop.new_event_loop()\nKEPT.append(loop.close)\n"
        "made = loop.run_until_complete(loop.create_server(asyncio.Protocol, '127.0.0.1', PORT))\n"
        "KEPT.insert(0, lambda: (made.close(), loop.run_until_complete(asyncio.sleep(0))))",
        AT_BIND,
        AT_TEARDOWN,
    ),
    Binder("multiprocessing, fork", "KEPT.append(started('fork', PORT))", AT_BIND, AT_TEARDOWN),
    Binder("multiprocessing, spawn", "KEPT.append(started('spawn', PORT))", AT_TEARDOWN, AT_TEARDOWN),
    Binder(
        "subprocess",
        f"made = subprocess.Popen([sys.executable, '-c', {CHILD!r}], "
        "stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        "made.stdout.readline()\nKEPT.append(made.communicate)",
        AT_TEARDOWN,
        AT_TEARDOWN,
    ),
    # libuv binds by itself; and a UDP port that the kernel chose may be a client's
    Binder(
        "uvloop, UDP",
        "import asyncio, uvloop\nloop = uvloop.new_event_loop()\nKEPT.append(loop.close)\n"
        "made = loop.create_datagram_endpoint(asyncio.DatagramProtocol, ('127.0.0.1', PORT))\n"
        "made, _ = loop.run_until_complete(made)\n"
        "KEPT.insert(0, lambda: (made.close(), loop.run_until_complete(asyncio.sleep(0))))",
        AT_TEARDOWN,
        NEVER,
    ),
    Binder(
        "unix socket",
        "made = socket.socket(socket.AF_UNIX)\nKEPT.append(made.close)\n"
        "made.bind('\\0maint-PORT')\nmade.listen()",
        NEVER,
        NEVER,
    ),
]
HEAD = """
import multiprocessing, socket, subprocess, sys, threading

KEPT = []

def end():
    while KEPT:
        KEPT.pop(0)()

def serve(port, up):
    made = socket.create_server(("127.0.0.1", port))
    up.send(True)
    threading.Event().wait()

def started(method, port):
    context = multiprocessing.get_context(method)
    here, there = context.Pipe()
    child = context.Process(target=serve, args=(port, there))
    child.start()
    there.close()
    try:
        here.recv()
    except EOFError:
        pass
    return lambda: (here.close(), child.kill(), child.join())
"""


@pytest.fixture
def seen(guarded, free_ports) -> dict[str, tuple[str, str]]:
    """When each binder was caught, with a fixed port and with a listener that it left behind."""
    for number, (binder, port) in enumerate(zip(MATRIX, free_ports(len(MATRIX)), strict=True)):
        tests = "".join(
            f"def test_{name}():\n{indent(binder.code.replace('PORT', str(value)), '    ')}\n\n"
            f"def test_end_of_{name}():\n    end()\n\n"
            for name, value in (("fixed", port), ("left", 0))
        )
        (guarded.root / f"test_{number}.py").write_text(f"{HEAD}\n\n{tests}")
    result = guarded.run("-W", "ignore", "-p", "no:threadexception", process=True)
    codes = {(one["location"]["node_id"], one["code"]) for one in guarded.findings}
    assert {node.rpartition("::")[2] for node, _ in codes} <= {"test_fixed", "test_left"}, result.stdout.str()
    return {
        binder.name: (
            _when(codes, f"test_{number}.py::test_fixed"),
            _when(codes, f"test_{number}.py::test_left"),
        )
        for number, binder in enumerate(MATRIX)
    }


def _when(codes: set[tuple[str, str]], node_id: str) -> str:
    if (node_id, "PORT010") in codes:
        return AT_BIND
    return AT_TEARDOWN if (node_id, "PORT011") in codes else NEVER


def test_the_guard_sees_what_the_table_says(seen) -> None:
    assert seen == {binder.name: (binder.fixed, binder.left) for binder in MATRIX}
    rows = [f"| {name} | {fixed} | {left} |" for name, (fixed, left) in seen.items()]
    head = "| binds with | a fixed port of nobody's is seen | a listener that stays is seen |"
    table = "\n".join([head, "|---|---|---|", *rows])
    published = re.search(
        r"<!-- matrix -->\n(.*?)\n<!-- /matrix -->", PAGE.read_text(encoding="utf-8"), re.DOTALL
    )
    assert published is not None
    assert published[1].strip() == table, f"{PAGE.name} should hold:\n{table}"
