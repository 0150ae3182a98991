"""Which GitHub, which repository, and a token that nobody gets to see."""

from __future__ import annotations

import pytest

from maint.errors import ForgeError
from maint.forge.github import connect
from maint.forge.github_settings import settings

TOKEN = "ghp_0123456789abcdefSECRET"


@pytest.mark.parametrize(
    ("api", "server"),
    [
        ("", "https://github.com"),
        ("https://api.github.com/", "https://github.com"),
        ("https://git.example.org/api/v3", "https://git.example.org"),
        ("https://api.octocorp.ghe.com", "https://octocorp.ghe.com"),
        ("https://git.example.org:8443/github/api/v3", "https://git.example.org:8443/github"),
    ],
)
def test_links_lead_where_the_api_belongs_to(api: str, server: str) -> None:
    assert settings("o/n", {"GITHUB_TOKEN": TOKEN, "GITHUB_API_URL": api}).server == server


def test_a_workflow_says_where_people_look() -> None:
    environment = {
        "GITHUB_TOKEN": TOKEN,
        "GITHUB_REPOSITORY": "o/n",
        "GITHUB_API_URL": "https://git.example.org/api/v3",
        "GITHUB_SERVER_URL": "https://code.example.org",
    }

    found = settings(None, environment)
    assert (found.repository, found.server) == ("o/n", "https://code.example.org")
    assert settings("other/one", environment).repository == "other/one"


@pytest.mark.parametrize(
    ("repository", "environment", "sentence"),
    [
        ("o/n", {}, "GITHUB_TOKEN is not set; .*`permissions: issues: write`"),
        ("o/n", {"GITHUB_TOKEN": "  "}, "GITHUB_TOKEN is not set"),
        ("o/n", {"GITHUB_TOKEN": f"{TOKEN} {TOKEN}"}, "GITHUB_TOKEN holds blanks"),
        ("o/n", {"GITHUB_TOKEN": f"{TOKEN}\r\nX-Other: 1"}, "GITHUB_TOKEN holds blanks"),
        ("o/n", {"GITHUB_TOKEN": f"{TOKEN}ü"}, "GITHUB_TOKEN holds blanks"),
        (None, {"GITHUB_TOKEN": TOKEN}, "give --repo owner/name or set GITHUB_REPOSITORY"),
        ("on", {"GITHUB_TOKEN": TOKEN}, "not of the form owner/name"),
        ("o/n/issues", {"GITHUB_TOKEN": TOKEN}, "not of the form owner/name"),
        ("o/..", {"GITHUB_TOKEN": TOKEN}, "not of the form owner/name"),
        ("o/n?x=1", {"GITHUB_TOKEN": TOKEN}, "not of the form owner/name"),
        ("o/n", {"GITHUB_API_URL": "http://git.example.org"}, "would send the token in the clear"),
        ("o/n", {"GITHUB_API_URL": "git.example.org"}, "is no address of a server"),
        ("o/n", {"GITHUB_API_URL": "https://[::1"}, "is no address"),
        ("o/n", {"GITHUB_API_URL": "ftp://git.example.org"}, "is no address of a server"),
        ("o/n", {"GITHUB_API_URL": f"https://me:{TOKEN}@git.example.org"}, "holds a user name or password"),
        ("o/n", {"GITHUB_SERVER_URL": "javascript:alert(1)"}, "GITHUB_SERVER_URL is no address"),
    ],
)
def test_a_mistake_is_one_sentence_without_the_token(
    repository: str | None, environment: dict[str, str], sentence: str
) -> None:
    with pytest.raises(ForgeError, match=sentence) as caught:
        connect(repository, environment)

    assert TOKEN not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_token_is_in_no_representation() -> None:
    found = settings("o/n", {"GITHUB_TOKEN": f" {TOKEN}\n"})
    forge = connect("o/n", {"GITHUB_TOKEN": TOKEN})

    assert found.token.value == TOKEN
    assert TOKEN not in repr(found) + str(found) + repr(forge) + repr(vars(forge))
