"""Requests to GitHub, through PyGithub: reads that are tried again, writes that are sent exactly once.

PyGithub's own retries are off: its default sends a POST up to ten times when the answer is a 5xx, whether
the first one took effect or not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from maint.errors import ForgeError
from maint.extras import require
from maint.forge.github_clock import Pace
from maint.forge.github_refusals import refusal, shown
from maint.forge.github_replies import Reply
from maint.forge.github_settings import Settings

if TYPE_CHECKING:
    from github.Requester import Requester

TIMEOUT_S = 30
READ_PAUSES_S = (1.0, 2.0, 4.0)
_PER_PAGE = 100
_T = TypeVar("_T")


class Unanswered(Exception):
    """A request whose outcome is not known, or that a limit of rate turned away; ``wait`` before the next."""

    def __init__(self, why: str, wait: float = 0.0) -> None:
        super().__init__(why)
        self.why = why
        self.wait = wait


class GitHubHttp:
    """One repository's part of the REST API; paths are relative to ``/repos/owner/name``."""

    def __init__(self, settings: Settings, pace: Pace, timeout: float = TIMEOUT_S) -> None:
        self._settings = settings
        self._pace = pace
        self._requester = _requester(settings, timeout)

    @property
    def pace(self) -> Pace:
        """Keeps the time of all requests."""
        return self._pace

    def find(self, path: str, kind: type[_T]) -> _T | None:
        """Read ``path``, None where there is nothing (404, 410); ForgeError when it cannot be had."""
        return self._read(
            self._absolute(path),
            {},
            lambda reply: None if reply.status in (404, 410) else self._decoded(reply, "GET", kind),
        )

    def pages(self, path: str, kind: type[list[_T]], parameters: Mapping[str, str]) -> Iterator[_T]:
        """Read a list page by page, 100 entries each; a page that fails is asked for again, no other."""
        address = self._absolute(path)
        asked: Mapping[str, str] = {**parameters, "per_page": str(_PER_PAGE)}
        while address:
            page, following = self._read(
                address, asked, lambda reply: (self._decoded(reply, "GET", kind), reply.next_page)
            )
            yield from page
            address, asked = self._on_this_server(following), {}

    def write(self, verb: str, path: str, data: Mapping[str, Any], kind: type[_T]) -> _T:
        """Send a write once.

        Raises Unanswered when it is not known whether it took effect, or a limit of rate turned it away;
        ForgeError when GitHub refused it for good.
        """
        self._pace.before_write()
        try:
            reply = self._send(verb, self._absolute(path), {}, dict(data))
        finally:
            self._pace.after_write()
        return self._decoded(reply, verb, kind)

    def _read(self, address: str, parameters: Mapping[str, str], decode: Callable[[Reply], _T]) -> _T:
        pauses = iter(READ_PAUSES_S)
        while True:
            try:
                return decode(self._send("GET", address, parameters, None))
            except Unanswered as error:
                pause = error.wait or next(pauses, None)
                if pause is None:
                    tries = len(READ_PAUSES_S) + 1
                    raise ForgeError(f"{error.why}, {tries} times in a row; run again later") from None
                self._pace.wait(pause, error.why)

    def _decoded(self, reply: Reply, verb: str, kind: type[_T]) -> _T:
        self._check(reply, verb)
        try:
            return reply.decoded(kind)
        except msgspec.MsgspecError as error:
            raise Unanswered(f"{self._host} sent an answer that cannot be read ({error})") from None

    def _check(self, reply: Reply, verb: str) -> None:
        if 200 <= reply.status < 300:
            return
        wait = reply.limited(self._pace.now())
        if wait is not None:
            raise Unanswered(f"{self._host} limits the rate of requests (HTTP {reply.status})", wait)
        if reply.status >= 500:
            raise Unanswered(f"{self._host} failed with HTTP {reply.status}")
        raise ForgeError(self._settings.token.hidden_in(refusal(reply, verb, self._settings.repository)))

    def _send(
        self, verb: str, address: str, parameters: Mapping[str, str], data: dict[str, Any] | None
    ) -> Reply:
        import requests

        try:
            status, headers, text = self._requester.requestJson(
                verb, address, parameters=dict(parameters), input=data
            )
        except requests.Timeout:
            raise Unanswered(f"{self._host} did not answer in time") from None
        except (requests.RequestException, RuntimeError) as error:
            # RuntimeError: PyGithub's word for a redirection to another host
            why = self._settings.token.hidden_in(shown(_cause(error)))
            raise Unanswered(f"the connection to {self._host} failed ({why})") from None
        return Reply(status, headers, text)

    @property
    def _host(self) -> str:
        return self._requester.hostname

    def _absolute(self, path: str) -> str:
        return f"/repos/{self._settings.repository}{path}"

    def _on_this_server(self, address: str) -> str:
        """Return what ``address`` asks for, relative to the API: the token goes to no other server."""
        parts = urlsplit(address)
        path = parts.path.removeprefix(urlsplit(self._settings.api).path)
        return f"{path}?{parts.query}" if path else ""


def _cause(error: BaseException) -> str:
    """Return what the system says about a failed connection, below three libraries' wrapping."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__


def _requester(settings: Settings, timeout: float) -> Requester:
    require("github")
    from github.Auth import Token
    from github.Requester import Requester

    return Requester(
        auth=Token(settings.token.value),
        base_url=settings.api,
        timeout=timeout,  # type: ignore[arg-type]  # requests takes fractions of a second
        user_agent="pytest-maint",
        per_page=_PER_PAGE,
        verify=True,
        retry=None,
        pool_size=None,
    )
