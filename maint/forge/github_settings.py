"""Which repository on which GitHub, and the token: from the environment, checked before the first request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from maint.errors import ForgeError

PUBLIC_API = "https://api.github.com"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")


class Token:
    """A secret that shows itself to nobody but the connection."""

    __slots__ = ("value",)

    def __init__(self, value: str) -> None:
        self.value = value

    def __repr__(self) -> str:
        return "Token(…)"

    def hidden_in(self, text: str) -> str:
        """Return ``text`` without the token, should a server have echoed it."""
        return text.replace(self.value, "…")


class Settings(NamedTuple):
    """``repository`` is ``owner/name``; ``api`` and ``server`` are addresses without a final slash."""

    repository: str
    token: Token
    api: str = PUBLIC_API
    server: str = "https://github.com"


def settings(repository: str | None, environment: Mapping[str, str]) -> Settings:
    """Read GITHUB_TOKEN, GITHUB_API_URL, GITHUB_SERVER_URL and, without ``repository``, GITHUB_REPOSITORY.

    Raises ForgeError when one of them is missing or cannot be used; none of their secrets are in the message.
    """
    api = (environment.get("GITHUB_API_URL") or PUBLIC_API).rstrip("/")
    _check_address("GITHUB_API_URL", api)
    server = (environment.get("GITHUB_SERVER_URL") or _server_of(api)).rstrip("/")
    _check_address("GITHUB_SERVER_URL", server)
    return Settings(_repository(repository, environment), _token(environment), api, server)


def _repository(given: str | None, environment: Mapping[str, str]) -> str:
    name = given or environment.get("GITHUB_REPOSITORY", "")
    if not name:
        raise ForgeError("no repository was named; give --repo owner/name or set GITHUB_REPOSITORY")
    if not _REPOSITORY.fullmatch(name) or name.endswith(("/.", "/..")):
        raise ForgeError(f"repository {name!r}: not of the form owner/name; give --repo owner/name")
    return name


def _token(environment: Mapping[str, str]) -> Token:
    value = environment.get("GITHUB_TOKEN", "").strip()
    if not value:
        raise ForgeError(
            "GITHUB_TOKEN is not set; set it to a token that may write issues "
            "(in a workflow: `permissions: issues: write` and `GITHUB_TOKEN: ${{ github.token }}`)"
        )
    # The HTTP library would quote the whole header, token and all, in its complaint.
    if not (value.isascii() and value.isprintable()) or " " in value:
        raise ForgeError("GITHUB_TOKEN holds blanks or control characters; set it to the bare token")
    return Token(value)


def _check_address(name: str, address: str) -> None:
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ForgeError(f"{name} is no address; set it like {PUBLIC_API}") from None
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
        raise ForgeError(f"{name} is no address of a server; set it like {PUBLIC_API}")
    if parts.username is not None or parts.password is not None:
        raise ForgeError(f"{name} holds a user name or password; leave them out, GITHUB_TOKEN is what counts")
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise ForgeError(f"{name}: http://{host} would send the token in the clear; use https://")


def _server_of(api: str) -> str:
    """Return where people look: github.com, or the GitHub Enterprise host whose API is at ``/api/v3``."""
    if api == PUBLIC_API:
        return "https://github.com"
    parts = urlsplit(api)
    # data residency: the API of octocorp.ghe.com is at api.octocorp.ghe.com
    return f"{parts.scheme}://{parts.netloc.removeprefix('api.')}{parts.path.removesuffix('/api/v3')}"
