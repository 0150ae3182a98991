"""What is not ours: a server that speaks GitHub's API, and GitHub's description of that API."""

from __future__ import annotations

import functools
import http.client
import json
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import pytest

if TYPE_CHECKING:
    from tests.maint.forge.conftest import Request, Server

    Backend = Callable[[Request], tuple[int, bytes, dict[str, str]]]

# both are pinned: `emulate` without a version installs something unrelated
PACKAGES = ("emulate@0.11.2", "@octokit/openapi@23.0.2")
DESCRIPTION = "api.github.com.json"


@pytest.fixture(scope="session")
def node_packages(npm: Callable[..., Path]) -> Path:
    """The folder with the npm packages."""
    return npm(*PACKAGES, trim=_only_description)


def _only_description(modules: Path) -> None:
    for other in (modules / "@octokit" / "openapi" / "generated").iterdir():
        if other.name != DESCRIPTION:  # 370 MB of other servers' descriptions
            other.unlink()


@pytest.fixture(scope="module")
def emulate(node_packages: Path, token: str, repository: str) -> Iterator[str]:
    """The address of `emulate`, a server that speaks GitHub's API and is not ours."""
    owner, name = repository.split("/")
    seed = {
        "tokens": {token: {"login": owner, "scopes": ["repo"]}},
        "github": {"users": [{"login": owner}], "repos": [{"owner": owner, "name": name, "auto_init": True}]},
    }
    # Ends with its standard input, and so with this process, however that ends.
    script = (
        f"import {{ createEmulator }} from {json.dumps(str(node_packages / 'emulate' / 'dist' / 'api.js'))};"
        f"const server = await createEmulator({{service: 'github', port: {_free_port()},"
        f" seed: {json.dumps(seed)}}});"
        "console.log(server.url); process.stdin.on('end', () => process.exit(0)).resume();"
    )
    argv = ["node", "--input-type=module", "--eval", script]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        url = process.stdout.readline().strip()
        assert url.startswith("http"), f"emulate did not start, exit code {process.poll()}"
        yield url
        process.stdin.close()


@pytest.fixture
def emulated(emulate: str, token: str, make_server: Callable[[Backend], Server]) -> Server:
    """Our server, with its faults, in front of emulate."""
    return make_server(functools.partial(_forwarded, emulate, token))


@pytest.fixture(scope="session")
def description(node_packages: Path) -> dict[str, Any]:
    """GitHub's OpenAPI description."""
    text = (node_packages / "@octokit" / "openapi" / "generated" / DESCRIPTION).read_text("utf-8")
    return dict(json.loads(text, object_hook=_with_null))


def _with_null(schema: dict[str, Any]) -> dict[str, Any]:
    # GitHub writes `nullable` beside an enum without null, and answers null
    if schema.get("nullable") and "enum" in schema:
        schema["enum"] = [*schema["enum"], None]
    return schema


def _forwarded(url: str, token: str, request: Request) -> tuple[int, bytes, dict[str, str]]:
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
    body = None if request.data is None else json.dumps(request.data)
    path = f"{request.path}?{urlencode(request.query)}"
    connection.request(request.method, path, body, {"Authorization": f"Bearer {token}"})
    response = connection.getresponse()
    link = response.getheader("Link")
    answer = (response.status, response.read(), {"Link": link} if link else {})
    connection.close()
    return answer


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
