"""A write whose answer gets lost, comes late or is refused: done once, or known not to be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from maint.errors import ForgeError
from maint.forge.protocol import Change

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.maint.forge.conftest import FakeClock, Request, World

FINGERPRINT = "0123456789abcdef"
BODY = f"<!-- maint:issue {FINGERPRINT} -->\n\ntext\n"
NOTE = "<!-- maint:note 1 -->\nall fixed"
TIMEOUT_S = 0.3

LOST = ["502 after", "reset after", "truncated after", "short after", "timeout after", "late never"]
UNDONE = ["502 before", "reset before", "timeout before", "secondary", "abuse", "429", "primary"]


@pytest.mark.parametrize("fault", LOST + UNDONE)
def test_an_issue_is_created_once(world: World, fault: str) -> None:
    world.server.faults.append(fault)

    issue = world.forge(timeout=TIMEOUT_S).create("one", BODY, [])

    assert [one["number"] for one in world.bearing(FINGERPRINT)] == [issue.number]


@pytest.mark.parametrize("fault", LOST + UNDONE)
def test_a_label_is_created_once(world: World, fault: str) -> None:
    world.server.faults.append(fault)

    assert world.forge(timeout=TIMEOUT_S).create("one", BODY, ["maint"]).labels == ("maint",)


@pytest.mark.parametrize("fault", LOST + UNDONE)
def test_a_comment_is_written_once(world: World, fault: str) -> None:
    number = world.github.open("ours", BODY, [])
    world.server.faults.append(fault)

    world.forge(timeout=TIMEOUT_S).comment(number, NOTE)

    assert [one["body"] for one in world.github.comments[number]] == [NOTE]


@pytest.mark.parametrize("fault", LOST + UNDONE)
def test_an_edit_takes_effect(world: World, fault: str) -> None:
    number = world.github.open("ours", BODY, [])
    forge = world.forge(timeout=TIMEOUT_S)
    forge.managed()
    world.server.faults.append(fault)

    forge.edit(number, Change(body=BODY + "more", state="closed", reason="completed"))

    issue = world.github.issues[number]
    assert (issue["body"], issue["state"], issue["state_reason"]) == (BODY + "more", "closed", "completed")


def test_an_edit_whose_answer_got_lost_is_not_sent_again_over_a_persons_edit(world: World) -> None:
    number = world.github.open("ours", BODY, [])
    forge = world.forge()
    forge.managed()
    world.server.faults.append("502 after")

    def person(request: Request) -> None:
        world.github.touch(number, body=BODY + "a person's words")

    world.server.after_effect = person
    with pytest.raises(ForgeError, match="changed meanwhile; run again"):
        forge.edit(number, Change(body=BODY + "ours"))

    assert world.github.issues[number]["body"] == BODY + "a person's words"


def test_what_a_person_changed_since_it_was_read_is_not_overwritten(world: World) -> None:
    number = world.github.open("ours", BODY, [])
    forge = world.forge()
    forge.managed()
    world.github.touch(number, body=BODY + "a person's words")

    with pytest.raises(ForgeError, match="changed meanwhile; run again"):
        forge.edit(number, Change(body=BODY + "ours"))
    assert world.server.requests("PATCH") == []


def test_what_a_person_changed_elsewhere_does_not_stop_an_edit(world: World) -> None:
    number = world.github.open("ours", BODY, [])
    forge = world.forge()
    forge.managed()
    world.github.touch(number, body=BODY + "a person's words")

    forge.edit(number, Change(state="closed", reason="completed"))
    assert world.github.issues[number]["body"] == BODY + "a person's words"


def test_an_edit_that_was_turned_away_is_not_sent_again_over_a_persons_edit(world: World) -> None:
    number = world.github.open("ours", BODY, [])
    forge = world.forge()
    forge.managed()
    world.server.faults.append("secondary")
    world.github.touch(number, body=BODY + "a person's words")

    with pytest.raises(ForgeError, match="run again"):
        forge.edit(number, Change(body=BODY + "ours"))

    assert world.github.issues[number]["body"] == BODY + "a person's words"


@pytest.mark.parametrize(
    ("fault", "wait"), [("secondary", 7.0), ("abuse", 60.0), ("429", 3.0), ("primary", 41.0)]
)
def test_waits_as_long_as_github_asks(
    world: World, make_clock: Callable[[], FakeClock], fault: str, wait: float
) -> None:
    clock = make_clock()
    forge = world.forge(clock)
    forge.managed()
    world.server.faults.append(fault)
    forge.create("one", BODY, [])

    assert max(clock.waits) == wait


@pytest.mark.parametrize(
    "fault", ["502 before", "reset before", "truncated after", "short after", "timeout before", "429"]
)
def test_a_page_of_a_list_that_fails_is_read_again_and_no_other(world: World, fault: str) -> None:
    for number in range(250):
        world.github.open("issue", BODY if number == 249 else "", [])
    world.server.read_faults.extend(["none", fault, "none"])

    assert [issue.number for issue in world.forge(timeout=TIMEOUT_S).managed()] == [250]
    pages = [request.query.get("page", "1") for request in world.server.requests("GET")]
    assert sorted(set(pages)) == ["1", "2", "3"]
    assert len(world.server.headers_seen) == 4


def test_a_server_that_goes_on_failing_is_given_up_with_a_sentence(world: World) -> None:
    world.server.read_faults.extend(["502 before"] * 10)

    with pytest.raises(
        ForgeError, match=r"^127\.0\.0\.1 failed with HTTP 502, 4 times in a row; run again later$"
    ):
        world.forge().managed()


def test_a_write_that_goes_on_failing_is_given_up_with_a_sentence(world: World) -> None:
    world.server.faults.extend(["502 before"] * 10)

    with pytest.raises(
        ForgeError, match=r"creating issue 'one': .* HTTP 502, 3 times, and nothing of it is there"
    ):
        world.forge().create("one", BODY, [])
    assert world.github.issues == {}


def test_all_waits_of_a_run_together_are_bounded(world: World, make_clock: Callable[[], FakeClock]) -> None:
    world.server.read_faults.extend(["abuse"] * 10)
    clock = make_clock()

    with pytest.raises(ForgeError, match="over the 300 s of one run"):
        world.forge(clock).managed()
    assert sum(clock.waits) == 300.0


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_pygithubs_own_retries_would_make_a_duplicate(world: World, token: str, repository: str) -> None:
    """Why they are off."""
    from github import Auth, Github

    world.server.faults.append("502 after")
    client = Github(auth=Auth.Token(token), base_url=world.server.url)
    client.get_repo(repository, lazy=True).create_issue("one", BODY, labels=[])

    assert len(world.bearing(FINGERPRINT)) == 2
