"""``[tool.maint]``, the command line and markers: who wins, what is refused, all of it said at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from maint.config import Config, load
from maint.errors import ConfigError
from maint.options.option import fraction, globs
from maint.options.table import OPTIONS


def project(root: Path, toml: str) -> Path:
    (root / "pyproject.toml").write_text(toml, encoding="utf-8")
    return root


def problems(root: Path, toml: str, cli: dict[str, object] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(project(root, toml), cli or {})
    return str(caught.value).splitlines()


def test_every_option_has_its_default_where_nothing_is_said(tmp_path: Path) -> None:
    config = load(tmp_path, {})
    assert {o.name: config[o.name] for o in OPTIONS} == {o.name: o.default for o in OPTIONS}
    assert {config.source(o.name) for o in OPTIONS} == {"default"}


def test_every_default_is_what_its_own_kind_accepts() -> None:
    for option in OPTIONS:
        if option.default is not None:
            assert option.parse(option.default) == option.default, option.name


def test_the_command_line_wins_over_the_table_and_the_table_over_the_default(tmp_path: Path) -> None:
    root = project(tmp_path, '[tool.maint.benchmark]\nwarning = "5%"\ncritical = 0.5\n')
    config = load(root, {"benchmark.warning": "7 %"})
    assert config["benchmark.warning"] == pytest.approx(0.07)
    assert config["benchmark.critical"] == 0.5
    assert config["benchmark.clock"] == "auto"
    assert config.source("benchmark.warning") == "--maint-warning"
    assert config.source("benchmark.critical") == "pyproject.toml"
    assert config.source("benchmark.clock") == "default"


def test_a_section_is_its_values_by_bare_key(tmp_path: Path) -> None:
    section = load(project(tmp_path, "[tool.maint]\nout = 'reports'\n"), {}).section("benchmark")
    assert section["timeout"] == 60.0
    assert "out" not in section
    assert load(tmp_path, {}).section("") == {"out": "reports"}


def test_all_problems_are_listed_at_once_with_a_suggestion(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        "[tool.maint]\noutt = 'x'\n"
        "[tool.maint.bencmark]\nwarning = 0.1\n"
        "[tool.maint.benchmark]\nwarnnig = 0.1\ncritical = -1\nclock = 'sundial'\n",
        {"benchmark.budget": "soon"},
    )
    assert found == [
        "pyproject.toml: [tool.maint] unknown key 'outt'; did you mean 'out'?",
        "pyproject.toml: [tool.maint] unknown key 'bencmark'; did you mean 'benchmark'?",
        "pyproject.toml: [tool.maint.benchmark] unknown key 'warnnig'; did you mean 'warning'?",
        "pyproject.toml: [tool.maint.benchmark] critical = -1: must be over 0",
        "pyproject.toml: [tool.maint.benchmark] clock = 'sundial': expected one of 'auto', 'wall', 'cpu'",
        "--maint-budget = 'soon': expected a number of seconds",
    ]


def test_a_key_like_no_other_gets_the_list_of_known_ones(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, "[tool.maint]\nzzz = 1\n")
    assert problem.partition("; known: ")[2].split(", ")[0] == "benchmark"


@pytest.mark.parametrize(
    ("toml", "reason"),
    [
        ("[tool.maint.benchmark]\nwarning = 0.5", "a warning must come no later than a critical"),
        ("[tool.maint.benchmark]\nbaseline = 'main'", "belongs on the command line; use --maint-baseline"),
        ("[tool.maint]\nbenchmark = 3", "expected a table; write [tool.maint.benchmark]"),
        ("[tool]\nmaint = 3", "expected a table; write [tool.maint]"),
        ("[tool.maint", "not valid TOML"),
        ("[tool.maint.benchmark]\nwarning = true", "expected a fraction"),
        ("[tool.maint.benchmark]\nwarning = nan", "expected a fraction"),
        ("[tool.maint.benchmark]\nwarning = 10", "write '10%' or 0.1"),
        ("[tool.maint.benchmark]\ngc = 'yes'", "expected true or false"),
        ("[tool.maint.benchmark]\nbuild = ' '", "not empty"),
        ("[tool.maint.benchmark]\ncopy = 'data/**'", "expected a list of patterns"),
        ("[tool.maint.benchmark]\ncopy = ['../secret']", "leaves the project"),
        ("[tool.maint.benchmark]\ntimeout = inf", "expected a number of seconds"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_reason(tmp_path: Path, toml: str, reason: str) -> None:
    (problem,) = problems(tmp_path, toml)
    assert reason in problem


def test_a_contradiction_names_both_sources(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, "[tool.maint.benchmark]\ncritical = 0.2\n", {"benchmark.warning": "30%"})
    assert "from --maint-warning" in problem
    assert "from pyproject.toml" in problem


def test_baseline_and_selftest_exclude_each_other(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, "", {"benchmark.baseline": "main", "benchmark.selftest": "HEAD"})
    assert "exclude each other" in problem


def test_a_marker_wins_and_is_named_as_the_source(tmp_path: Path) -> None:
    base = load(tmp_path, {"benchmark.warning": "0.05"})
    marked = base.marked("benchmark", {"warning": "20%", "gc": True}, "tests/test_a.py::test_b")
    assert (marked["benchmark.warning"], marked["benchmark.gc"]) == (0.2, True)
    assert marked.source("benchmark.warning") == "tests/test_a.py::test_b"
    assert base["benchmark.warning"] == 0.05


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"warnin": 0.2}, "unknown marker argument 'warnin'; did you mean 'warning'?"),
        ({"clock": "cpuu"}, "expected one of 'auto', 'wall', 'cpu'"),
        ({"critical": 0.05}, "a warning must come no later"),
        ({"budget": 3}, "unknown marker argument 'budget'"),
    ],
)
def test_a_bad_marker_is_refused(tmp_path: Path, arguments: dict[str, object], reason: str) -> None:
    config: Config = load(tmp_path, {})
    with pytest.raises(ConfigError) as caught:
        config.marked("benchmark", arguments, "test_b")
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("raw", "value"), [("10%", 0.1), (" 12.5 % ", 0.125), (0.3, 0.3), ("600%", 6.0), (1, 1.0)]
)
def test_a_fraction_is_a_share_or_a_percentage(raw: object, value: float) -> None:
    assert fraction(raw) == pytest.approx(value)


def test_globs_are_kept_in_order() -> None:
    assert globs(["b/**", "a"]) == ("b/**", "a")
