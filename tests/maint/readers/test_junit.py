"""JUnit XML as pytest and others write it; hostile XML is refused before anything expands."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from maint.errors import InputError
from maint.findings import Finding
from maint.readers.formats import read
from maint.readers.pytest_benchmark import Limits
from maint.readers.source import Source
from maint.report.section import Section

Read = Callable[..., list[Section]]
FILE = "tests/sub/test_a.py"


@pytest.fixture
def section(failing: Path, read_one: Read) -> Section:
    (one,) = read_one((failing / "junit.xml").read_bytes(), failing)
    return one


def found(section: Section, node_id: str) -> Finding:
    (one,) = [finding for finding in section.findings if finding.location.node_id == node_id]
    return one


def test_every_failed_test_is_a_finding_of_its_kind(section: Section) -> None:
    seen = {(one.code, one.location.node_id) for one in section.findings}
    assert seen == {
        ("TST001", f"{FILE}::TestX::test_div[0]"),
        ("TST001", f"{FILE}::TestX::test_div[a::b[c]]"),
        ("TST001", f"{FILE}::TestX::test_div[<b>@you #1|`]"),
        ("TST002", f"{FILE}::test_setup[0]"),
        ("TST002", f"{FILE}::test_setup[1]"),
        ("TST002", f"{FILE}::test_setup[2]"),
        ("TST002", f"{FILE}::test_teardown"),
        ("TST003", f"{FILE}::test_unexpected"),
        ("TST001", f"{FILE}::test_lists"),
        ("TST001", f"{FILE}::test_library"),
        ("TST001", f"{FILE}::test_given_up"),
        ("TST001", f"{FILE}::test_silent"),
        ("TST004", None),
    }


@pytest.mark.parametrize(
    ("test", "exception", "function", "message"),
    [
        ("TestX::test_div[0]", "ZeroDivisionError", "helper", "division by zero"),
        ("test_setup[1]", "RuntimeError", "bad", "no database at 0x7f00 after 31 s"),
        ("test_teardown", "KeyError", "late", "'x'"),
        ("test_library", "json.decoder.JSONDecodeError", "test_library", "Expecting property name"),
        ("test_given_up", "Failed", "test_given_up", "because"),
        ("test_silent", "ValueError", "test_silent", ""),
        ("test_lists", "AssertionError", "test_lists", "lists"),
    ],
)
def test_the_cause_is_told(section: Section, test: str, exception: str, function: str, message: str) -> None:
    evidence = found(section, f"{FILE}::{test}").evidence
    assert evidence["exception"] == exception
    assert evidence.get("message", "").startswith(message)
    assert (evidence["crash"]["path"], evidence["crash"]["function"]) == (FILE, function)
    assert len(evidence["attempts"]) == 1


def test_a_file_that_cannot_be_collected_makes_the_run_partial(section: Section) -> None:
    (broken,) = [one for one in section.findings if one.code == "TST004"]
    assert broken.location.path == "tests/test_broken.py"
    assert broken.evidence["exception"] == "ModuleNotFoundError"
    assert "no_such_module" in broken.message
    assert section.run.partial == "1 could not be collected"


def test_the_run_says_which_tests_got_a_verdict(section: Section) -> None:
    judged = set(section.run.judged)
    assert {f"{FILE}::test_fine", f"{FILE}::test_expected", f"{FILE}::TestX::test_div[0]"} <= judged
    assert section.run.unjudged == {f"{FILE}::test_skipped": "skipped: later"}
    assert len(judged) == 14


def test_findings_name_their_tests_as_the_run_does(failing: Path, section: Section) -> None:
    named = {one.location.node_id for one in section.findings if one.code != "TST004"}
    assert named <= set(section.run.judged)
    assert set(section.run.judged).isdisjoint(section.run.unjudged)
    session = json.loads((failing / ".maint" / "out" / "findings.json").read_bytes())["runs"][0]
    assert set(session["judged"]) == set(section.run.judged)
    assert session["unjudged"] == section.run.unjudged


def test_a_test_that_ran_in_one_suite_has_a_verdict_though_another_skips_it(read_one: Read) -> None:
    case = '<testcase classname="a" name="{}">{}</testcase>'
    suites = (
        case.format("both", "<skipped/>") + case.format("never", "<skipped/>"),
        case.format("both", ""),
    )
    text = "".join(f"<testsuite>{suite}</testsuite>" for suite in suites)
    (section,) = read_one(f"<testsuites>{text}</testsuites>".encode())
    assert section.run.judged == ("a::both",)
    assert section.run.unjudged == {"a::never": "skipped"}


def test_identity_survives_moved_lines_and_changed_numbers(
    failing: Path, section: Section, read_one: Read
) -> None:
    text = (failing / "junit.xml").read_text()
    moved = text.replace("test_a.py:", "test_a.py:1").replace("0x7f00 after 31 s", "0x1234 after 7 s")
    (again,) = read_one(moved.encode(), failing)
    assert moved != text
    assert [one.fingerprint for one in again.findings] == [one.fingerprint for one in section.findings]


def test_a_session_and_its_junit_xml_report_each_failure_once(failing: Path, section: Section) -> None:
    names = (failing / ".maint" / "out" / "findings.json", failing / "junit.xml")
    both = read([Source(name.name, name.read_bytes(), failing) for name in names], Limits(0.1, 0.2))
    assert [len(one.findings) for one in both] == [len(section.findings), 0]


def test_files_that_are_not_here_are_told_by_their_names(
    failing: Path, read_one: Read, tmp_path: Path
) -> None:
    (elsewhere,) = read_one((failing / "junit.xml").read_bytes(), tmp_path)
    assert found(elsewhere, f"{FILE}::TestX::test_div[0]").location.path == FILE


def test_another_runners_report_keeps_its_names(read_one: Read) -> None:
    (section,) = read_one(
        b'<testsuite name="Jest"><testcase classname="math adds" name="two and two" time="1,234.5">'
        b'<failure type="AssertionError" message="expected 4">at math.test.js:3:5</failure></testcase>'
        b'<testsuite name="inner"><testcase classname="c" name="n" file="spec/c_spec.rb"/></testsuite>'
        b"</testsuite>"
    )
    (finding,) = section.findings
    assert (finding.location.path, finding.location.node_id) == (None, "math adds::two and two")
    assert finding.evidence["exception"] == "AssertionError"
    assert section.run.judged == ("math adds::two and two", "spec/c_spec.rb::c::n")


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE t [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    b'<testsuite name="&b;"/>'
)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (BOMB, "input:1:3"),
        (b'<!DOCTYPE t SYSTEM "file:///etc/passwd">\n<testsuite/>', "input:1:"),
        (b'<!DOCTYPE t [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]><testsuite name="&x;"/>', "input:1:"),
        (b"<testsuite>" * 10_000, "input:1:551: more than 50 elements inside each other"),
        (b"<html><body/></html>", "input: the root element is 'html'"),
        (b"<testsuite>\n<testcase name='a'>", "input:2:20: not valid XML: no element found"),
        (b"<testsuite>\n<testcase name='\xff'/></testsuite>", "input:2:17: not valid XML: not well-formed"),
        (b'<?xml version="1.0" encoding="klingon"?><testsuite/>', "input:1:"),
    ],
    ids=["bomb", "external file", "external host", "deep", "html", "truncated", "wrong bytes", "no encoding"],
)
def test_what_is_no_plain_report_is_one_sentence(content: bytes, sentence: str, read_one: Read) -> None:
    with pytest.raises(InputError) as caught:
        read_one(content)
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)


def test_other_encodings_are_read_as_xml_declares_them(read_one: Read) -> None:
    text = '<?xml version="1.0" encoding="{}"?><testsuite><testcase name="größe"/></testsuite>'
    for encoding in ("utf-16", "iso-8859-1"):
        (section,) = read_one(text.format(encoding).encode(encoding))
        assert section.run.judged == ("größe",)
