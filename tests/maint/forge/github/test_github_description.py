"""Every request and reply of the adapter against GitHub's own OpenAPI description of its API."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from openapi_schema_validator import OAS30Validator, oas30_format_checker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from maint.errors import ForgeError
from maint.forge.protocol import Change

if TYPE_CHECKING:
    from collections.abc import Callable

    from maint.forge.github import GitHubForge
    from tests.maint.forge.conftest import Answer, Request, Server, World

FINGERPRINT = "0123456789abcdef"
BODY = f"<!-- maint:issue {FINGERPRINT} -->\n\ntext\n"


class Description:
    """GitHub's description, asked about one exchange."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        resource = Resource(contents=document, specification=DRAFT4)
        self._registry = Registry().with_resource("urn:github", resource)

    def problems(self, request: Request, answer: Answer) -> list[str]:
        """What the description does not allow about the exchange."""
        template, operation = self._operation(request)
        if operation is None:
            return [f"{request.method} {request.path}: no such operation"]
        found = [f"{request.method} {template}: {text}" for text in self._asked(request, operation)]
        found += [
            f"{answer.status} to {request.method} {template}: {text}" for text in self._got(answer, operation)
        ]
        return found

    def _operation(self, request: Request) -> tuple[str, dict[str, Any] | None]:
        method = request.method.lower()
        fitting = [
            template
            for template, methods in self._document["paths"].items()
            if method in methods
            and re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)), request.path)
        ]
        if not fitting:
            return request.path, None
        template = min(fitting, key=lambda one: one.count("{"))
        return template, self._document["paths"][template][method]

    def _asked(self, request: Request, operation: dict[str, Any]) -> list[str]:
        found = []
        described = [self._resolved(one) for one in operation.get("parameters", [])]
        query = {one["name"]: one["schema"] for one in described if one["in"] == "query"}
        for name, value in request.query.items():
            if name not in query:
                found.append(f"unknown parameter {name}")
            else:
                integer = self._resolved(query[name]).get("type") == "integer"
                found += self._invalid(int(value) if integer else value, query[name])
        if request.data is not None:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            found += self._invalid(request.data, schema)
            found += [f"unknown field {name}" for name in request.data.keys() - schema["properties"].keys()]
        return found

    def _got(self, answer: Answer, operation: dict[str, Any]) -> list[str]:
        described = operation["responses"].get(str(answer.status))
        if described is None:
            return ["no such status"]
        content = self._resolved(described).get("content", {})
        return self._invalid(json.loads(answer.body), content["application/json"]["schema"])

    def _invalid(self, value: Any, schema: dict[str, Any]) -> list[str]:
        absolute = json.loads(json.dumps(schema).replace('"#/', '"urn:github#/'))
        checker = OAS30Validator(absolute, registry=self._registry, format_checker=oas30_format_checker)
        return [
            f"{'.'.join(map(str, one.absolute_path))} {one.message[:200]}"
            for one in checker.iter_errors(value)
        ]

    def _resolved(self, thing: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in thing:
            return thing
        found: Any = self._document
        for key in thing["$ref"].removeprefix("#/").split("/"):
            found = found[key]
        return dict(found)


@pytest.fixture(scope="module")
def described(description: dict[str, Any]) -> Description:
    """The description, ready to be asked."""
    return Description(description)


def use_everything(forge: GitHubForge) -> None:
    """Make the adapter send each kind of request that it can send."""
    issue = forge.create("one", BODY, ["maint", "a b/c"])
    forge.managed()
    forge.edit(issue.number, Change(title="two", body=BODY + "more", state="closed", reason="not_planned"))
    forge.edit(issue.number, Change(state="open"))
    forge.edit(issue.number, Change(state="closed", reason="completed"))
    forge.comment(issue.number, "<!-- maint:note 1 -->\ntext")
    forge.keep_comment(issue.number, "<!-- maint:comment report -->\nred")
    forge.keep_comment(issue.number, "<!-- maint:comment report -->\ngreen")
    forge.read(issue.number)
    with pytest.raises(ForgeError):
        forge.read(9999)


def test_what_is_sent_and_what_the_fake_answers_is_as_github_describes_it(
    world: World, described: Description
) -> None:
    world.github.open("by a person", "", ["bug"], author="person", association="CONTRIBUTOR")
    use_everything(world.forge())

    assert len({(request.method, request.path) for request, _ in world.server.exchanges}) >= 8
    assert [text for exchange in world.server.exchanges for text in described.problems(*exchange)] == []


def test_what_is_sent_to_a_server_that_is_not_ours_is_as_github_describes_it(
    emulated: Server, described: Description, make_forge: Callable[[Server], GitHubForge]
) -> None:
    use_everything(make_forge(emulated))

    assert [text for exchange in emulated.exchanges for text in described.problems(*exchange)] == []


def test_a_field_that_github_does_not_know_would_be_noticed(world: World, described: Description) -> None:
    world.forge().create("one", BODY, [])
    request, answer = world.server.exchanges[-1]

    assert described.problems(request, answer) == []
    assert described.problems(request._replace(data={**request.data, "colour": 1}), answer)
    assert described.problems(request._replace(data={"body": "without a title"}), answer)
    assert described.problems(request, answer._replace(body=b'{"number": "one"}'))
    assert described.problems(request._replace(path="/repos/o/n/tickets"), answer)
