"""``maint doctor``: each trap is found where it is, and the remedy it names makes it go away."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from maint.cli.main import main
from maint.doctor.checks import examine

RUFF = '[tool.ruff.lint]\nselect = ["E", "RUF"]\n'
FLAKE8 = "[flake8]\nextend-ignore = E722\n"
HOOKS = "repos:\n- repo: https://github.com/PyCQA/flake8\n  rev: 7.0.0\n  hooks:\n  - id: flake8\n"
LOCAL = (
    "repos:\n- repo: local\n  hooks:\n"
    "  - {id: x, name: x, entry: maint lint, language: system, require_serial: true}\n"
)

GATE = "lint:\n\tflake8 --select=E9 src\n"

# check -> files with the trap, files with the remedy
CASES: list[tuple[str, Mapping[str, str], Mapping[str, str]]] = [
    ("ruff-external", {"pyproject.toml": RUFF}, {"pyproject.toml": RUFF + 'external = ["E9", "MNT"]\n'}),
    ("ruff-external", {"ruff.toml": 'lint.select = ["ALL"]\n'}, {"ruff.toml": 'lint.select = ["E", "F"]\n'}),
    (
        "ruff-external",
        {"pyproject.toml": '[tool.ruff.lint]\nextend-select = ["RUF102"]\nexternal = ["E9"]\n'},
        {"pyproject.toml": RUFF + 'ignore = ["RUF102"]\n'},
    ),
    ("double-report", {".flake8": "[flake8]\nmax-line-length = 100\n"}, {".flake8": FLAKE8}),
    (
        "double-report",
        {"tox.ini": FLAKE8, "pyproject.toml": "[dependency-groups]\ndev = ['flake8-bugbear']\n"},
        {"tox.ini": "[flake8]\nextend-ignore = E722, B001\n"},
    ),
    (
        "flake8-config-unread",
        {"pyproject.toml": "[tool.flake8]\nmax-line-length = 100\n"},
        {"pyproject.toml": "[tool.flake8]\nx = 1\n[dependency-groups]\ndev = ['Flake8-pyproject']\n"},
    ),
    (
        "flake8-config-unread",
        {"setup.cfg": FLAKE8, ".flake8": FLAKE8},
        {".flake8": FLAKE8, "setup.cfg": "[x]\n"},
    ),
    ("flake8-ignores-e900", {".flake8": "[flake8]\nignore = E\n"}, {".flake8": "[flake8]\nignore = E7\n"}),
    (
        "syntax-errors-hidden",
        {".flake8": "[flake8]\nselect = E900,MNT\n"},
        {".flake8": "[flake8]\nselect = E900,E999,E902,MNT\n"},
    ),
    (
        "syntax-errors-hidden",
        {"Makefile": "lint:\n\tflake8 --select=E900 src\n"},
        {"Makefile": "lint:\n\tflake8 --select=E900,E999 src\n"},
    ),
    (
        "syntax-gate",
        {".github/workflows/ci.yml": "run: flake8 . --count --select=E9,F63,F7,F82 --show-source\n"},
        {".github/workflows/ci.yml": "run: flake8 . --count --select=E999,E902,F63,F7,F82 --show-source\n"},
    ),
    (
        "syntax-gate",
        {".github/workflows/ci.yaml": "run: |\n  python -m flake8 \\\n    --select E9 .\n"},
        {".github/workflows/ci.yaml": "run: flake8 --select=E9 --maint-prefix=MNT\n"},
    ),
    (
        "syntax-gate",
        {"Makefile": GATE, "pyproject.toml": '[tool.maint.lint]\nprefix = "E"\n'},
        {"Makefile": GATE, "pyproject.toml": '[tool.maint.lint]\nprefix = "MNT"\n'},
    ),
    (
        "syntax-gate",
        {"Makefile": GATE},
        {"Makefile": GATE, ".flake8": FLAKE8 + "maint-prefix = MNT\n"},
    ),
    (
        "flake8-hook-without-plugin",
        {".pre-commit-config.yaml": HOOKS},
        {".pre-commit-config.yaml": HOOKS + "    additional_dependencies: [pytest-maint]\n"},
    ),
    (
        "pre-commit-ci-system-hook",
        {".pre-commit-config.yaml": "ci: {}\n" + LOCAL},
        {".pre-commit-config.yaml": "ci: {skip: [x]}\n" + LOCAL},
    ),
    (
        "hook-runs-many-times",
        {".pre-commit-config.yaml": LOCAL.replace(", require_serial: true", "")},
        {".pre-commit-config.yaml": LOCAL},
    ),
    ("not-judged", {".pre-commit-config.yaml": "a: ["}, {".pre-commit-config.yaml": "repos: []\n"}),
]


def write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("check", "trap", "remedy"), CASES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_trap_is_found_and_the_remedy_ends_it(
    check: str, trap: Mapping[str, str], remedy: Mapping[str, str], tmp_path: Path
) -> None:
    if ".pre-commit-config.yaml" in trap:
        pytest.importorskip("yaml")
    write(tmp_path, trap)
    problems = examine(tmp_path)
    assert check in {problem.check for problem in problems}
    assert all(problem.where.partition(":")[0].split(" ")[0] in trap for problem in problems)
    write(tmp_path, remedy)
    assert check not in {problem.check for problem in examine(tmp_path)}


def test_an_empty_folder_has_nothing_to_put_right(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--root", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "nothing to put right\n"


def test_a_problem_is_one_sentence_with_its_place_and_exit_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, {"Makefile": "a:\n\tflake8 --select=E9,F82 .\n"})
    assert main(["doctor", "--root", str(tmp_path)]) == 1
    assert capsys.readouterr().out == (
        "Makefile:2: --select=E9,F82 is a syntax gate that E900 turns red; "
        'write --select=E999,E902,F82, or set prefix = "MNT" in [tool.maint.lint]; syntax-gate\n'
    )


def test_broken_files_are_no_reason_to_fail(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"pyproject.toml": "[", "setup.cfg": "x", "ruff.toml": "=", ".pre-commit-config.yaml": "- 1\n"},
    )
    (tmp_path / "Makefile").write_bytes(b"\xff\xfe flake8")
    assert examine(tmp_path) == []


def test_an_ignored_baseline_and_reports_that_would_be_committed(checkout) -> None:
    checkout.write(
        {
            "pyproject.toml": "[tool.maint.lint]\nbaseline = true\n",
            ".gitignore": ".maint/lint-baseline.jsonl\n",
            ".maint/out/report.md": "",
        }
    )
    assert [problem.check for problem in examine(checkout.top)] == ["baseline-ignored", "reports-not-ignored"]
    checkout.write({".gitignore": ".maint/out/\n.maint/cache/\n"})
    assert examine(checkout.top) == []
