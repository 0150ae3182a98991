"""``maint report``: exit codes, formats, standard input, and nothing written when something is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from maint.cli.main import main
from maint.report.documents import FindingsDocument

LINES = b"pkg/a.py:3:1: F821 undefined name 'x'\npkg/a.py:2:80: E501 line too long (90 > 79 characters)\n"


@pytest.fixture
def lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "flake8.txt"
    path.write_bytes(LINES)
    return path


def test_the_terminal_lists_findings_worst_first_and_counts_them(
    lines: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["report", str(lines)]) == 1
    assert capfdbinary.readouterr().out.decode() == (
        "high\n"
        "  pkg/a.py:3:1: flake8:F821 undefined name 'x'\n"
        "\n"
        "low\n"
        "  pkg/a.py:2:80: flake8:E501 line too long (90 > 79 characters)\n"
        "\n"
        "1 high, 1 low (flake8)\n"
    )


def test_no_finding_is_exit_code_0(lines: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    lines.write_bytes(b"0\n")  # flake8 --count; an empty file could be that of a run that failed
    assert main(["report", "--input-format", "flake8", str(lines)]) == 0
    assert capfdbinary.readouterr().out == b"no findings (flake8)\n"


@pytest.mark.parametrize("name", ["md", "json", "sarif", "html", "github", "terminal"])
def test_every_format_can_be_written_to_a_file(name: str, lines: Path, tmp_path: Path) -> None:
    target = tmp_path / "out" / "report"
    assert main(["report", str(lines), "--format", name, "--output", str(target)]) == 1
    assert "undefined name" in target.read_text("utf-8")


def test_json_and_sarif_lead_back_to_the_same_findings(lines: Path, tmp_path: Path) -> None:
    first, second, third = (tmp_path / name for name in ("1.json", "2.sarif", "3.json"))
    main(["report", str(lines), "--format", "json", "--output", str(first)])
    main(["report", str(first), "--format", "sarif", "--output", str(second)])
    main(["report", str(second), "--format", "json", "--output", str(third)])
    before, after = (msgspec.json.decode(path.read_bytes(), type=FindingsDocument) for path in (first, third))
    assert after.findings == before.findings
    assert after.runs[0].guardrail == "flake8"


def test_annotations_are_workflow_commands(lines: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    main(["report", str(lines), "--format", "github"])
    first, second = capfdbinary.readouterr().out.decode().splitlines()
    assert first.startswith("::error file=pkg/a.py,line=3,col=1,")
    assert second.startswith("::notice ")


def test_standard_input_is_read_and_the_same_finding_counts_once(lines: Path) -> None:
    command = [sys.executable, "-m", "maint", "report", "-", str(lines), "--format", "json"]
    done = subprocess.run(command, input=LINES, capture_output=True, check=False)
    assert done.returncode == 1
    document = json.loads(done.stdout)
    assert len(document["runs"]) == 2
    assert len(document["findings"]) == 2


def test_one_bad_file_among_good_ones_writes_nothing(
    lines: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.sarif"
    bad.write_text('{"version": "2.1.0",\n "runs": [')
    target = tmp_path / "report.html"
    assert main(["report", str(lines), str(bad), "--format", "html", "--output", str(target)]) == 2
    captured = capsys.readouterr()
    assert captured.err == (
        f"maint: {bad}:2:11: not valid JSON: input data was truncated; write the file again\n"
    )
    assert captured.out == ""
    assert not target.exists()


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["gone.xml"], "maint: gone.xml: cannot be read (no such file or directory); check the name\n"),
        (["."], "maint: .: cannot be read (is a directory); check the name\n"),
        (["-", "-"], "maint: standard input: given twice; it can be read once\n"),
        (["x", "--root", "nowhere"], "no such folder; name the one that holds the project\n"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(
    argv: list[str], sentence: str, lines: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", *argv]) == 2
    assert capsys.readouterr().err.endswith(sentence)


def test_paths_are_relative_to_the_project(
    lines: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "pkg").mkdir()
    monkeypatch.chdir(tmp_path / "pkg")
    lines.write_text(f"{tmp_path}/pkg/a.py:3:1: F821 undefined name 'x'\n")
    assert main(["report", str(lines)]) == 1
    assert "  pkg/a.py:3:1: flake8:F821" in capfdbinary.readouterr().out.decode()
