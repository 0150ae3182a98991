"""What is shown of a command line: everything but secrets."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maint.report.command_line import masked, masked_text


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("--db-url=postgres://u:s3cret@h/db", "--db-url=postgres://***@h/db"),
        ("--db-url postgres://u:s3cret@h:5432/db", "--db-url postgres://***@h:5432/db"),
        ("--db-url=amqp://u:s3/cr@et@h", "--db-url=amqp://***@h"),
        ("https://ghp_s3cret@github.com/o/r", "https://***@github.com/o/r"),
        ("--api-token=s3cret", "--api-token=***"),
        ("--api-token s3cret -x", "--api-token *** -x"),
        ("--DB_PASSWD=s3cret", "--DB_PASSWD=***"),
        ("--password 's3cret with blanks' tests", "--password *** tests"),
        ("--aws-secret-access-key=a=s3cret", "--aws-secret-access-key=***"),
        ("--credentials s3cret.json", "--credentials ***"),
        ("-o api_key=s3cret", "-o api_key=***"),
        ("-oapi_key=s3cret", "-oapi_key=***"),
        ("--define=api_key=s3cret", "--define=api_key=***"),
        ("-e DB_PASSWORD=s3cret", "-e DB_PASSWORD=***"),
        ("--dsn 'host=h password=s3cret user=u'", "--dsn 'host=h password=*** user=u'"),
        ("--url 'https://h/p?a=1&token=s3cret&b=2'", "--url 'https://h/p?a=1&token=***&b=2'"),
    ],
)
def test_secrets_are_masked_and_the_rest_stays(typed: str, shown: str) -> None:
    arguments = masked(shlex.split(typed))
    assert arguments == tuple(shlex.split(shown))
    assert "s3cret" not in "".join(arguments)


@pytest.mark.parametrize(
    "typed",
    [
        "-k 'token or key' -m 'not slow' -x",
        "tests/test_token.py::test_key[a=1]",
        "tests/tokens tests/test_secret.py",
        "--url=https://h/p@v1?a=b",
        "--tb=short -n 4 a@b.org",
        "--token --verbose tests",
        "-p no:cacheprovider",
    ],
)
def test_what_is_no_secret_is_shown_as_typed(typed: str) -> None:
    assert masked(shlex.split(typed)) == tuple(shlex.split(typed))


def test_a_text_is_masked_as_its_words() -> None:
    assert masked_text("  -x  --token 's3 cret' ") == "-x --token '***'"
    assert masked_text(" ") == ""
    assert masked_text("-k 'it --db=x://u:s3cret@h") == "-k 'it --db=x://***@h"


@given(
    st.lists(st.text(max_size=9), max_size=4),
    st.sampled_from(["token", "PassWord", "my-key", "client.secret"]),
    st.text("abcdefgh 0123456789@:/='\"\\", min_size=8).map(lambda text: f"<{text}>"),
    st.booleans(),
)
def test_the_value_of_a_secret_name_is_never_shown(
    around: list[str], name: str, value: str, joined: bool
) -> None:
    given = [f"--{name}={value}"] if joined else [f"--{name}", value]
    shown = masked([*given, *around])
    assert value not in shown[: len(given)][-1]
    assert len(shown) == len(around) + len(given)
