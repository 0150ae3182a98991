"""``maint issues`` from the outside: real reports in, files out."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from maint.cli.main import main
from maint.findings import Finding, Location, Severity
from maint.report.documents import FindingsDocument, Run, json_bytes

Command = Callable[..., tuple[int, str, str]]
BROKEN_TESTS = """
import pytest

@pytest.fixture
def db():
    raise RuntimeError("database 17 is gone")

@pytest.mark.parametrize("n", range(150))
def test_of_db(db, n): pass

@pytest.mark.parametrize("n", range(50))
def test_number(n): assert n == -1

def test_other(): {}["key"]
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def issues(root: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    def issues(*arguments: str) -> tuple[int, str, str]:
        code = main(["issues", *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return issues


def report(path: Path, *files: str, codes: tuple[str, ...] = (), partial: str = "") -> str:
    findings = [
        Finding(
            code="flake8:E501",
            severity=Severity.LOW,
            category="lint",
            title="line too long",
            message="line too long",
            location=Location(path=name, line=1),
            remedy="make it shorter",
        )
        for name in files
    ]
    run = Run(guardrail="flake8", version="7", codes=codes, command="flake8 src", partial=partial)
    path.write_bytes(json_bytes(FindingsDocument(runs=(run,), findings=tuple(findings))))
    return str(path)


def test_300_mixed_failures_become_a_few_files_and_a_rerun_writes_nothing(
    root: Path, issues: Command
) -> None:
    (root / "tests").mkdir()
    (root / "tests" / "test_a.py").write_text(BROKEN_TESTS)
    for number in range(50):
        (root / f"m{number}.py").write_text("import os\nx=1\n")
    quiet = ["-q", "-p", "no:cacheprovider", "--tb=native", "tests"]
    run(root, "pytest", *quiet, "--junitxml=junit.xml")
    (root / "flake8.txt").write_text(run(root, "flake8", "--exclude=tests,.maint", "."))

    code, out, _ = issues("plan", "junit.xml", "flake8.txt")
    assert code == 0
    assert "nothing is written without 'maint issues apply'" in out
    assert not (root / ".maint").exists()

    assert issues("apply", "junit.xml", "flake8.txt")[0] == 0
    files = {path.name: path.read_text() for path in (root / ".maint" / "issues").iterdir()}
    assert 4 <= len(files) <= 15
    text = "".join(files.values())
    assert text.count("- [ ] `RuntimeError: database 17 is gone`") == 1
    assert "and 147 more tests" in text
    assert "`m7.py:1`](../../m7.py#L1)" in text

    code, out, _ = issues("apply", "junit.xml", "flake8.txt")
    assert (code, out) == (0, f"nothing to change: {len(files)} meta-issues are true\n")
    assert files == {path.name: path.read_text() for path in (root / ".maint" / "issues").iterdir()}

    (root / "m7.py").unlink()
    (root / "flake8.txt").write_text(run(root, "flake8", "--exclude=tests,.maint", "."))
    _, out, _ = issues("plan", "flake8.txt")
    assert "      fixed: m7.py\n" in out
    assert f"= untouched: {len(files) - 2} not looked at by these runs\n" in out


def test_the_plan_reads_like_a_diff(root: Path, issues: Command) -> None:
    issues("apply", report(root / "a.json", "a.py", "b.py"))
    _, out, _ = issues("plan", report(root / "b.json", "b.py", "c.py"))
    assert out.splitlines() == [
        "~ edit       flake8-e501-line-too-long-070cf0aa.md flake8:E501 line too long",
        "      fixed: a.py",
        "      new: c.py:1: line too long",
        "1 to edit: 1 write; nothing is written without 'maint issues apply'",
    ]


def test_many_reasons_are_counted(root: Path, issues: Command) -> None:
    _, out, _ = issues("plan", report(root / "a.json", *(f"{n}.py" for n in range(25))))
    assert "      … and 15 more\n" in out


def test_a_run_that_is_said_to_be_partial_ticks_nothing(root: Path, issues: Command) -> None:
    issues("apply", report(root / "f.json", "a.py", "b.py"))
    fewer = report(root / "f.json", "a.py")
    assert "nothing to change" in issues("plan", "--partial", "only a.py", fewer)[1]
    assert "fixed: b.py" in issues("plan", fewer)[1]


def test_a_budget_leaves_the_rest_for_the_next_run(root: Path, issues: Command) -> None:
    (root / "pyproject.toml").write_text("[tool.maint.issues]\nmax_writes = 1\n")
    issues("apply", report(root / "a.json", "a.py"))
    code, out, _ = issues("apply", report(root / "b.json"))
    assert (code, out.splitlines()[-1]) == (
        1,
        "0 writes, 1 change left over by the budget; run again to go on",
    )


def test_nothing_to_change_says_why(root: Path, issues: Command) -> None:
    for number, name in enumerate(("E501", "E502", "E503")):
        (root / f"{number}.txt").write_text(f"a.py:1:1: {name} bad\n")
    issues("apply", "0.txt", "1.txt", "2.txt")
    (given_up,) = (root / ".maint" / "issues").glob("flake8-e502*")
    given_up.write_text(given_up.read_text().replace('"open"', '"closed"\nreason: "not planned"'))
    assert issues("plan", "0.txt", "1.txt", "2.txt")[1].splitlines() == [
        "nothing to change: 2 meta-issues are true, 1 given up by hand",
        "1 finding belongs to meta-issues that were closed as not planned",
    ]
    (root / "empty.json").write_bytes(json_bytes(FindingsDocument(runs=(), findings=())))
    assert (
        issues("apply", "empty.json")[1]
        == "nothing to change: 2 not looked at by these runs, 1 given up by hand\n"
    )


def test_a_body_without_room_is_blocked_and_apply_ends_with_1(root: Path, issues: Command) -> None:
    issues("apply", report(root / "a.json", "a.py"))
    (issue,) = (root / ".maint" / "issues").iterdir()
    text = issue.read_text()
    issue.write_text(text.replace("<!-- maint:issue", "x" * 100_000 + "\n<!-- maint:issue"))
    assert issues("apply", report(root / "b.json", "b.py"))[0] == 0, "GitHub's limit does not bind a file"
    issue.write_text(issue.read_text().replace("<!-- maint:issue", "x" * 1_000_000 + "\n<!-- maint:issue"))
    code, out, _ = issues("apply", report(root / "c.json", "c.py"))
    assert code == 1
    assert out.splitlines()[0].startswith(f"blocked: {issue.name} ")
    assert out.splitlines()[-1] == "0 writes, 1 meta-issue blocked"


def test_explain_says_what_a_person_silenced(root: Path, issues: Command) -> None:
    findings = report(root / "a.json", "a.py")
    issues("apply", findings)
    (issue,) = (root / ".maint" / "issues").iterdir()
    issue.write_text(issue.read_text().replace('"open"', '"closed"\nreason: "not planned"'))
    assert f"      silenced: {issue.name} was closed as not planned\n" in issues("explain", findings)[1]


def test_explain_finds_the_place_that_it_prints(root: Path, issues: Command) -> None:
    findings = report(root / "a.json", "src/a\x1b.py")
    assert "src/a\\x1b.py:1" in issues("explain", findings)[1]
    assert issues("explain", findings, "SRC/a\\x1b.py:1")[0] == 0


def test_explain_says_why_an_item_is_where_it_is(root: Path, issues: Command) -> None:
    code, out, _ = issues("explain", report(root / "a.json", "src/a.py", "src/b.py"), "b.py")
    assert code == 0
    assert "(new) flake8:E501 line too long: 2 items, worst low" in out
    assert "here since: flake8:E501 found 2 (place 1 by severity, then size)" in out
    assert "src/a.py" not in out


def test_explain_of_what_is_not_there_is_a_sentence(root: Path, issues: Command) -> None:
    code, _, err = issues("explain", report(root / "a.json", "a.py"), "zzz")
    assert (code, err) == (2, "maint: 'zzz': no item with that in its place, title or id; leave it out\n")


def test_a_bad_file_stops_before_the_forge_is_asked(root: Path, issues: Command) -> None:
    (root / "bad.json").write_text('{"schema": "maint.findings/2", "runs": [')
    code, out, err = issues("apply", "bad.json", "--forge", "github", "--repo", "a/b")
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert not (root / ".maint").exists()


def test_the_folder_is_where_one_stands_on_the_command_line(root: Path, issues: Command) -> None:
    (root / "below").mkdir()
    issues("apply", report(root / "a.json", "a.py"), "--directory", "below/issues")
    (issue,) = (root / "below" / "issues").iterdir()
    assert "](../../a.py#L1)" in issue.read_text()


@pytest.mark.parametrize(
    "bad", ["max_issues = 0", "max_items = true", 'forge = "gitlab"', "labels = [1]", 'labels = "maint"']
)
def test_a_bad_setting_is_a_sentence(root: Path, issues: Command, bad: str) -> None:
    (root / "pyproject.toml").write_text(f"[tool.maint.issues]\n{bad}\n")
    code, _, err = issues("plan", report(root / "a.json"))
    assert code == 2
    assert f"[tool.maint.issues] {bad.partition(' ')[0]} = " in err


def test_hostile_text_moves_no_cursor(root: Path, issues: Command) -> None:
    _, out, _ = issues("plan", report(root / "a.json", "a\x1b[2J\u202e.py"))
    assert "\x1b" not in out
    assert "\u202e" not in out


KILLED = """
import os, signal, sys
from maint.forge import directory

link, left = os.link, [2]

def link_or_die(*arguments):
    left[0] -= 1
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    link(*arguments)

directory.os.link = link_or_die
from maint.cli.main import main
main(["issues", "apply", *sys.argv[1:]])
"""


def test_a_process_killed_between_two_writes_is_continued_by_the_next(root: Path, issues: Command) -> None:
    (root / "flake8.txt").write_text("".join(f"a.py:1:1: E{n} bad\n" for n in range(501, 505)))
    killed = subprocess.run([sys.executable, "-c", KILLED, "flake8.txt"], cwd=root, timeout=60, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert len(list((root / ".maint" / "issues").glob("*.md"))) == 1
    _, out, _ = issues("apply", "flake8.txt")
    assert out.splitlines()[-1] == "3 writes"
    assert len(list((root / ".maint" / "issues").glob("flake8-*.md"))) == 4
    assert issues("plan", "flake8.txt")[1].endswith("nothing to change: 4 meta-issues are true\n")


def run(root: Path, module: str, *arguments: str) -> str:
    """Run a tool that finds something; its output."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], cwd=root, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout
