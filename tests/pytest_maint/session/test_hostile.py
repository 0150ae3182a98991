"""Text from a project is data in every file of the report and in the terminal."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

Report = Callable[..., Any]

HOSTILE = r"""
    import pytest

    TEXTS = [
        "</script><script>alert(1)</script>",
        "\x1b[2J\x1b]0;owned\x07",
        "first\n::error file=a.py::injected",
        "@everyone #1 | `pipe` | <img src=x onerror=alert(1)>",
        "\u202eesrever",
        "x" * 100_000,
        "\udcff\udce9 is no UTF-8",
    ]

    class Broken(Exception):
        def __str__(self):
            raise RuntimeError("no")

    @pytest.mark.parametrize("text", TEXTS, ids=lambda text: text[:60])
    def test_says(text):
        raise ValueError(text)

    def test_cannot_be_said():
        raise Broken
"""


def test_hostile_text_is_escaped_in_every_file(
    pytester: pytest.Pytester, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.delenv("CI", raising=False)  # with it pytest's own summary shows all lines, as they are
    pytester.makepyfile(HOSTILE)
    seen = report()
    assert len(seen.findings) == 8
    assert [finding["title"] for finding in seen.findings if len(finding["title"]) > 140] == []
    longest = max(len(finding["evidence"]["message"]) for finding in seen.findings)
    assert longest <= 2000
    out = pytester.path / ".maint/out"
    for name in ("findings.json", "findings.sarif"):
        json.loads((out / name).read_text("utf-8"))
    page = (out / "report.html").read_text("utf-8")
    assert "<script>alert" not in page
    assert "<img" not in page
    for name in ("report.html", "report.md"):
        assert not set("\x1b\x07\u202e") & set((out / name).read_text("utf-8"))
    commands = [line for line in seen.result.outlines if line.startswith("::")]
    assert len(commands) == 8
    assert not [line for line in seen.result.outlines if line.startswith("::error file=a.py")]


def test_the_exception_that_cannot_be_told_is_named(pytester: pytest.Pytester, report: Report) -> None:
    pytester.makepyfile(HOSTILE)
    (finding,) = report("-k", "cannot_be_said").findings
    assert finding["evidence"]["exception"] == "test_the_exception_that_cannot_be_told_is_named.Broken"
    assert finding["evidence"]["message"] == "<str() of the exception raised RuntimeError>"


def test_a_message_that_breaks_a_worker_is_a_finding(pytester: pytest.Pytester, report: Report) -> None:
    # execnet refuses any report with such a string, with or without this plugin, and xdist exits with 0
    pytester.makepyfile(r"""def test_says(): raise ValueError("\udcff.txt")""")
    seen = report("-n1")
    assert seen.run["partial"] == "internal error"
    (finding,) = seen.findings
    assert finding["message"] == (
        "pytest: internal error: execnet.gateway_base.DumpError: strings must be utf-8 encodable; TST006"
    )
