"""Where metrics go: a file for node_exporter's textfile collector, and a Pushgateway."""

from __future__ import annotations

import functools
import platform
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit, urlunsplit

from maint.errors import ConfigError, MaintError
from maint.extras import require
from maint.gpu.metrics import exposition
from maint.report.atomic import write_bytes
from maint.report.cells import printable

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

_LIMIT_S = 10.0


def write_textfile(path: Path, found: CollectorRegistry) -> None:
    """Replace ``path`` in one step; node_exporter reads those whose name ends with ``.prom``.

    Raises MaintError when it cannot be written.
    """
    write_bytes(path, exposition(found))


def push(url: str, job: str, found: CollectorRegistry) -> None:
    """Replace what ``job`` of this machine has in the Pushgateway at ``url``, which may hold a user.

    Raises MaintError, which names neither user nor password, when the gateway does not take it.
    """
    bare, handler = _handler(url)
    try:
        require("prometheus").push_to_gateway(
            bare,
            job,
            found,
            grouping_key={"instance": platform.node() or "unknown"},
            timeout=_LIMIT_S,
            handler=handler,
        )
    except HTTPError as error:
        with error:
            said = _first_line(error.read(2000))
        raise MaintError(f"{bare}: the Pushgateway refused the metrics (HTTP {error.code}{said})") from None
    except (OSError, ValueError) as error:
        cause = error.reason if isinstance(error, URLError) else error
        said = printable(str(getattr(cause, "strerror", None) or cause).lower())
        raise MaintError(f"{bare}: the Pushgateway cannot be reached ({said}); check pushgateway") from None


def masked(url: str) -> str:
    """``url`` without the user and password in it, and without a query: fit for a message."""
    return _handler(url)[0]


def _handler(url: str) -> tuple[str, Callable[..., Any]]:
    client = require("prometheus").exposition
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host = parts.netloc.rpartition("@")[2]
        problem = parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0
    except ValueError:
        host, problem = "", True
    if problem:
        raise ConfigError("pushgateway: not a URL; give one such as http://localhost:9091")
    bare = urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))
    if parts.username is None:
        return bare, client.default_handler
    user = {"username": unquote(parts.username), "password": unquote(parts.password or "")}
    return bare, functools.partial(client.basic_auth_handler, **user)


def _first_line(body: bytes) -> str:
    line = body.decode("utf-8", "replace").strip().partition("\n")[0]
    return f": {printable(line[:200])}" if line else ""
