"""Whatever is not what it should be is one sentence with file and position, and never a traceback."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maint.errors import InputError
from maint.readers.formats import FORMATS
from maint.report.section import Section

Read = Callable[..., list[Section]]


def text(document: Any) -> bytes:
    return json.dumps(document).encode()


TOOL = {"driver": {"name": "t"}}
FINDING = {
    "code": "C1",
    "severity": "dreadful",
    "category": "",
    "title": "",
    "message": "",
    "location": {},
    "remedy": "",
}
RUN = {"guardrail": "g", "version": "1", "codes": ["C1"]}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "input: empty"),
        (b" \n\n", "input: empty"),
        (b"\xef\xbb\xbf", "input: empty"),
        (b"hello\n", "input:1:1: 'hello' begins none of the formats"),
        (b"\x1c", r"input:1:1: '\\x1c' begins none"),
        (b"\x00\x01\x02", r"input:1:1: '\\x00\\x01\\x02' begins none of the formats"),
        (b"\x1b[31ma\x1b[0m\n", r"input:1:1: '\\x1b[31ma\\x1b[0m' begins none"),
        (b"a.py:1:1: E501 caf\xe9\n", "input:1:19: byte 18 is not UTF-8"),
        ("a.py:1:1: E501 x\n".encode("utf-16"), "input:1:1: UTF-16, expected UTF-8"),
        (
            b'{"schema": "maint.findings/2",\n "runs": [',
            "input:2:11: not valid JSON: input data was truncated",
        ),
        (b'{"runs": [1,\n}', "input:2:1: not valid JSON"),
        (b'{"version": "2.1.0", "runs": []} x', "input:1:35: not valid JSON: trailing characters"),
        (b'{"a":\xff}', "input:1:6: byte 5 is not UTF-8"),
        (b"[" * 100_000, "input: JSON that is nested too deep"),
        (b"[1, 2]", "input:1:1: JSON that is no object"),
        (b'{"red": 1, "blue": 2}', "input: a JSON object with 'red, blue'"),
        (b"{}", "input: a JSON object with 'nothing'"),
        (
            text({"schema": "x", "runs": [], "findings": []}),
            "input: schema 'x', expected 'maint.findings/2'",
        ),
        (
            text({"schema": "maint.findings/9"}),
            "input: schema 'maint.findings/9', expected 'maint.findings/2'",
        ),
        (
            text({"schema": "maint.findings/2", "runs": [], "findings": 3}),
            "input: at $.findings: expected `array`, got `int`",
        ),
        (
            text({"schema": "maint.findings/2", "runs": [RUN], "findings": [FINDING]}),
            "input: at $.findings[0].severity: invalid enum value 'dreadful'",
        ),
        (
            text({"schema": "maint.findings/2", "runs": [], "findings": [FINDING | {"severity": "low"}]}),
            "input: at $.runs: no run that made the findings, of which there are 1",
        ),
        (text({"version": "2.0.0", "runs": []}), "input: at $.version: '2.0.0', expected '2.1.0'"),
        (text({"version": "2.1.0", "runs": 7}), "input: at $.runs: expected `array`, got `int`"),
        (
            text({"version": "2.1.0", "runs": [{"tool": TOOL, "results": [{"ruleId": "x"}]}]}),
            "input: at $.runs[0].results[0]: object missing required field `message`",
        ),
        (
            text({"version": "2.1.0", "runs": [{"tool": {}}]}),
            "input: at $.runs[0].tool: object missing required field `driver`",
        ),
        (
            text({"machine_info": {}, "benchmarks": []}),
            "input: 1 of the 2 saved runs of pytest-benchmark that a comparison needs; give",
        ),
    ],
)
def test_a_malformed_file_is_one_sentence(content: bytes, sentence: str, read_one: Read) -> None:
    with pytest.raises(InputError) as caught:
        read_one(content)
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("forced", FORMATS)
@pytest.mark.parametrize("content", [b"{}", b"<a/>", b"x\n", b"\xff", b'{"version": 1, "schema": []}'])
def test_a_forced_format_does_not_change_that(forced: str, content: bytes, read_one: Read) -> None:
    with pytest.raises(InputError, match=r"^input:"):
        read_one(content, forced=forced)


def refused(read_one: Read, content: bytes) -> str | None:
    """The sentence; None when the content was read."""
    try:
        read_one(content)
    except InputError as error:
        return str(error)
    return None


# Starts that lead into each reader, then anything.
STARTS = st.sampled_from(
    [
        b"",
        b"<testsuite>",
        b"a.py:1:1: E501 x\n",
        b'{"schema": "maint.findings/2", "runs": [], "findings": ',
        b'{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t"}}, "results": [',
    ]
)
ENDS = st.binary(max_size=60) | st.text(max_size=30).map(lambda said: said.encode("utf-8", "replace"))
same_reader = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@same_reader
@given(start=STARTS, end=ENDS)
def test_anything_is_read_or_refused_in_a_sentence(start: bytes, end: bytes, read_one: Read) -> None:
    sentence = refused(read_one, start + end)
    assert sentence is None or (sentence.startswith("input:") and len(sentence.splitlines()) == 1)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 3) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ("ruleId", "ruleIndex", "rule", "level", "kind", "locations", "partialFingerprints", "fingerprints")
MORE_FIELDS = ("message", "suppressions", "baselineState", "fixes", "properties")


@same_reader
@given(
    result=st.dictionaries(st.sampled_from((*FIELDS, *MORE_FIELDS)), JSON),
    rule=st.dictionaries(st.sampled_from(["security-severity", "tags"]), JSON),
)
def test_any_sarif_result_is_read_or_refused(result: Any, rule: Any, read_one: Read) -> None:
    tool = {"driver": {"name": "t", "rules": [{"id": "r", "properties": rule}]}}
    document = {"version": "2.1.0", "runs": [{"tool": tool, "results": [{"message": {}, **result}]}]}
    sentence = refused(read_one, text(document))
    assert sentence is None or "at $.runs[0].results[0]" in sentence
