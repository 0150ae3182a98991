"""What the name of a setting and its neighbours say of a port: whether it is one, and who opens it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from maint.ports.scan.expression import HIGH, LOW, MEDIUM, UNKNOWN, Expression, Number, Pair, Soft, Text
from maint.ports.scan.forms import BIND, CONNECT
from maint.ports.scan.site import HIGHEST, Draft, address

_TOKEN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_BINDS = frozenset(
    {"bind", "listen", "listener", "listening", "server", "expose", "serve", "publish", "published"}
)
_CONNECTS = frozenset(
    [
        "connect",
        "client",
        "remote",
        "target",
        "upstream",
        "peer",
        "database",
        "db",
        "redis",
        "postgres",
        "postgresql",
        "mysql",
        "mongo",
        "mongodb",
        "smtp",
        "amqp",
        "rabbitmq",
        "kafka",
        "broker",
        "ldap",
        "proxy",
        "dest",
        "destination",
        "master",
        "forward",
        "backend",
        "memcached",
        "imap",
        "ssh",
    ]
)
_ANYWHERE = frozenset({"*", "0.0.0.0", "::", "[::]", ""})
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_HOSTS = ("host", "hostname", "ip", "address", "bind", "interface", "listen")
_VARIABLE = re.compile(r"\$\{\w+(?::?-(?P<default>[^}]*))?\}|\$\w+")


def words(key: str) -> set[str]:
    """The words of a name: ``httpPort`` and ``HTTP_PORT`` are http and port."""
    return {word.lower() for word in _TOKEN.findall(key)}


def is_port(key: str) -> bool:
    """Whether a setting of that name holds a port: ``port``, ``rpc_port``; not ``report`` nor ``import``."""
    return bool(words(key) & {"port", "ports"})


def number(text: object) -> tuple[Expression, int] | None:
    """A port that is written out, and how sure it is; ``${VAR:-8080}`` is 8080 unless something says else."""
    if isinstance(text, int) and not isinstance(text, bool):
        text = str(text)
    if not isinstance(text, str):
        return None
    doubt = HIGH
    if (match := _VARIABLE.fullmatch(text.strip())) is not None:
        if match["default"] is None:
            return None
        text, doubt = match["default"], MEDIUM
    text = text.strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= 5 and 0 < int(text) <= HIGHEST):
        return None
    return (Soft(Number(int(text))) if doubt else Number(int(text))), doubt


def setting(
    key: str, value: object, line: int, above: str = "", beside: Mapping[str, object] = {}
) -> Draft | None:
    """The site that a setting speaks of; None where it holds no port.

    ``above`` are the names it lies under, ``beside`` the settings next to it. Where neither says who opens
    the port it is taken for a bind of low confidence: it excuses findings and makes none.
    """
    if isinstance(value, str) and "://" in value:
        return _url(key, value, line)
    if not is_port(key) or (found := number(value)) is None:
        return None
    said = words(key) | words(above)
    host = next((str(beside[name]) for name in _HOSTS if name in beside), None)
    role, doubt = BIND, LOW
    if (said & _CONNECTS and not said & _BINDS) or (host is not None and host not in _ANYWHERE | _HERE):
        role, doubt = CONNECT, MEDIUM
    elif host in _ANYWHERE or said & _BINDS:
        doubt = MEDIUM
    place: Expression = UNKNOWN if host is None else Text(host or "*")
    return draft(role, "setting", line, Pair(place, found[0]), f"{key}: {value}", doubt=doubt)


def draft(role: str, kind: str, line: int, where: Expression, expression: str, **more: object) -> Draft:
    """A draft of a file without functions."""
    return Draft(role, kind, line, where, expression[:200], **more)  # type: ignore[arg-type]


def _url(key: str, value: str, line: int) -> Draft | None:
    if not value.startswith(("tcp://", "udp://")):
        return None
    found = address(value)
    if found is None or not found.port:
        return None
    is_bind = found.host in _ANYWHERE or bool(words(key) & _BINDS)
    return draft(BIND if is_bind else CONNECT, "setting", line, Text(value), f"{key}: {value}", doubt=MEDIUM)
