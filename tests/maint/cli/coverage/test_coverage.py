"""``maint coverage`` from a first baseline to an exception, on a project that is really measured."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from maint.cli.main import main

if TYPE_CHECKING:
    from tests.maint.conftest import Checkout

LIB = "def f(x):\n    if x > 1:\n        return 1\n    if x > 2:\n        return 2\n    return 3\n"
RUN = "import sys\nsys.path.insert(0, 'src')\nimport lib\n[lib.f(int(x)) for x in sys.argv[1:]]\n"
FILES = {
    "src/lib.py": LIB,
    "run.py": RUN,
    ".coveragerc": "[run]\nsource = src\n",
    ".gitignore": ".coverage\n__pycache__/\n",
    "pyproject.toml": "",
}
Maint = Callable[..., tuple[int, str]]


@pytest.fixture
def shop(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """A committed project, and the working directory in it."""
    checkout.commit(FILES)
    monkeypatch.chdir(checkout.top)
    for name in ("GITHUB_ACTIONS", "SOURCE_DATE_EPOCH", "COVERAGE_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "300")
    return checkout


@pytest.fixture
def maint(capsys: pytest.CaptureFixture[str]) -> Maint:
    """Runs ``maint coverage …``: exit code, and what it printed."""

    def run(*arguments: str) -> tuple[int, str]:
        code = main(["coverage", *arguments])
        captured = capsys.readouterr()
        return code, captured.out + captured.err

    return run


def cover(*values: int) -> None:
    """Measure ``lib.f`` of ``values``: 2 and 0 leave line 5 uncovered, 2 alone leaves 4 to 6."""
    argv = [sys.executable, "-m", "coverage", "run", "run.py", *map(str, values)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    subprocess.run(argv, check=True, env=kept)


def test_from_a_first_baseline_to_an_exception(shop: Checkout, maint: Maint) -> None:
    cover(2, 0)
    assert maint("check")[0] == 0
    code, out = maint("init")
    assert code == 0
    assert out.startswith("wrote .maint/coverage.txt: 1 files, 83.33 % on ")
    shop.commit({})
    assert maint("check") == (0, "coverage 83.33 % (5 of 6 statements), baseline 83.33 %\n")

    cover(2)
    code, out = maint("check")
    assert code == 1
    assert "src/lib.py: 50.00 % covered, baseline 83.33 % (3 missed, baseline 1); cover 4-6; COV001\n" in out
    assert "COV002" in out
    code, out = maint("update")
    assert (code, "nothing to tighten" in out, "src/lib.py" in out) == (0, True, True)

    assert maint("lower", "src/lib.py", "--reason", "the importer goes", "--until", "2099-01-01")[0] == 0
    code, out = maint("check")
    assert code == 0
    assert "src/lib.py: excepted until 2099-01-01: the importer goes" in out

    cover(2, 0)
    assert "tightened" in maint("update")[1]
    assert "@lower" not in (shop.top / ".maint/coverage.txt").read_text()


def test_89_50_percent_style_gates_fail_exactly(shop: Checkout, maint: Maint) -> None:
    cover(2, 0)
    assert maint("check", "--min", "83.33")[0] == 0
    code, out = maint("check", "--min", "83.34")
    assert code == 1
    assert out.count("83.33 %") == 1
    assert out.count("83.34 %") == 1


def test_a_json_report_is_judged_like_the_data_file(shop: Checkout, maint: Maint) -> None:
    cover(2, 0)
    subprocess.run([sys.executable, "-m", "coverage", "json", "-q"], check=True)
    data = maint("check", "--min", "90")
    assert maint("check", "--min", "90", "--data", "coverage.json") == data
    (shop.top / ".coverage").unlink()
    assert maint("check", "--min", "90") == data


def test_the_patch_is_judged_from_the_command_line(shop: Checkout, maint: Maint) -> None:
    shop.write({"src/lib.py": LIB + "\n\ndef g():\n    return 4\n"})
    cover(2, 0)
    code, out = maint("check", "--patch", "main")
    assert code == 1
    assert "patch: 50.00 % of the statements changed since main" in out
    assert maint("check", "--patch", "main", "--patch-min", "50")[0] == 0
    assert maint("check", "--patch", "mian") == (
        2,
        "maint: mian: no such branch, tag or commit; did you mean main\n",
    )


def test_a_loosened_baseline_is_found_without_running_anything(shop: Checkout, maint: Maint) -> None:
    cover(2, 0)
    maint("init")
    shop.commit({})
    shop.git("switch", "--quiet", "--create", "topic")
    (shop.top / ".coverage").unlink()
    assert maint("check", "--against", "main") == (0, "the baseline was not loosened\n")
    path = shop.top / ".maint/coverage.txt"
    path.write_text(path.read_text().replace("m=1", "m=3"))
    code, out = maint("check", "--against", "main")
    assert code == 1
    assert "the baseline demands 50.00 %, at main 83.33 %" in out
    cover(2)
    assert "COV012" in maint("check", "--against", "main")[1]


def test_a_merge_is_resolved(shop: Checkout, maint: Maint) -> None:
    cover(2, 0)
    maint("init")
    path = shop.top / ".maint/coverage.txt"
    clean = path.read_text()
    row = clean.splitlines()[-1]
    looser = row.replace("m=1", "m=4")
    path.write_text(clean.replace(row, f"<<<<<<< HEAD\n{row}\n=======\n{looser}\n>>>>>>> topic"))
    assert maint("check")[0] == 0
    assert "strictest line" in maint("merge")[1]
    assert path.read_text() == clean
    assert "nothing to resolve" in maint("merge")[1]


def test_one_file_is_explained(shop: Checkout, maint: Maint, monkeypatch: pytest.MonkeyPatch) -> None:
    cover(2, 0)
    maint("init")
    cover(2)
    monkeypatch.chdir(shop.top / "src")
    code, out = maint("explain", "lib.py")
    assert code == 0
    facts = dict(line.split(maxsplit=1) for line in out.splitlines())
    assert facts["verdict"] == "fell"
    assert facts["uncovered"] == "4-6"
    assert facts["baseline"] == "83.33 %, 1 of 6 missed"
    assert maint("explain", "nothing.py")[0] == 2


def test_the_report_is_written_where_asked(shop: Checkout, maint: Maint) -> None:
    cover(2, 0)
    assert maint("check", "--min", "90", "--out", "out")[0] == 1
    document = json.loads((shop.top / "out/findings.json").read_text())
    assert [finding["code"] for finding in document["findings"]] == ["COV010"]
    assert document["runs"][0]["guardrail"] == "coverage"
    assert (shop.top / "out/report.html").is_file()


def test_findings_become_annotations_on_github(
    shop: Checkout, maint: Maint, monkeypatch: pytest.MonkeyPatch
) -> None:
    cover(2, 0)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    _, out = maint("check", "--min", "90")
    assert "::error title=total%3A below the minimum::total: 83.33 %25 covered" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check"], "run the tests under coverage"),
        (["check", "--data", "nowhere"], "no such file or directory"),
        (["check", "--min", "many"], "expected a percentage"),
        (["check", "--min", "101"], "must be from 0 to 100"),
        (["check", "--root", "nowhere"], "no such folder"),
        (["merge"], "maint coverage init"),
        (["init"], "run the tests under coverage"),
    ],
)
def test_a_users_mistake_is_one_sentence_and_exit_2(
    shop: Checkout, maint: Maint, arguments: list[str], said: str
) -> None:
    code, out = maint(*arguments)
    assert code == 2
    assert said in out
    assert out.count("\n") == 1


def test_refusals_of_what_is_written(shop: Checkout, maint: Maint) -> None:
    cover(2, 0)
    assert "maint coverage init" in maint("update")[1]
    maint("init")
    assert "maint coverage update" in maint("init")[1]
    lower = ("lower", "src/lib.py", "--until", "2099-01-01", "--reason")
    assert "nothing to lower" in maint(*lower, "x")[1]
    cover(2)
    assert "says nothing" in maint(*lower, " ")[1]
    assert "not in this measurement" in maint("lower", "no.py", "--reason", "x", "--until", "2099-01-01")[1]
    assert "over already" in maint("lower", "src/lib.py", "--reason", "x", "--until", "2000-01-01")[1]
    assert "no date" in maint("lower", "src/lib.py", "--reason", "x", "--until", "soon")[1]


def test_data_of_parallel_runs_that_nobody_combined_is_refused(shop: Checkout, maint: Maint) -> None:
    shop.write({".coveragerc": "[run]\nsource = src\nparallel = true\n"})
    cover(2, 0)
    code, out = maint("check")
    assert (code, "coverage combine" in out) == (2, True)


def test_another_coverage_is_pinned_by_init_and_refused_by_update(shop: Checkout, maint: Maint) -> None:
    cover(2, 0)
    maint("init")
    path = shop.top / ".maint/coverage.txt"
    clean = path.read_text()
    head, _, rest = clean.partition(" coverage=")
    path.write_text(f"{head} coverage=7.0.1 {rest.partition(' ')[2]}")
    code, out = maint("check")
    assert (code, "COV090" in out) == (0, True)
    assert maint("check", "--strict-env")[0] == 1
    assert maint("update")[0] == 2
    assert maint("init")[0] == 0
    assert path.read_text() == clean


def test_the_baseline_of_a_project_below_the_top_of_its_repository(
    shop: Checkout, maint: Maint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.commit({f"sub/{name}": text for name, text in FILES.items()})
    monkeypatch.chdir(shop.top / "sub")
    cover(2, 0)
    maint("init")
    shop.commit({})
    monkeypatch.chdir(tmp_path)
    root = ("--root", str(shop.top / "sub"))
    assert maint("check", *root, "--patch", "main", "--against", "main")[0] == 0


@pytest.mark.skipif(os.name != "posix", reason="CPU time of processes is read with getrusage")
def test_bench_prints_what_tracing_costs_as_a_ratio(
    shop: Checkout, maint: Maint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    shop.write({"test_lib.py": "def test_f():\n    assert sum(range(100)) == 4950\n"})
    code, out = maint("bench", "--rounds", "1", "--", "-p", "no:cacheprovider", "test_lib.py")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()][:2] == ["bare", "ctrace"]
    assert " times bare (" in out
    assert not (shop.top / ".coverage").exists()


@pytest.mark.skipif(os.name != "posix", reason="CPU time of processes is read with getrusage")
def test_bench_of_a_suite_that_fails_is_refused(
    shop: Checkout, maint: Maint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    shop.write({"test_lib.py": "def test_f():\n    assert 0\n"})
    code, out = maint("bench", "--rounds", "1", "--", "-p", "no:cacheprovider", "test_lib.py")
    assert (code, "fails without any tracing" in out) == (2, True)


def test_a_baseline_that_was_pinned_anew_is_said_and_fails_nothing(shop: Checkout, maint: Maint) -> None:
    cover(2, 0)
    maint("init")
    path = shop.top / ".maint/coverage.txt"
    now = path.read_text()
    path.write_text(now.replace(" coverage=", " coverage=0"))
    shop.commit({})
    (shop.top / ".coverage").unlink()
    path.write_text(now)
    code, out = maint("check", "--against", "main")
    assert (code, "baseline: pinned anew" in out) == (0, True)
