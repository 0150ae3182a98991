"""GitHub as the tests have it: an in-process fake, and a server in front that breaks what it is told to."""

from __future__ import annotations

import functools
import json
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from maint.forge.github import GitHubForge
from maint.forge.github_settings import settings

TOKEN = "ghp_0123456789abcdefSECRET"
REPOSITORY = "octocat/stockroom"
EPOCH = 1_800_000_000.0


class Request(NamedTuple):
    """What a client asks."""

    method: str
    path: str
    query: dict[str, str]
    data: Any

    @property
    def writes(self) -> bool:
        return self.method != "GET"


class Answer(NamedTuple):
    """What a backend answers; ``body`` is JSON already."""

    status: int
    body: bytes
    headers: dict[str, str] = {}  # noqa: RUF012 - never changed


class FakeGitHub:
    """The part of GitHub that the adapter uses, in memory; its answers are held against the description."""

    def __init__(self) -> None:
        self.issues: dict[int, dict[str, Any]] = {}
        self.comments: dict[int, list[dict[str, Any]]] = {}
        self.labels: dict[str, dict[str, Any]] = {}
        self.author = "reporter[bot]"
        self.page_size = 100
        self._ids = iter(range(1, 10**9))
        self._lock = threading.Lock()

    def answer(self, request: Request) -> Answer:
        """Serve one request."""
        with self._lock:
            return self._route(request)

    def open(
        self, title: str, body: str, labels: list[str], *, author: str = "", association: str = ""
    ) -> int:
        """A new issue, as a person or another reporter opens it."""
        number = len(self.issues) + 1
        for label in labels:
            self.labels.setdefault(label, _label(next(self._ids), label))
        self.issues[number] = _issue(next(self._ids), number, title, body, author or self.author, association)
        self.issues[number]["labels"] = [self.labels[label] for label in labels]
        self.touch(number)
        return number

    def touch(self, number: int, **fields: Any) -> None:
        """Set fields of an issue, and when that was."""
        seconds = next(self._ids)
        stamp = datetime.fromtimestamp(EPOCH + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.issues[number] |= {**fields, "updated_at": stamp}

    def _route(self, request: Request) -> Answer:
        prefix = f"/repos/{REPOSITORY}"
        if not request.path.startswith(prefix + "/"):
            return _refused(404, "Not Found")
        match [
            request.method,
            *(unquote(part) for part in request.path.removeprefix(prefix + "/").split("/")),
        ]:
            case ["GET", "issues"]:
                return self._listed(list(self.issues.values()), request)
            case ["POST", "issues"]:
                data = request.data
                return _json(201, self.issues[self.open(data["title"], data["body"], data["labels"])])
            case ["GET", "issues", number] if int(number) in self.issues:
                return _json(200, self.issues[int(number)])
            case ["PATCH", "issues", number] if int(number) in self.issues:
                self._patch(int(number), request.data)
                return _json(200, self.issues[int(number)])
            case ["GET", "issues", number, "comments"] if int(number) in self.issues:
                return self._listed(self.comments.get(int(number), []), request)
            case ["POST", "issues", number, "comments"] if int(number) in self.issues:
                comment = _comment(next(self._ids), int(number), request.data["body"], self.author)
                self.comments.setdefault(int(number), []).append(comment)
                return _json(201, comment)
            case ["PATCH", "issues", "comments", identity]:
                found = [one for row in self.comments.values() for one in row if one["id"] == int(identity)]
                found[0]["body"] = request.data["body"]
                return _json(200, found[0])
            case ["GET", "labels", name] if name in self.labels:
                return _json(200, self.labels[name])
            case ["POST", "labels"] if request.data["name"] in self.labels:
                return _refused(422, "Validation Failed")
            case ["POST", "labels"]:
                name = request.data["name"]
                self.labels[name] = _label(next(self._ids), name)
                return _json(201, self.labels[name])
        return _refused(404, "Not Found")

    def _patch(self, number: int, data: dict[str, Any]) -> None:
        fields = dict(data)
        if fields.get("state") == "closed":
            fields.setdefault("state_reason", "completed")
        elif fields.get("state") == "open" and self.issues[number]["state"] == "closed":
            fields["state_reason"] = "reopened"
        self.touch(number, **fields)

    def _listed(self, entries: list[dict[str, Any]], request: Request) -> Answer:
        query = request.query
        chosen = [one for one in entries if one["updated_at"] >= query.get("since", "")]
        if query.get("state", "open" if request.path.endswith("/issues") else "all") != "all":
            chosen = [one for one in chosen if one["state"] == query.get("state", "open")]
        size, page = min(int(query.get("per_page", "30")), self.page_size), int(query.get("page", "1"))
        rest = "".join(f"&{key}={value}" for key, value in query.items() if key != "page")
        more = len(chosen) > size * page
        link = {"Link": f'<http://127.0.0.1{request.path}?page={page + 1}{rest}>; rel="next"'} if more else {}
        return _json(200, chosen[size * (page - 1) : size * page], link)


class Server:
    """A loopback server in front of a backend: notes every exchange, and breaks those it is told to break.

    ``faults`` are used up one a write, ``read_faults`` one a read. ``before_effect`` is called with each
    write before it takes effect: what another reporter or a person does at that very moment.
    """

    def __init__(self, backend: Callable[[Request], tuple[int, bytes, dict[str, str]]]) -> None:
        self.backend = backend
        self.faults: deque[str] = deque()
        self.read_faults: deque[str] = deque()
        self.before_effect: Callable[[Request], None] = lambda request: None
        self.after_effect: Callable[[Request], None] = lambda request: None
        self.exchanges: list[tuple[Request, Answer]] = []
        self.headers_seen: list[dict[str, str]] = []
        self._busy = threading.Condition()
        self._under_way = 0
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Handler, self))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    def requests(self, *methods: str) -> list[Request]:
        """What was asked with one of ``methods`` and came through to the backend."""
        return [request for request, _ in self.exchanges if request.method in methods]

    def settle(self) -> None:
        """Wait until no request is being worked on."""
        with self._busy:
            assert self._busy.wait_for(lambda: self._under_way == 0, timeout=10)

    def working(self, change: int) -> None:
        with self._busy:
            self._under_way += change
            self._busy.notify_all()

    def served(self, request: Request) -> Answer:
        """Let the backend answer, and note it."""
        if request.writes:
            self.before_effect(request)
        answer = Answer(*self.backend(request))
        self.exchanges.append((request, answer))
        if request.writes:
            self.after_effect(request)
        return answer

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __init__(self, server: Server, *arguments: Any) -> None:
        self.front = server
        super().__init__(*arguments)

    def do_GET(self) -> None:
        self.front.working(+1)
        try:
            self._handle()
        finally:
            self.front.working(-1)

    do_POST = do_PATCH = do_GET

    def _handle(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        address = urlsplit(self.path)
        data = json.loads(content) if content else None
        request = Request(self.command, address.path, dict(parse_qsl(address.query)), data)
        self.front.headers_seen.append(dict(self.headers.items()))
        faults = self.front.faults if request.writes else self.front.read_faults
        fault = faults.popleft() if faults else "none"
        what, _, when = fault.partition(" ")
        answer = self.front.served(request) if what == "none" or when == "after" else None
        match what:
            case "none":
                assert answer is not None
                self._reply(answer)
            case "502":
                self._reply(Answer(502, b"<html>bad gateway</html>", {"Content-Type": "text/html"}))
            case "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                self.close_connection = True
            case "truncated":
                assert answer is not None
                self._reply(answer._replace(body=answer.body[: len(answer.body) // 2]))
            case "short":
                assert answer is not None
                self._reply(answer, promised=len(answer.body) + 100)
                self.close_connection = True
            case "timeout":
                self.connection.recv(1)  # returns when the client has given up
                self.close_connection = True
            case "late":
                # takes effect only after the client has given up
                self.connection.recv(1)
                self.front.served(request)
                self.close_connection = True
            case _:
                self._reply(_REFUSALS[what])

    def _reply(self, answer: Answer, promised: int | None = None) -> None:
        fields = {
            "Content-Type": "application/json; charset=utf-8",
            **answer.headers,
            "Content-Length": str(len(answer.body) if promised is None else promised),
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self.wfile.write(f"HTTP/1.1 {answer.status} status\r\n{head}\r\n".encode() + answer.body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""


class FakeClock:
    """Waiting takes no time; whatever was under way at the server ends meanwhile."""

    def __init__(self, settle: Callable[[], None] = lambda: None) -> None:
        self.time = EPOCH
        self.waits: list[float] = []
        self._settle = settle

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self._settle()
        self.waits.append(seconds)
        self.time += seconds


class World(NamedTuple):
    """The in-process GitHub, the server in front of it, and reporters that talk to that."""

    github: FakeGitHub
    server: Server

    def forge(self, clock: FakeClock | None = None, timeout: float = 5.0) -> GitHubForge:
        """A reporter's forge; without ``clock``, late effects take place while it waits."""
        return _forge(self.server, clock, timeout)

    def bearing(self, fingerprint: str, *, state: str = "open") -> list[dict[str, Any]]:
        """The issues with this fingerprint that are in ``state``."""
        mark = f"<!-- maint:issue {fingerprint} -->"
        return [one for one in self.github.issues.values() if mark in one["body"] and one["state"] == state]


@pytest.fixture
def make_server() -> Iterator[Callable[[Callable[[Request], tuple[int, bytes, dict[str, str]]]], Server]]:
    """Servers in front of other backends."""
    servers: list[Server] = []

    def make(backend: Callable[[Request], tuple[int, bytes, dict[str, str]]]) -> Server:
        servers.append(Server(backend))
        return servers[-1]

    yield make
    for server in servers:
        server.close()


@pytest.fixture
def make_forge() -> Callable[[Server], GitHubForge]:
    """A reporter's forge on a server."""
    return _forge


@pytest.fixture
def make_clock() -> Callable[[], FakeClock]:
    """Clocks that note what they are asked to wait."""
    return FakeClock


@pytest.fixture(scope="session")
def token() -> str:
    """The reporters' token."""
    return TOKEN


@pytest.fixture(scope="session")
def repository() -> str:
    """The repository of every world."""
    return REPOSITORY


@pytest.fixture
def world() -> Iterator[World]:
    """A GitHub with one empty repository."""
    github = FakeGitHub()
    server = Server(github.answer)
    yield World(github, server)
    server.close()


@pytest.fixture(scope="session")
def make_world() -> Iterator[Callable[[], World]]:
    """Worlds for property tests; all of them share one server."""
    server = Server(lambda request: _refused(404, "Not Found"))

    def make() -> World:
        server.settle()
        github = FakeGitHub()
        server.backend = github.answer
        server.before_effect = server.after_effect = lambda request: None
        server.faults.clear()
        server.read_faults.clear()
        server.exchanges.clear()
        server.headers_seen.clear()
        return World(github, server)

    yield make
    server.close()


def _forge(
    server: Server,
    clock: FakeClock | None = None,
    timeout: float = 5.0,
    *,
    repository: str = REPOSITORY,
    api: str = "",
) -> GitHubForge:
    environment = {"GITHUB_TOKEN": TOKEN, "GITHUB_API_URL": api or server.url}
    return GitHubForge(settings(repository, environment), clock or FakeClock(server.settle), timeout)


def _json(status: int, value: Any, headers: dict[str, str] | None = None) -> Answer:
    return Answer(status, json.dumps(value).encode(), headers or {})


def _refused(status: int, message: str) -> Answer:
    return _json(status, {"message": message, "documentation_url": "https://docs.github.com/rest"})


_REFUSALS = {
    "secondary": _refused(403, "You have exceeded a secondary rate limit.")._replace(
        headers={"Retry-After": "7"}
    ),
    "abuse": _refused(403, "You have exceeded a secondary rate limit. Please wait a few minutes."),
    "429": _refused(429, "too many requests")._replace(headers={"Retry-After": "3"}),
    "primary": _refused(403, "API rate limit exceeded")._replace(
        headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(EPOCH) + 40)}
    ),
    "hour": _refused(403, "API rate limit exceeded")._replace(headers={"Retry-After": "3600"}),
    "401": _refused(401, f"Bad credentials {TOKEN}"),
    "403": _refused(403, "Resource not accessible by integration"),
    "404": _refused(404, "Not Found"),
    "410": _refused(410, "Issues are disabled for this repo"),
    "422": _refused(422, "Validation Failed"),
    "307": _refused(307, "Moved Permanently"),
}


def _issue(
    identity: int, number: int, title: str, body: str, author: str, association: str
) -> dict[str, Any]:
    api = f"https://api.github.com/repos/{REPOSITORY}"
    return {
        "id": identity,
        "node_id": "I",
        "url": f"{api}/issues/{number}",
        "repository_url": api,
        "labels_url": f"{api}/issues/{number}/labels{{/name}}",
        "comments_url": f"{api}/issues/{number}/comments",
        "events_url": f"{api}/issues/{number}/events",
        "html_url": f"https://github.com/{REPOSITORY}/issues/{number}",
        "number": number,
        "state": "open",
        "state_reason": None,
        "title": title,
        "body": body,
        "user": _user(author),
        "labels": [],
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "locked": False,
        "comments": 0,
        "closed_at": None,
        "created_at": "2026-11-01T00:00:00Z",
        "updated_at": "2026-11-01T00:00:00Z",
        "author_association": association or "NONE",
    }


def _comment(identity: int, number: int, body: str, author: str) -> dict[str, Any]:
    api = f"https://api.github.com/repos/{REPOSITORY}"
    return {
        "id": identity,
        "node_id": "C",
        "url": f"{api}/issues/comments/{identity}",
        "html_url": f"https://github.com/{REPOSITORY}/issues/{number}#issuecomment-{identity}",
        "issue_url": f"{api}/issues/{number}",
        "user": _user(author),
        "created_at": "2026-11-01T00:00:00Z",
        "updated_at": "2026-11-01T00:00:00Z",
        "author_association": "NONE",
        "body": body,
    }


def _label(identity: int, name: str) -> dict[str, Any]:
    return {
        "id": identity,
        "node_id": "L",
        "url": f"https://api.github.com/repos/{REPOSITORY}/labels/x",
        "name": name,
        "description": None,
        "color": "ededed",
        "default": False,
    }


def _user(login: str) -> dict[str, Any]:
    api = "https://api.github.com/users/x"
    names = ("url", "html_url", "followers_url", "subscriptions_url", "organizations_url", "repos_url")
    names += ("received_events_url", "following_url", "gists_url", "starred_url", "events_url", "avatar_url")
    kind = "Bot" if login.endswith("[bot]") else "User"
    return {
        **dict.fromkeys(names, api),
        "login": login,
        "id": 1,
        "node_id": "U",
        "gravatar_id": "",
        "type": kind,
        "site_admin": False,
    }
