"""The ``maint`` command: verbs, exit codes, and what a reader sees when something is wrong."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from maint.cli import config as config_verb
from maint.cli.main import main
from maint.rules.table import RULES


def test_ctrl_c_while_the_command_starts_is_one_line() -> None:
    program = (
        "import sys\n"
        "class Interrupt:\n"
        "    def find_spec(self, name, *rest):\n"
        "        if name in ('argparse', 'importlib.metadata', 'pathlib'): raise KeyboardInterrupt\n"
        "for name in ('argparse', 'importlib.metadata', 'pathlib'): sys.modules.pop(name, None)\n"
        "sys.meta_path.insert(0, Interrupt())\n"
        "from maint.cli.main import run\n"
        "run()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "lint"], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "maint: interrupted\n")


def test_explain_says_what_a_code_means_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "ben001"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("BEN001 benchmark-critical (critical)")
    assert f"what to do: {RULES['BEN001'].remedy}" in out


def test_explain_takes_the_name_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "benchmark-warning"]) == 0
    assert capsys.readouterr().out.startswith("BEN002 ")


def test_explain_knows_the_code_that_the_prefix_gives(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "MNT900"]) == 0
    assert capsys.readouterr().out.startswith("E900 broad-except ")


def test_explain_without_a_code_lists_every_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(RULES)


@pytest.mark.parametrize(
    ("word", "hint"), [("BEN0001", "did you mean BEN001?"), ("zzz", "'maint explain' lists them")]
)
def test_an_unknown_code_is_a_usage_error_with_a_hint(
    word: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", word]) == 2
    captured = capsys.readouterr()
    assert captured.err == f"maint: {word}: no such code; {hint}\n"
    assert captured.out == ""


def test_config_prints_every_value_and_where_it_came_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyproject.toml").write_text(
        "[tool.maint.benchmark]\nwarning = '5%'\ncopy = ['data/**']\n", encoding="utf-8"
    )
    below = tmp_path / "src" / "package"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert main(["config"]) == 0
    rows = {line.split()[0]: line.split(maxsplit=1)[1] for line in capsys.readouterr().out.splitlines()}
    assert rows["benchmark.warning"].split() == ["0.05", "pyproject.toml"]
    assert rows["benchmark.copy"].split() == ['["data/**"]', "pyproject.toml"]
    assert rows["benchmark.gc"].split() == ["false", "default"]
    assert "benchmark.baseline" not in rows


def test_config_lists_all_problems_of_a_bad_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.maint]\nouut = 1\nzzz = 2\n", encoding="utf-8")
    assert main(["config", "--root", str(tmp_path)]) == 2
    err = capsys.readouterr().err
    assert "'ouut'; did you mean 'out'?" in err
    assert "'zzz'" in err


def test_config_of_a_folder_that_is_not_there_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["config", "--root", str(tmp_path / "nowhere")]) == 2
    assert "no such folder" in capsys.readouterr().err


def test_the_version_is_the_distributions(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"pytest-maint {version('pytest-maint')}\n"


@pytest.mark.parametrize("argv", [[], ["explian"], ["explain", "--frobnicate"]])
def test_a_usage_error_is_2(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(argv)
    assert caught.value.code == 2
    assert "usage: maint" in capsys.readouterr().err


def test_an_internal_error_leaves_a_report_and_says_where(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def explode(_: object) -> int:
        raise ZeroDivisionError("the roof is on fire")

    monkeypatch.setattr(config_verb, "run", explode)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert main(["config"]) == 3
    err = capsys.readouterr().err
    (report,) = tmp_path.iterdir()
    assert str(report) in err
    assert "Traceback" not in err
    text = report.read_text(encoding="utf-8")
    assert "the roof is on fire" in text
    assert "arguments ['config']" in text


def test_an_interrupt_is_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(config_verb, "run", interrupt)
    assert main(["config"]) == 130
    assert capsys.readouterr().err == "maint: interrupted\n"


def test_a_reader_that_stops_early_is_no_error() -> None:
    command = [sys.executable, "-m", "maint", "explain"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
