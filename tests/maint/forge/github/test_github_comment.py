"""The one comment on a pull request that every run brings up to date, and ``maint comment``."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from maint.cli.main import CLEAN, USAGE, main
from maint.forge.github_clock import RealClock

if TYPE_CHECKING:
    from tests.maint.forge.conftest import World

MARK = "<!-- maint:comment report -->"
FAULTS = ["502 after", "502 before", "reset after", "truncated after", "secondary"]


@pytest.fixture
def pull_request(world: World) -> int:
    number = world.github.open("change", "a person's text", [], author="person", association="NONE")
    world.github.touch(
        number, pull_request={"url": None, "html_url": None, "diff_url": None, "patch_url": None}
    )
    return number


@pytest.fixture
def on_github(
    world: World, token: str, repository: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> pytest.MonkeyPatch:
    monkeypatch.setenv("GITHUB_TOKEN", token)
    monkeypatch.setenv("GITHUB_REPOSITORY", repository)
    monkeypatch.setenv("GITHUB_API_URL", world.server.url)
    monkeypatch.delenv("GITHUB_SERVER_URL", raising=False)
    monkeypatch.setattr(RealClock, "sleep", lambda self, seconds: None)
    monkeypatch.chdir(tmp_path)
    return monkeypatch


def bodies(world: World, number: int) -> list[str]:
    return [one["body"] for one in world.github.comments.get(number, [])]


def test_is_added_once_and_then_edited(world: World, pull_request: int) -> None:
    world.forge().keep_comment(pull_request, f"{MARK}\nred")
    world.forge().keep_comment(pull_request, f"{MARK}\ngreen")
    world.forge().keep_comment(pull_request, f"{MARK}\ngreen")

    assert bodies(world, pull_request) == [f"{MARK}\ngreen"]
    assert len(world.server.requests("POST", "PATCH")) == 2


def test_an_outsiders_comment_with_our_marker_stays_as_it_is(world: World, pull_request: int) -> None:
    world.github.author = "passer-by"
    world.forge().comment(pull_request, f"{MARK}\nall is well, believe me")
    world.github.author = "reporter[bot]"
    world.forge().keep_comment(pull_request, f"{MARK}\nred")

    assert bodies(world, pull_request) == [f"{MARK}\nall is well, believe me", f"{MARK}\nred"]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("before", [[], [f"{MARK}\nred"]])
def test_no_fault_makes_a_second_one(world: World, pull_request: int, fault: str, before: list[str]) -> None:
    for text in before:
        world.forge().comment(pull_request, text)
    world.server.faults.append(fault)
    world.forge().keep_comment(pull_request, f"{MARK}\ngreen")

    assert bodies(world, pull_request) == [f"{MARK}\ngreen"]


def test_the_command_posts_a_file(world: World, pull_request: int, on_github: pytest.MonkeyPatch) -> None:
    Path("report.md").write_text("# red\n", encoding="utf-8")

    assert main(["comment", "report.md", "--pull-request", str(pull_request)]) == CLEAN
    assert bodies(world, pull_request) == [f"{MARK}\n# red\n"]


def test_the_command_reads_standard_input(
    world: World, pull_request: int, on_github: pytest.MonkeyPatch
) -> None:
    on_github.setattr("sys.stdin", io.StringIO("text"))

    assert main(["comment", "-", "--pull-request", str(pull_request), "--name", "other"]) == CLEAN
    assert bodies(world, pull_request) == ["<!-- maint:comment other -->\ntext"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["absent.md"], "absent.md: cannot be read (no such file or directory)"),
        (["latin.md"], "latin.md: not UTF-8 at byte 0"),
        (["long.md"], "characters, GitHub takes 65,536"),
        (["ok.md", "--name=-->"], "--name '-->': give letters"),
        (["ok.md", "--repo", "nonsense"], "repository 'nonsense': not of the form owner/name"),
    ],
)
def test_a_mistake_is_one_sentence_and_sends_nothing(
    world: World,
    on_github: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    sentence: str,
) -> None:
    Path("latin.md").write_bytes(b"\xfc")
    Path("long.md").write_text("x" * 65_536, encoding="utf-8")
    Path("ok.md").write_text("x", encoding="utf-8")

    assert main(["comment", *arguments, "--pull-request", "1"]) == USAGE
    error = capsys.readouterr().err
    assert sentence in error
    assert error.count("\n") == 1
    assert world.server.headers_seen == []
