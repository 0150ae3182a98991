"""The calls of a module that bind or connect, as drafts of sites."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from maint.ports.scan.expression import HOLE, Expression, Number, Opaque, Pair, Text, evaluate
from maint.ports.scan.forms import BIND, CONNECT, FORMS, METHODS, OF_DEVICES, PICKY, SERVERS, Form
from maint.ports.scan.lowering import Lowering
from maint.ports.scan.objects import At
from maint.ports.scan.scopes import Call, Module, Scope, called
from maint.ports.scan.site import Draft, address

_WORDS = frozenset(
    [
        "sock",
        "socket",
        "sockets",
        "skt",
        "zmq",
        "s",
        "pub",
        "sub",
        "push",
        "pull",
        "req",
        "rep",
        "router",
        "dealer",
        "frontend",
        "backend",
        "server",
        "client",
        "listener",
        "sender",
        "receiver",
        "sink",
        "pair",
        "xpub",
        "xsub",
        "publisher",
        "subscriber",
        "requester",
        "responder",
        "worker",
        "broker",
        "control",
        "dispatcher",
        "collector",
        "ventilator",
        "stream",
        "monitor",
        "heartbeat",
        "hb",
        "iopub",
        "shell",
        "stdin",
        "insock",
        "outsock",
    ]
)
_NETWORK = frozenset({"zmq", "socket", "eventlet", "gevent", "asyncore", "nanomsg", "pynng"})
_TYPES = re.compile(r"REQ|REP|PUB|SUB|PUSH|PULL|ROUTER|DEALER|XREP|XREQ|XPUB|XSUB|PAIR|STREAM|SERVER|CLIENT")
_UNPRIVILEGED = 1024
_TORNADO = Form(BIND, "http", host=1, port=0)
_SECURED = re.compile(
    r"curve_|CURVE_|plain_server|PLAIN_SERVER|gssapi_server|ThreadAuthenticator|AsyncioAuthenticator|zap_domain"
)


class _Found(NamedTuple):
    role: str
    kind: str
    proto: str
    address: Expression
    node: ast.expr


def drafts(module: Module, lowering: Lowering, text: str) -> list[Draft]:
    """Every bind and connect of a module, in the order of the file."""
    roots = _imported(module)
    is_open = _SECURED.search(text) is None
    found = []
    for call in module.calls:
        at = At(call.scope, call.node.lineno, call.block)
        for one in _of_call(call, at, module, lowering, roots):
            found.append(_draft(call, at, one, module, lowering, is_open))
    return sorted(found, key=lambda one: one.line)


def _draft(call: Call, at: At, one: _Found, module: Module, lowering: Lowering, is_open: bool) -> Draft:
    socket = _socket_type(call.node.func, at, lowering)
    return Draft(
        role=one.role,
        kind=one.kind,
        line=call.node.func.end_lineno or call.node.lineno,
        address=one.address,
        expression=ast.unparse(one.node)[:200],
        proto=one.proto,
        socket=socket if one.kind == "zmq" else "",
        classes=_classes(call.scope.owner_class, module),
        is_open=is_open and one.kind == "zmq" and one.role == BIND,
        last=call.node.end_lineno or 0,
    )


def _classes(scope: Scope | None, module: Module) -> tuple[str, ...]:
    """A class, and those of the module that it is derived from."""
    found: dict[str, None] = {}
    pending = [scope]
    while pending:
        one = pending.pop()
        if one is not None and isinstance(one.node, ast.ClassDef) and one.node.name not in found:
            found[one.node.name] = None
            pending += [module.class_named(base.id) for base in one.node.bases if isinstance(base, ast.Name)]
    return tuple(found)


def _of_call(
    call: Call, at: At, module: Module, lowering: Lowering, roots: frozenset[str]
) -> Iterator[_Found]:
    name = called(call.node)
    if name in METHODS and isinstance(call.node.func, ast.Attribute):
        found = list(_method(call.node, at, METHODS[name], lowering, roots))
        if found or name != "connect" or "websockets" not in roots:
            yield from found
            return
        yield from _formed(call.node, at, Form(CONNECT, "websocket", address=0, words=("uri",)), lowering)
        return
    forms = FORMS.get(name) or _of_subclass(call, name, module)
    for form in forms:
        if not form.needs or not roots.isdisjoint(form.needs):
            hits = list(_formed(call.node, at, form, lowering))
            yield from hits
            if hits and name != "create_datagram_endpoint":
                return


def _of_subclass(call: Call, name: str, module: Module) -> tuple[Form, ...]:
    """The form of a server's subclass: its construction, and ``super().__init__`` in it."""
    owner = call.scope.owner_class if name == "__init__" else module.class_named(name)
    if owner is None:
        return ()
    for base in owner.node.bases:  # type: ignore[attr-defined]
        last = base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
        if last in SERVERS and not (name != "__init__" and "__init__" in owner.names):
            return (SERVERS[last]._replace(needs=()),)
    return ()


def _formed(node: ast.Call, at: At, form: Form, lowering: Lowering) -> Iterator[_Found]:
    words = {word.arg: word.value for word in node.keywords if word.arg}
    has_stars = any(isinstance(one, ast.Starred) for one in node.args)
    if (
        form.kind == "http"
        and form.role == BIND
        and form.address is not None
        and len(node.args) == 1
        and not words
    ):
        return  # tornado's HTTPServer(app), which has no address yet
    if form.address is not None:
        given = next((words[one] for one in form.words if one in words), None)
        if given is None and 0 <= form.address < len(node.args) and not has_stars:
            given = node.args[form.address]
        if given is None:
            return
        value = lowering.lower(given, at)
        if _is_address(value, form):
            yield _Found(form.role, form.kind, form.proto, value, given)
        return
    port = words.get("port") or (node.args[form.port] if 0 <= form.port < len(node.args) else None)
    host = words.get("host") or words.get("address") or words.get("interface")
    if host is None and 0 <= form.host < len(node.args):
        host = node.args[form.host]
    if port is None or has_stars:
        if form.default is None or has_stars or any(word.arg is None for word in node.keywords):
            return
        if any(one in words for one in ("uds", "fd", "sock", "path", "unix_socket")):
            return
    if form.kind == "listen" and not _is_listened(port, at, lowering):
        return
    value = lowering.lower(port, at) if port is not None else Number(form.default or 0)
    # gethostname(), None: whatever it comes to
    place = lowering.lower(host, at) if host is not None else Text(form.default_host)
    if isinstance(port, ast.Constant) and not isinstance(port.value, int | str):
        return
    yield _Found(form.role, form.kind, form.proto, Pair(place, value), port or node.func)


def _is_listened(port: ast.expr | None, at: At, lowering: Lowering) -> bool:
    """Whether what ``listen`` takes is a port; a backlog is small or a power of two."""
    numbers = [one.value for one in evaluate(lowering.lower(port, at)) if isinstance(one.value, int)]
    if not numbers:
        return port is not None and "port" in ast.unparse(port).lower()
    return all(one >= _UNPRIVILEGED and one & (one - 1) for one in numbers)


def _is_address(value: Expression, form: Form) -> bool:
    """Whether this may be an address: a client's URL must have a port in it, a server's a host or a pair."""
    if isinstance(value, Opaque):
        return form.role == BIND or form.kind == "grpc"
    for one in evaluate(value):
        if form.kind in PICKY and form.role == CONNECT:
            return isinstance(one.value, str) and re.search(r"://[^/]*:\d", one.value) is not None
        if isinstance(one.value, int) or (
            isinstance(one.value, str) and ":" not in one.value and HOLE not in one.value
        ):
            return False
    return True


def _method(node: ast.Call, at: At, role: str, lowering: Lowering, roots: frozenset[str]) -> Iterator[_Found]:
    """``x.bind(…)`` and ``x.connect(…)``, where what is given or what is called is of a network."""
    words = {word.arg: word.value for word in node.keywords if word.arg}
    given = [
        *node.args,
        *(words[one] for one in ("addr", "address", "endpoint", "url") if one in words),
        *(word.value for word in node.keywords if word.arg is None),
    ]
    if not given or isinstance(given[0], ast.Lambda):
        return
    receiver = node.func.value  # type: ignore[attr-defined]
    made = lowering.behind(receiver, at).node
    source = ast.unparse(made) if isinstance(made, ast.Call) else ""
    if "AF_UNIX" in source:
        return
    if role == BIND and isinstance(made, ast.Call) and called(made).endswith("Server") and "tornado" in roots:
        yield from _formed(node, at, _TORNADO, lowering)
        return
    proto = "udp" if "SOCK_DGRAM" in source else "tcp"
    first = lowering.lower(given[0], at)
    if len(given) > 1 or "port" in words:
        port = words.get("port") or given[1]
        if role == BIND:
            return
        pair = Pair(first, lowering.lower(port, at))
        # win_network.connect(host, port) is a function of a module, not a client
        if _is_host_and_port(pair) and lowering.behind(receiver, at).ref is None:
            yield _Found(role, "client", proto, pair, port)
        return
    is_socket = (
        source.rpartition("(")[0].endswith("socket")
        or "socket(" in source
        or _is_socket_name(receiver)
        or (called(node) in OF_DEVICES and "zmq" in roots)
    )
    kind = _kind(first, is_socket and not roots.isdisjoint(_NETWORK), source, roots)
    if kind:
        yield _Found(role, kind, proto, first, given[0])


def _kind(value: Expression, is_socket: bool, source: str, roots: frozenset[str]) -> str:
    """``zmq``, ``socket``, or ``""`` for what is neither."""
    for one in evaluate(value):
        if isinstance(one.value, tuple):
            return "socket" if is_socket or "socket" in roots else ""
        if isinstance(one.value, int):
            return ""
        if "://" in one.value:
            found = address(one.value)
            is_other = re.match(r"(?!tcp|udp|e?pgm|\ufffc)[a-z]", one.value) is not None
            return "" if found is None or is_other else "zmq"
        if HOLE in one.value and is_socket:
            is_plain = "socket.socket" in source or "zmq" not in roots
            return "socket" if is_plain and "zmq." not in source else "zmq"
        if one.value.partition(":")[0] in ("", HOLE) and is_socket:
            return "zmq"
    return ""


def _is_host_and_port(pair: Pair) -> bool:
    for one in evaluate(pair):
        assert isinstance(one.value, tuple) or one.is_hole
        if isinstance(one.value, tuple):
            host, port = one.value
            if isinstance(host, str) and isinstance(port, int) and 0 < port < 65536 and " " not in host:
                return True
    return False


def _is_socket_name(node: ast.expr) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    if isinstance(node, ast.Subscript):
        return _is_socket_name(node.value)
    parts = re.findall(r"[a-z]+|[A-Z][a-z]*|[A-Z]+(?![a-z])", name)
    return any(part.lower() in _WORDS or part.lower().endswith(("sock", "socket")) for part in parts)


def _socket_type(function: ast.expr, at: At, lowering: Lowering) -> str:
    """REQ, PUB and so on, where the code that made the socket is in sight."""
    if not isinstance(function, ast.Attribute):
        return ""
    made = lowering.behind(function.value, at).node
    if isinstance(made, ast.Call):
        for argument in (*made.args, *(word.value for word in made.keywords)):
            name = argument.attr if isinstance(argument, ast.Attribute) else getattr(argument, "id", "")
            if _TYPES.fullmatch(name):
                return {"XREP": "ROUTER", "XREQ": "DEALER"}.get(name, name)
    return ""


def _imported(module: Module) -> frozenset[str]:
    """The packages that a module imports, by their first name."""
    nodes = (
        (binding.module or "")
        for scope in module.scopes.values()
        for bindings in scope.names.values()
        for binding in bindings
        if binding.kind == "import"
    )
    return frozenset(name.partition(".")[0] for name in nodes) | frozenset(
        star.partition(".")[0] for star in module.top.stars
    )
