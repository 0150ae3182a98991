"""What meta-issues rely on, for every forge."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from maint.errors import ForgeError
from maint.forge.directory import DirectoryForge
from maint.forge.marker import fingerprint_of, marker
from maint.forge.protocol import Change, Forge

ONE, OTHER = "1111111111111111", "2222222222222222"
BODY = f"{marker(ONE)}\n\n- [ ] `tëst` ✓\n\n\n    code\n"


class Case(NamedTuple):
    """A forge without issues, and how to see what the protocol does not ask for."""

    forge: Forge
    comments: Callable[[int], list[str]]
    person: Callable[[int, str, str], None]  # writes one text over another in an issue's body


@pytest.fixture
def memory_case(memory_forge: Any) -> Case:
    def person(number: int, old: str, new: str) -> None:
        issue = memory_forge.issues[number]
        memory_forge.issues[number] = msgspec.structs.replace(issue, body=issue.body.replace(old, new))

    return Case(memory_forge, lambda number: memory_forge.comments.get(number, []), person)


@pytest.fixture
def directory_case(tmp_path: Path) -> Case:
    forge = DirectoryForge(tmp_path / "issues", tmp_path)

    def comments(number: int) -> list[str]:
        text = (tmp_path / "issues" / forge.read(number).name).read_text(encoding="utf-8")
        return [part for part in text.partition("<!-- maint:comments -->")[2].split("\n\n") if part.strip()]

    def person(number: int, old: str, new: str) -> None:
        path = next(path for path in (tmp_path / "issues").iterdir() if path.suffix == ".md")
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")

    return Case(forge, comments, person)


@pytest.fixture
def github_case(world: Any) -> Case:
    comments = world.github.comments

    def person(number: int, old: str, new: str) -> None:
        world.github.touch(number, body=world.github.issues[number]["body"].replace(old, new))

    return Case(world.forge(), lambda number: [one["body"] for one in comments.get(number, [])], person)


# An adapter joins with a fixture named `<adapter>_case`.
@pytest.fixture(params=["memory", "directory", "github"])
def case(request: pytest.FixtureRequest) -> Case:
    return request.getfixturevalue(f"{request.param}_case")


def test_what_was_created_is_found_and_read(case: Case) -> None:
    created = case.forge.create("a title", BODY, ["maint", "two words"])
    assert (created.title, created.body, created.state, created.reason) == ("a title", BODY, "open", "")
    assert set(created.labels) == {"maint", "two words"}
    assert case.forge.read(created.number) == created
    assert list(case.forge.managed()) == [created]
    assert created.shown


def test_an_empty_forge_has_no_issues(case: Case) -> None:
    assert list(case.forge.managed()) == []


def test_an_issue_without_marker_is_not_managed(case: Case) -> None:
    case.forge.create("a person's", f"see `{marker(ONE)}`, or\n> {marker(ONE)}\n", [])
    assert list(case.forge.managed()) == []


def test_issues_come_by_number_closed_ones_too(case: Case) -> None:
    for fingerprint in (ONE, OTHER):
        case.forge.create("title", f"{marker(fingerprint)}\n", [])
    first = case.forge.managed()[0]
    case.forge.edit(first.number, Change(state="closed", reason="completed"))
    managed = case.forge.managed()
    assert [issue.number for issue in managed] == sorted(issue.number for issue in managed)
    assert {fingerprint_of(issue.body) for issue in managed} == {ONE, OTHER}
    assert [issue.state for issue in managed] == ["closed", "open"]


def test_an_edit_changes_what_it_names_and_nothing_else(case: Case) -> None:
    created = case.forge.create("title", BODY, ["maint"])
    edited = case.forge.edit(created.number, Change(body=f"before\n{BODY}after"))
    assert edited.body == f"before\n{BODY}after"
    assert (edited.title, edited.labels, edited.state) == ("title", created.labels, "open")
    renamed = case.forge.edit(created.number, Change(title="another"))
    assert (renamed.title, renamed.body) == ("another", edited.body)
    assert case.forge.read(created.number) == renamed


@pytest.mark.parametrize("reason", ["completed", "not_planned"])
def test_closing_has_a_reason_and_opening_again_has_none(case: Case, reason: str) -> None:
    number = case.forge.create("title", BODY, []).number
    closed = case.forge.edit(number, Change(body=f"{BODY}.", state="closed", reason=reason))
    assert (closed.state, closed.reason, closed.body) == ("closed", reason, f"{BODY}.")
    opened = case.forge.edit(number, Change(state="open"))
    assert (opened.state, opened.reason) == ("open", "")
    assert case.forge.read(number) == opened


def test_setting_what_is_set_is_no_error(case: Case) -> None:
    number = case.forge.create("title", BODY, []).number
    before = case.forge.read(number)
    assert case.forge.edit(number, Change(title="title", body=BODY, state="open")) == before


def test_what_a_person_wrote_after_the_look_is_not_overwritten(case: Case) -> None:
    number = case.forge.create("title", BODY, []).number
    (seen,) = case.forge.managed()
    case.person(number, "- [ ]", "- [x]")
    with pytest.raises(ForgeError, match="changed meanwhile; run again"):
        case.forge.edit(number, Change(body=f"{seen.body}ours"))
    now = case.forge.read(number)
    assert now.body == BODY.replace("- [ ]", "- [x]")
    assert case.forge.edit(number, Change(body=f"{now.body}ours")).body == f"{now.body}ours"


def test_a_comment_with_the_same_first_line_is_added_once(case: Case) -> None:
    number = case.forge.create("title", BODY, []).number
    case.forge.comment(number, "<!-- maint:closed 1 -->\nfixed at a")
    case.forge.comment(number, "<!-- maint:closed 1 -->\nfixed at b")
    assert len(case.comments(number)) == 1
    case.forge.comment(number, "<!-- maint:closed 2 -->\nfixed at a")
    assert [("fixed at a" in text) for text in case.comments(number)] == [True, True]
    assert case.forge.read(number).body == BODY


def test_reading_what_is_gone_is_a_sentence(case: Case) -> None:
    with pytest.raises(ForgeError, match=r"404|gone|no such|not found"):
        case.forge.read(404)


def test_a_link_is_quoted(case: Case) -> None:
    link = case.forge.link("tests/a b(1).py", 12, "0" * 40)
    assert link.endswith("#L12")
    assert not set(" ()") & set(link)
