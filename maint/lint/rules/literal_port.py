"""MNT030 literal-port: two services that were given the same number meet at run time."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from maint.lint.module import Module
    from maint.lint.scope import Scope
    from maint.lint.violation import Violation

CODE = "MNT030"

VALID = """
--- from the registry
socket.bind(f"tcp://*:{get_port('stock')}")
--- the system chooses
server.bind(("127.0.0.1", 0))
--- zmq chooses
socket.bind("tcp://*:0")
--- no port at all
socket.bind("inproc://stock")
signal.connect(receiver)
db = sqlite3.connect(":memory:")
--- a backlog is no port
server.listen(5)
server.listen(1024)
--- a name that comes from elsewhere
from shop.ports import STOCK
socket.connect(STOCK)
server.bind(("", STOCK.port))
--- tests may [path = "tests/test_stock.py"]
socket.bind("tcp://127.0.0.1:5555")
--- some other function
window.open("http://localhost:8080")
--- a time
clock.connect("12:30:45")
"""

INVALID = """
--- a string
socket.bind("tcp://*:5555")  # !
--- the tail of an f-string
socket.connect(f"tcp://{host}:5555")  # !
--- a tuple
server.bind(("0.0.0.0", 8080))  # !
--- a constant of the module
URL = "tcp://*:5555"
socket.bind(URL)  # !
--- the tail of a sum
socket.connect("tcp://" + host + ":5555")  # !
--- a template
socket.connect("tcp://%s:5555" % host)  # !
socket.connect("tcp://{}:5555".format(host))  # !
--- by name
app.listen(port=8888)  # !
--- the first argument of listen
app.listen(8888)  # !
--- the second argument of connect
client.connect("localhost", 1883)  # !
--- with a path
client.connect("ws://localhost:8765/stock")  # !
--- host and port
channel.connect("localhost:50051")  # !
--- behind two lines
client.connect(
    host,
    port=1883,  # !
)
--- awaited, in a lambda, in a decorator
later = lambda: socket.bind("tcp://*:5556")  # !
@app.connect("tcp://*:5557")  # !
def f(): pass
--- a call of this project [port-calls = ["serve"]]
serve("tcp://*:5555")  # !
"""

_URL = re.compile(
    r"(?:^[a-z][a-z0-9+.-]*://[^/\s]*|^[\w*.-]*[a-z*][\w*.-]*|^\d+(?:\.\d+){3}):(\d{1,5})(?:/|$)", re.I
)
_TAIL = re.compile(r":(\d{1,5})(?:/[^:]*)?$")
_HIGHEST = 65535
_UNPRIVILEGED = 1024


def check(module: Module) -> Iterator[Violation]:
    """Calls that bind or connect to a port written into the code, at the argument that has it."""
    if module.is_test or not module.settings.port_calls:
        return
    for call, scope in module.calls(module.settings.port_calls):
        function = call.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if name not in module.settings.port_calls:
            continue
        for argument, port in _ports(call, name, scope):
            message = f'{name} takes the literal port {port}; take it from the registry: get_port("name")'
            yield module.violation(CODE, argument, message, scope)


def _ports(call: ast.Call, name: str, scope: Scope) -> Iterator[tuple[ast.expr, int]]:
    """The arguments of a call that hold a port, and that port; no call has more than one."""
    numbered = [(one.value, _number(one.value)) for one in call.keywords if one.arg == "port"]
    if len(call.args) > 1:
        numbered.append((call.args[1], _number(call.args[1])))
    elif name == "listen" and call.args:
        number = _number(call.args[0])
        # a backlog is small or a power of two
        numbered.append((call.args[0], number if number >= _UNPRIVILEGED and number & (number - 1) else 0))
    candidates = [*numbered, *((one, _in_address(one, scope)) for one in call.args[:1])]
    candidates += [(one.value, _in_address(one.value, scope)) for one in call.keywords if one.arg != "port"]
    found = [(argument, port) for argument, port in candidates if 0 < port <= _HIGHEST]
    yield from found[:1]


def _in_address(node: ast.expr, scope: Scope) -> int:
    """The port in an address: a string in any of its forms, a tuple, a constant of those; 0 for none."""
    match node:
        case ast.Constant(value=str(text)):
            return _matched(_URL, text)
        case ast.Constant(value=bytes(octets)):
            return _matched(_URL, octets.decode("ascii", "replace"))
        case ast.Tuple(elts=[_, port, *_]):
            return _number(port)
        case ast.JoinedStr(values=[*_, ast.Constant(value=str(tail))]):
            return _matched(_TAIL, tail)
        case ast.BinOp(op=ast.Add(), right=ast.Constant(value=str(tail))):
            return _matched(_TAIL, tail)
        case ast.BinOp(op=ast.Mod(), left=ast.Constant(value=str(template))):
            return _matched(_TAIL, template)
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(template)), attr="format")):
            return _matched(_TAIL, template)
        case ast.Name(id=name):
            found = scope.lookup(name)
            only = found[0][0] if found and len(found[0]) == 1 else None
            return _in_address(only, scope) if isinstance(only, ast.Constant) else 0
        case _:
            return 0


def _number(node: ast.expr) -> int:
    value = node.value if isinstance(node, ast.Constant) else 0
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _matched(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.search(text)
    return int(found[1]) if found else 0
