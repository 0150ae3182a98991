"""flake8's own output, and lines like it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from maint.errors import InputError
from maint.findings import Severity
from maint.report.section import Section
from maint.rules.table import RULES

Read = Callable[..., list[Section]]


def flake8(root: Path, *options: str) -> bytes:
    command = [sys.executable, "-m", "flake8", "--isolated", *options, "."]
    return subprocess.run(command, cwd=root, capture_output=True, check=False).stdout


def test_what_flake8_says_is_read_whole(untidy: Path, read_one: Read) -> None:
    output = flake8(untidy)
    (section,) = read_one(output, untidy)
    assert len(section.findings) == output.count(b"\n") > 5
    assert section.run.guardrail == "flake8"
    undefined = next(one for one in section.findings if one.code == "flake8:F821")
    assert undefined.location.path == "pkg/bad file.py"
    assert (undefined.location.line, undefined.location.column) == (6, 12)
    assert undefined.severity is Severity.HIGH
    assert undefined.message == "undefined name 'undefined_name'"


def test_findings_keep_their_identity_when_lines_move(untidy: Path, read_one: Read, tmp_path: Path) -> None:
    (tmp_path / "pkg").mkdir()
    moved = f"# one\n# more\n{(untidy / 'pkg' / 'bad file.py').read_text()}"
    (tmp_path / "pkg" / "bad file.py").write_text(moved)
    before, after = (
        {one.fingerprint: one.location.line for one in read_one(flake8(root), root)[0].findings}
        for root in (untidy, tmp_path)
    )
    assert before.keys() == after.keys()
    assert {after[name] - before[name] for name in before} == {2}  # type: ignore[operator]


def test_two_equal_lines_are_two_findings_and_the_first_stays_when_the_second_goes(read_one: Read) -> None:
    both = b"a.py:3:1: E741 ambiguous variable name 'l'\na.py:9:1: E741 ambiguous variable name 'l'\n"
    first, second = read_one(both)[0].findings
    assert first.fingerprint != second.fingerprint
    (left,) = read_one(both.splitlines()[0])[0].findings
    assert left.fingerprint == first.fingerprint
    # Order in the output does not matter, order in the file does.
    turned = read_one(b"\n".join(reversed(both.splitlines())))[0].findings
    assert {one.location.line: one.fingerprint for one in turned} == {
        3: first.fingerprint,
        9: second.fingerprint,
    }


def test_codes_of_this_project_keep_their_rule(read_one: Read) -> None:
    (section,) = read_one(b"./old.py.bak:1:1: MNT020 a backup file\n")
    (finding,) = section.findings
    assert (finding.code, finding.location.path) == ("MNT020", "old.py.bak")
    assert finding.severity == RULES["MNT020"].severity
    assert finding.remedy == RULES["MNT020"].remedy
    assert "flake8:E999" in section.run.codes


def test_a_file_that_could_not_be_read_has_no_line(read_one: Read) -> None:
    (section,) = read_one(b"gone.py:0:1: E902 FileNotFoundError: [Errno 2] No such file\r\n")
    (finding,) = section.findings
    assert (finding.location.line, finding.severity) == (None, Severity.HIGH)


def test_nothing_at_all_may_be_a_flake8_that_failed(untidy: Path, read_one: Read) -> None:
    crashed = flake8(untidy, "--no-such-option")
    (section,) = read_one(crashed, forced="flake8")
    assert (crashed, section.findings) == (b"", ())
    assert section.run.partial == "empty: cannot be told from a flake8 that failed"
    with pytest.raises(InputError, match=r"^input: empty, .*run flake8 --count, which tells it from one"):
        read_one(b"")


def test_the_count_says_that_a_clean_run_went_to_its_end(
    untidy: Path, tmp_path: Path, read_one: Read
) -> None:
    (tmp_path / "tidy.py").write_text("x = 1\n")
    assert flake8(tmp_path, "--count") == b"0\n"
    for forced in (None, "flake8"):
        (section,) = read_one(flake8(tmp_path, "--count"), forced=forced)
        assert (section.findings, section.run.guardrail, section.run.partial) == ((), "flake8", "")
    with_count, without = flake8(untidy, "--count"), flake8(untidy)
    assert with_count != without
    assert read_one(with_count, untidy) == read_one(without, untidy)


def test_fewer_lines_than_flake8_counted_are_no_report(read_one: Read) -> None:
    with pytest.raises(InputError, match=r"^input:2:1: flake8 counted 3 and 1 are here; give its whole"):
        read_one(b"a.py:3:1: E501 line too long\n3\n")


def test_a_line_of_another_format_is_named(read_one: Read) -> None:
    with pytest.raises(InputError, match=r"^input:2:1: 'a.py:3: note: x' is not flake8's"):
        read_one(b"a.py:3:1: E501 line too long\na.py:3: note: x\n")
