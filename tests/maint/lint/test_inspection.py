"""One file: noqa, encodings, files without a syntax tree, and defects that stay with their file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maint.lint import inspection
from maint.lint.inspection import inspect_content
from maint.lint.settings import Settings

BROAD = "try:\n    f()\nexcept Exception:\n    print()\n"
ON = Settings({"select": ("E900", "MNT022", "MNT990")})


def codes(source: str | bytes, settings: Settings = ON) -> list[tuple[str, int]]:
    content = source.encode() if isinstance(source, str) else source
    return [(one.code, one.line) for one in inspect_content(content, "a.py", settings).violations]


def test_a_clean_file_has_no_finding() -> None:
    assert inspect_content(b"x = 1\n", "a.py", ON) == inspection.CLEAN


def test_a_broad_handler_is_found_with_the_digest_of_its_line() -> None:
    outcome = inspect_content(BROAD.encode(), "a.py", ON)
    assert [one.code for one in outcome.violations] == ["E900"]
    assert outcome.digests == inspect_content(b"\n\n" + BROAD.encode(), "a.py", ON).digests


def test_a_comment_suppresses_it() -> None:
    assert codes(BROAD.replace("Exception:", "Exception:  # noqa: E900")) == []
    assert codes(BROAD.replace("Exception:", "Exception:  # noqa: F401")) == [("E900", 3)]


def test_a_file_switched_off_is_skipped_with_the_line_that_does_it() -> None:
    outcome = inspect_content(f"import os\n# flake8: noqa: F401\n{BROAD}".encode(), "a.py", ON)
    assert outcome.violations == []
    assert outcome.skipped == "line 2 is '# flake8: noqa', which switches every rule off"


def test_a_binary_file_is_skipped() -> None:
    assert inspect_content(b"x\0y", "a.py", ON).skipped == "binary: it holds NUL bytes"


def test_a_file_that_does_not_parse_is_a_finding_and_its_handlers_are_still_seen() -> None:
    found = inspect_content(f"print 'x'\n{BROAD}".encode(), "a.py", ON).violations
    assert [(one.code, one.line, one.certain) for one in found] == [("MNT022", 1, True), ("E900", 4, False)]
    assert "syntax unknown" in found[1].message


def test_the_tolerant_scan_obeys_noqa_and_the_selection() -> None:
    broken = f"print 'x'\n{BROAD}"
    assert codes(broken.replace("Exception:", "Exception:  # noqa: E900")) == [("MNT022", 1)]
    assert codes(broken, Settings({"ignore": ("E9",)})) == [("MNT022", 1)]
    assert codes(broken, Settings({"ignore": ("MNT022",)})) == [("E900", 4)]


def test_the_letters_before_900_are_those_of_the_settings() -> None:
    settings = Settings({"prefix": "MNT"})
    assert codes(BROAD, settings) == [("MNT900", 3)]
    assert ("MNT900", 4) in codes(f"print 'x'\n{BROAD}", settings)


def test_a_wrong_encoding_is_a_finding_and_the_file_is_read_as_flake8_reads_it() -> None:
    assert codes(b"# caf\xe9\n" + BROAD.encode()) == [("MNT022", 1), ("E900", 4)]
    assert codes(b"# coding: klingon\n" + BROAD.encode()) == [("MNT022", 1), ("E900", 4)]


@pytest.mark.parametrize(
    "content",
    [
        b"# coding: latin-1\n# caf\xe9\n" + BROAD.encode(),
        b"\xef\xbb\xbf# mark\n\n" + BROAD.encode(),
        b"#\r\n#\r\n" + BROAD.replace("\n", "\r\n").encode(),
        b"#\x0c\n\n" + BROAD.encode(),
    ],
    ids=["cookie", "mark", "crlf", "form feed"],
)
def test_encodings_and_line_ends_do_not_shift_lines(content: bytes) -> None:
    assert codes(content) == [("E900", 5)]


@pytest.mark.parametrize("source", ["1+" * 20_000 + "1\n", "(" * 5_000, "x = " + "[" * 300 + "]" * 300])
def test_a_file_too_deep_for_the_parser_is_one_finding(source: str) -> None:
    assert [code for code, _ in codes(f"{source}\n")] in ([], ["MNT022"])


def test_a_defect_of_ours_is_one_internal_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def check(*_: object) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr(inspection, "check", check)
    (found,) = inspect_content(b"x = 1\n", "a.py", ON).violations
    assert (found.code, found.message.partition(";")[0]) == ("MNT990", "ZeroDivisionError: ours")


@given(st.binary(max_size=200))
def test_no_bytes_are_too_odd(content: bytes) -> None:
    assert "MNT990" not in [code for code, _ in codes(content)]


@given(st.text(alphabet="etrycpxsEon:\n \t'\"#()*,\\é", max_size=80))
def test_no_text_is_too_odd(source: str) -> None:
    assert "MNT990" not in [code for code, _ in codes(source)]
