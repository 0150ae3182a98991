"""The plugin in real flake8 runs: what works without a configuration, and what the options change."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

BROAD = "try:\n    f()\nexcept Exception:\n    f()\n"
Flake8 = Callable[..., Any]


def test_e900_needs_no_configuration(flake8: Flake8) -> None:
    done = flake8({"shop/core.py": BROAD}, "--select=E900")
    assert done.code == 1
    assert done.output == (
        "./shop/core.py:3:1: E900 catches Exception and goes on; "
        "name the exceptions that you expect, or end with raise\n"
    )


def test_a_run_without_select_reports_it_too(flake8: Flake8) -> None:
    assert flake8({"shop/core.py": BROAD.replace("f()", "print()")}).places == ["shop/core.py:3:1 E900"]


def test_the_syntax_gate_that_selects_e9_can_be_kept(flake8: Flake8) -> None:
    files = {"shop/core.py": BROAD}
    assert flake8(files, "--select=E9").places == ["shop/core.py:3:1 E900"]
    assert flake8(files, "--select=E9", "--maint-prefix=MNT").code == 0
    assert flake8(files, "--select=MNT900", "--maint-prefix=MNT").places == ["shop/core.py:3:1 MNT900"]


def test_the_table_sets_the_options(flake8: Flake8) -> None:
    table = '[tool.maint.lint]\nboundary-names = ["serve"]\nextend-select = ["MNT040"]\nprefix = "MNT"\n'
    source = "def serve():\n    try: f()\n    except Exception: f()  # TODO: more\n" + BROAD
    done = flake8({"pyproject.toml": table, "shop/core.py": source}, "--select=MNT")
    assert done.places == ["shop/core.py:3:30 MNT040", "shop/core.py:6:1 MNT900"]


def test_flake8s_own_options_come_before_the_table(flake8: Flake8) -> None:
    files = {
        "pyproject.toml": '[tool.maint.lint]\nlogged = "ok"\nboundary-names = ["serve"]\n',
        ".flake8": "[flake8]\nmaint-boundary-names = start,run_*\n",
        "shop/core.py": "def serve():\n    try: f()\n    except Exception: f()\n"
        "def run_all():\n    try: f()\n    except Exception: f()\n",
    }
    assert flake8(files, "--select=E900", isolated=False).places == ["shop/core.py:3:5 E900"]


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("[tool.maint.lint]\nlogged = 'no'\n", "logged = 'no': expected one of 'report', 'ok'"),
        ("[tool.maint.lint]\nloged = 'ok'\n", "unknown key 'loged'; did you mean 'logged'?"),
        ("[tool.maint.lint]\nticket-regex = '('\n", "not a regular expression"),
        ("[tool.maint.lint]\nselect = ['e900']\n", "'e900' is no code"),
        ("[tool.maint.lint]\nignore = ['E9000']\n", "ignore E9000: no such code; did you mean E900?"),
        ("[tool.maint\n", "not valid TOML"),
    ],
)
def test_a_bad_table_is_a_sentence(flake8: Flake8, table: str, sentence: str) -> None:
    done = flake8({"pyproject.toml": table, "shop/core.py": BROAD})
    assert done.code == 1
    assert sentence in done.output
    assert "Traceback" not in done.output
    assert "core.py" not in done.output


def test_a_bad_option_is_a_sentence(flake8: Flake8) -> None:
    done = flake8({"shop/core.py": BROAD}, "--maint-tests=perhaps")
    assert done.lines[-1] == "--maint-tests = 'perhaps': expected true or false"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--select=E900", "--maint-prefix=MNT"), "E900 is selected, but the prefix MNT shows it as MNT900"),
        (("--extend-select=MNT900",), "MNT900 is selected, but the prefix E shows it as E900; select E900"),
        (("--select=E900,MNT", "--maint-prefix=MNT"), ""),
        (("--select=E9", "--maint-prefix=MNT"), ""),
        (("--select=E900,W",), ""),
    ],
)
def test_a_code_selected_by_its_other_name_is_a_warning(
    flake8: Flake8, arguments: tuple[str, ...], said: str
) -> None:
    error = flake8({"core.py": ""}, *arguments).error
    assert said in error
    assert bool(error) is bool(said)


def test_codes_of_other_plugins_are_none_of_ours(flake8: Flake8) -> None:
    done = flake8({"core.py": BROAD}, "--select=E900,SHOP", "--extend-ignore=XYZ")
    assert done.places == ["core.py:3:1 E900"]


def test_the_help_shows_defaults_as_they_are_written(
    flake8: Flake8, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        flake8({}, "--help")
    output = " ".join(capsys.readouterr().out.split())
    assert "--maint-boundary-loops true|false" in output
    assert "(default: false)" in output
    assert "as long as it reports (default: main,_main)" in output
    assert "(default: none)" in output
    assert "('main'" not in output


def test_a_path_with_detours_is_judged_as_what_it_is(flake8: Flake8) -> None:
    files = {"tests/port.py": "sock.bind(('', 8080))\n", "shop/port.py": "sock.bind(('', 8080))\n"}
    done = flake8(files, "--select=MNT030", "shop/../tests/port.py", "tests/../shop/port.py")
    assert done.places == ["tests/../shop/port.py:1:11 MNT030"]


def test_a_rule_that_is_off_is_selected_by_name(flake8: Flake8) -> None:
    files = {"core.py": "# TODO: more\n"}
    assert flake8(files, "--select=MNT").code == 0
    assert flake8(files, "--extend-select=MNT040").places == ["core.py:1:3 MNT040"]
    assert flake8(files, "--select=MNT04").places == ["core.py:1:3 MNT040"]


@pytest.mark.parametrize(
    ("comment", "is_found"),
    [
        ("# noqa", False),
        ("# noqa: E900", False),
        ("# noqa: E9", False),
        ("# noqa: BLE001", True),
        ("# noqa: BLE001, E900 - the plug-ins may do anything", False),
    ],
)
def test_a_line_can_be_excused(flake8: Flake8, comment: str, is_found: bool) -> None:
    source = BROAD.replace("Exception:", f"Exception:  {comment}")
    assert bool(flake8({"core.py": source}, "--select=E900").code) is is_found


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(BROAD.replace("\n", "\r\n").encode(), id="CRLF"),
        pytest.param(b"\xef\xbb\xbf" + BROAD.encode(), id="byte order mark"),
        pytest.param(BROAD.replace("f()", "'\xfc'").encode("latin-1"), id="not UTF-8"),
        pytest.param(BROAD.replace("    ", "\t").encode(), id="tabs"),
        pytest.param(BROAD.replace("try", "\x0ctry").encode(), id="form feed"),
    ],
)
def test_an_odd_file_is_read_as_flake8_reads_it(flake8: Flake8, source: bytes) -> None:
    assert flake8({"core.py": source}, "--select=E900").places == ["core.py:3:1 E900"]


def test_a_column_counts_characters(flake8: Flake8) -> None:
    source = 'f("ü€"); s.bind("tcp://*:5555")\n'
    assert flake8({"core.py": source}, "--select=MNT030").places == [
        f"core.py:1:{source.index('tcp')} MNT030"
    ]


def test_a_file_that_does_not_parse_is_e999_alone(flake8: Flake8) -> None:
    files = {"core.py": "try f()\nexcept: pass\n"}
    assert flake8(files, "--select=E900,E999").places == ["core.py:1:6 E999"]
    # the reason why the documentation says to select E999, too
    assert flake8(files, "--select=E900").code == 0


def test_spawned_workers_have_the_settings(tmp_path: Path) -> None:
    """Their flake8 reads everything anew, as on macOS and Windows."""
    (tmp_path / "pyproject.toml").write_text('[tool.maint.lint]\nprefix = "MNT"\n')
    for name in ("one.py", "two.py", "three.py"):
        (tmp_path / name).write_text(BROAD)
    program = (
        "import multiprocessing, sys\n"
        "from flake8.main.cli import main\n"
        "if __name__ == '__main__':\n"
        "    multiprocessing.set_start_method('spawn')\n"
        "    sys.exit(main(['--isolated', '--select=MNT900', '-j2', '.']))\n"
    )
    (tmp_path / "run").write_text(program)
    done = subprocess.run(
        [sys.executable, "run"], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout.count("MNT900") == 3, done.stderr


def test_known_findings_are_left_out(flake8: Flake8) -> None:
    from maint.lint.baseline import Entry, line_digest, text

    known = [
        Entry("shop/core.py", "E900", "", line_digest("except Exception:")),
        Entry("shop/core.py.bak", "MNT020", "", ""),
    ]
    files = {
        "pyproject.toml": "[tool.maint.lint]\nbaseline = true\n",
        ".maint/lint-baseline.jsonl": text(known),
        "shop/__init__.py": "",
        "shop/core.py": "import os\n" + BROAD + BROAD,
        "shop/core.py.bak": "",
        "shop/new.py.bak": "",
    }
    done = flake8(files, "--select=E900,MNT020")
    assert done.places == ["shop/__init__.py:1:1 MNT020", "shop/core.py:8:1 E900"]
    assert "shop/new.py.bak" in done.lines[0]


def test_a_baseline_that_is_missing_is_a_sentence(flake8: Flake8) -> None:
    done = flake8({"core.py": BROAD}, "--maint-lint-baseline=true")
    assert "no baseline; write one with: maint lint --baseline --add" in done.output
    assert "E900" not in done.output
