"""The GitHub adapter against an in-process GitHub: what it finds, what it sends, how often."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from maint.errors import ForgeError
from maint.forge.protocol import Change

if TYPE_CHECKING:
    from collections.abc import Callable

    from maint.forge.github import GitHubForge
    from tests.maint.forge.conftest import FakeClock, Request, Server, World

FINGERPRINT = "0123456789abcdef"
OTHER = "fedcba9876543210"


def body(fingerprint: str, text: str = "text") -> str:
    return f"<!-- maint:issue {fingerprint} -->\n\n{text}\n"


def test_finds_managed_issues_whatever_their_state_label_or_bot(world: World) -> None:
    github = world.github
    github.open("not ours", "hello", [])
    github.open("ours", body(FINGERPRINT), [], author="another-reporter[bot]")
    closed = github.open("ours, closed", body(OTHER), ["maint"], author="maintainer", association="MEMBER")
    github.touch(closed, state="closed", state_reason="not_planned")

    found = world.forge().managed()

    assert [(issue.number, issue.state, issue.reason) for issue in found] == [
        (2, "open", ""),
        (3, "closed", "not_planned"),
    ]


def test_a_pull_request_is_no_issue_even_with_a_marker_in_its_text(world: World) -> None:
    number = world.github.open("pull request", body(FINGERPRINT), [])
    world.github.touch(
        number, pull_request={"url": None, "html_url": None, "diff_url": None, "patch_url": None}
    )

    assert world.forge().managed() == []


def test_an_outsiders_copy_of_a_marker_is_not_taken_for_ours(world: World) -> None:
    world.github.open("copied", body(FINGERPRINT), [], author="passer-by", association="NONE")
    forge = world.forge()

    assert forge.managed() == []
    assert forge.create("ours", body(FINGERPRINT), []).number == 2


def test_3000_issues_are_listed_in_30_requests_and_again_in_one(world: World) -> None:
    for number in range(3000):
        world.github.open(f"issue {number}", body(f"{number:016x}") if number % 300 == 0 else "", [])
    forge = world.forge()

    assert len(forge.managed()) == 10
    assert len(world.server.exchanges) == 30

    world.github.touch(7, body=body(OTHER))
    assert len(forge.managed()) == 11
    assert len(world.server.exchanges) <= 32


def test_an_edit_that_takes_the_marker_away_is_seen_when_listed_again(world: World) -> None:
    number = world.github.open("ours", body(FINGERPRINT), [])
    forge = world.forge()
    forge.managed()
    world.github.touch(number, body="a person wants this issue for something else")

    assert forge.managed() == []


def test_a_missing_label_is_created_once_a_run(world: World) -> None:
    forge = world.forge()
    forge.create("one", body(FINGERPRINT), ["maint"])
    forge.create("two", body(OTHER), ["maint"])

    assert [r.path for r in world.server.requests("POST")].count("/repos/octocat/stockroom/labels") == 1
    assert [[label["name"] for label in one["labels"]] for one in world.github.issues.values()] == [
        ["maint"]
    ] * 2


def test_a_label_that_somebody_else_creates_at_the_same_moment_is_used(world: World) -> None:
    def somebody_else(request: object) -> None:
        world.github.open("other", "", ["maint"])
        world.server.before_effect = lambda request: None

    world.server.before_effect = somebody_else
    issue = world.forge().create("one", body(FINGERPRINT), ["maint"])

    assert issue.labels == ("maint",)


def test_creating_what_is_there_already_returns_it(world: World) -> None:
    number = world.github.open("ours", body(FINGERPRINT), [])

    assert world.forge().create("ours", body(FINGERPRINT), []).number == number
    assert world.server.requests("POST") == []


def test_each_write_takes_one_read_before_it(world: World) -> None:
    forge = world.forge()
    forge.managed()

    def asked(act: Callable[[], object]) -> list[str]:
        before = len(world.server.exchanges)
        act()
        return [request.method for request, _ in world.server.exchanges[before:]]

    assert asked(lambda: forge.create("one", body(FINGERPRINT), [])) == ["GET", "POST"]
    assert asked(lambda: forge.edit(1, Change(title="new"))) == ["GET", "PATCH"]
    assert asked(lambda: forge.comment(1, "text")) == ["GET", "POST"]
    assert asked(lambda: forge.create("two", body(OTHER), ["maint"])) == ["GET", "POST", "GET", "POST"]


def test_an_edit_sends_what_changes_and_nothing_else(world: World) -> None:
    number = world.github.open("ours", body(FINGERPRINT), ["maint"])
    forge = world.forge()
    closed = forge.edit(number, Change(state="closed", reason="completed"))
    opened = forge.edit(number, Change(title="new", state="open"))

    assert [request.data for request in world.server.requests("PATCH")] == [
        {"state": "closed", "state_reason": "completed"},
        {"title": "new", "state": "open"},
    ]
    assert (closed.state, closed.reason) == ("closed", "completed")
    assert (opened.state, opened.reason, opened.title, opened.labels) == ("open", "", "new", ("maint",))


def test_a_comment_with_the_same_first_line_is_added_once(world: World) -> None:
    number = world.github.open("ours", body(FINGERPRINT), [])
    world.forge().comment(number, "<!-- maint:note 1 -->\nall fixed")
    world.forge().comment(number, "<!-- maint:note 1 -->\r\nall fixed, in other words")
    world.forge().comment(number, "<!-- maint:note 2 -->\nall fixed")

    assert len(world.github.comments[number]) == 2


def test_writes_are_a_second_apart(world: World, make_clock: Callable[[], FakeClock]) -> None:
    clock = make_clock()
    forge = world.forge(clock)
    for number in range(3):
        forge.create("one", body(f"{number:016x}"), [])

    assert clock.waits == [1.0, 1.0]


@pytest.mark.parametrize(
    ("path", "line", "expected"),
    [
        ("tests/test_a.py", 3, "blob/abc123/tests/test_a.py#L3"),
        ("tests/test_a.py", None, "blob/abc123/tests/test_a.py"),
        ("a b/ü#?%.py", 1, "blob/abc123/a%20b/%C3%BC%23%3F%25.py#L1"),
        ("bytes/\udcff.py", 1, "blob/abc123/bytes/%FF.py#L1"),
        ("../outside.py", 1, ""),
        ("/etc/passwd", 1, ""),
        ("", 1, ""),
    ],
)
def test_links_lead_to_the_line_at_the_commit(
    world: World, path: str, line: int | None, expected: str
) -> None:
    link = world.forge().link(path, line, "abc123")

    assert link == (f"{world.server.url}/octocat/stockroom/{expected}" if expected else "")


def test_without_a_commit_there_is_no_link(world: World) -> None:
    assert world.forge().link("a.py", 1, "") == ""


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("401", "GITHUB_TOKEN is not accepted"),
        ("403", "give it `issues: write`"),
        ("404", "give the token the permission `issues: write`"),
        ("410", "issues are switched off"),
        ("422", "finds the request invalid (Validation Failed)"),
        ("307", "give the new name with --repo"),
        ("hour", "waiting 3600 s more is over the 300 s of one run; run again after 09:00 UTC"),
    ],
)
def test_a_refused_write_is_one_sentence_without_the_token(
    world: World, fault: str, sentence: str, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    forge = world.forge()
    forge.managed()
    world.server.faults.append(fault)

    with pytest.raises(ForgeError) as caught:
        forge.create("one", body(FINGERPRINT), [])

    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(world.server.requests("POST")) == 0
    assert token not in str(caught.value) + repr(caught.value) + repr(forge) + repr(vars(forge)) + caplog.text


def test_github_enterprise_has_its_api_below_a_path(
    world: World,
    make_server: Callable[[Callable[[Request], tuple[int, bytes, dict[str, str]]]], Server],
    make_forge: Callable[..., GitHubForge],
) -> None:
    for number in range(150):
        world.github.open(f"issue {number}", body(f"{number:016x}"), [])

    def enterprise(request: Request) -> tuple[int, bytes, dict[str, str]]:
        status, content, headers = world.github.answer(
            request._replace(path=request.path.removeprefix("/api/v3"))
        )
        return (
            status,
            content,
            {name: text.replace("/repos/", "/api/v3/repos/") for name, text in headers.items()},
        )

    server = make_server(enterprise)
    forge = make_forge(server, api=f"{server.url}/api/v3/")

    assert len(forge.managed()) == 150
    assert {request.path for request, _ in server.exchanges} == {"/api/v3/repos/octocat/stockroom/issues"}
    assert forge.link("a.py", 1, "abc") == f"{server.url}/octocat/stockroom/blob/abc/a.py#L1"


def test_a_server_out_of_reach_is_one_sentence(world: World) -> None:
    forge = world.forge()
    world.server.close()

    with pytest.raises(ForgeError, match=r"^the connection to 127\.0\.0\.1 failed \(Connection refused\)"):
        forge.managed()
