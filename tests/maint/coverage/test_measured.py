"""Measurements read from coverage's own files, with the numbers that ``coverage json`` writes."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import coverage
import pytest

from maint.coverage.counts import Counts
from maint.coverage.measured import Measured, read
from maint.errors import InputError

from .conftest import Project

SOURCES = {
    "src/shop/__init__.py": "",
    "src/shop/prices.py": (
        "def price(\n"
        "    amount,\n"
        "    discount=0,\n"
        "):\n"
        "    if discount and amount > 10:\n"
        "        return (\n"
        "            amount\n"
        "            - discount\n"
        "        )\n"
        "    for step in range(amount):\n"
        "        if step == 99:\n"
        "            break\n"
        "    else:\n"
        "        amount += 0\n"
        "    return amount\n"
        "\n"
        "\n"
        "def never():  # pragma: no cover\n"
        "    raise NotImplementedError\n"
        "\n"
        "\n"
        "def unused(x):\n"
        "    while x:\n"
        "        x -= 1\n"
        "    return [y for y in range(x) if y]\n"
    ),
    "src/shop/untested.py": "import os\n\nif os.sep:\n    x = 1\nelse:\n    x = 2\n",
    "run.py": (
        "import sys\nsys.path.insert(0, 'src')\nfrom shop import prices\n"
        "prices.price(int(sys.argv[1]), int(sys.argv[2]))\n"
    ),
}


def told(report: dict[str, Any]) -> dict[str, Counts]:
    """What ``coverage json`` says of each file."""
    return {name: counted(file["summary"]) for name, file in report["files"].items()}


def counted(summary: dict[str, int]) -> Counts:
    names = ("num_branches", "missing_branches", "num_partial_branches")
    return Counts(
        summary["num_statements"], summary["missing_lines"], *(summary.get(one, 0) for one in names)
    )


def found(measured: Measured) -> dict[str, Counts]:
    return {name: file.counts for name, file in measured.files.items()}


@pytest.mark.parametrize("branch", [False, True], ids=["line", "branch"])
def test_the_counts_are_those_of_coverage_json(project: Project, branch: bool) -> None:
    project.settings("source = src", f"branch = {branch}")
    project.write(SOURCES)
    project.coverage("run", "run.py", "5", "2")
    report = project.report()
    measured = read(project.root / ".coverage", project.root)
    assert found(measured) == told(report)
    assert measured.total == counted(report["totals"])
    assert measured.total.misses > 0
    assert [list(file.missing) for file in measured.files.values()] == [
        file["missing_lines"] for file in report["files"].values()
    ]
    assert [sorted(map(list, file.arcs)) for file in measured.files.values()] == [
        sorted(file.get("missing_branches", [])) for file in report["files"].values()
    ]
    assert measured.environment.coverage == coverage.__version__
    assert measured.environment.key.endswith("-branch" if branch else "-line")


def test_the_share_is_the_one_that_coverage_prints(project: Project) -> None:
    project.settings("source = src", "branch = true")
    project.write(SOURCES)
    project.coverage("run", "run.py", "20", "2")
    printed = project.report()["totals"]["percent_covered"]
    ratio = read(project.root / ".coverage", project.root).total.ratio
    assert ratio.covered / ratio.total * 100 == pytest.approx(printed, abs=1e-9)


def test_parallel_runs_that_were_combined_are_read_like_one(project: Project) -> None:
    project.settings("source = src", "branch = true", "parallel = true")
    project.write(SOURCES)
    project.coverage("run", "run.py", "5", "2")
    project.coverage("run", "run.py", "20", "2")
    project.coverage("combine", "-q")
    assert found(read(project.root / ".coverage", project.root)) == told(project.report())


def test_a_json_report_gives_what_its_data_file_gives(project: Project) -> None:
    project.settings("source = src", "branch = true")
    project.write(SOURCES)
    project.coverage("run", "--context=test_price", "run.py", "5", "2")
    project.coverage("json", "-q", "--show-contexts")
    data, report = (read(project.root / name, project.root) for name in (".coverage", "coverage.json"))
    assert data == report
    assert data.files["src/shop/prices.py"].contexts[5] == ("test_price",)


def test_omitted_and_excluded_code_is_part_of_the_environment(project: Project) -> None:
    project.write(SOURCES)
    project.coverage("run", "run.py", "5", "2")
    before = read(project.root / ".coverage", project.root).environment
    project.settings("source = src", "omit = src/shop/untested.py")
    after = read(project.root / ".coverage", project.root).environment
    assert before.differences(after).startswith("exclusions ")


def test_reading_leaves_the_data_file_and_the_folder_as_they_were(project: Project) -> None:
    project.write(SOURCES)
    project.coverage("run", "run.py", "5", "2")
    before = {path: path.read_bytes() for path in project.root.rglob("*") if path.is_file()}
    read(project.root / ".coverage", project.root)
    assert {path: path.read_bytes() for path in project.root.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "no such file or directory"),
        (b"", "neither a coverage data file nor its JSON"),
        (b"hello", "neither a coverage data file nor its JSON"),
        (b"{", "coverage's JSON"),
        (b"{}", "Object missing required field `meta`"),
        (b"SQLite format 3\0 and no more", "measure again"),
    ],
)
def test_what_is_no_measurement_is_refused_in_one_sentence(
    project: Project, content: bytes | None, said: str
) -> None:
    path = project.root / "data"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=said) as caught:
        read(path, project.root)
    assert "\n" not in str(caught.value)


def test_a_source_that_is_gone_is_said(project: Project) -> None:
    project.write(SOURCES)
    project.coverage("run", "run.py", "5", "2")
    (project.root / "src/shop/prices.py").unlink()
    with pytest.raises(InputError, match=r"No source for code: '.*prices\.py'"):
        read(project.root / ".coverage", project.root)
    gc.collect()  # Python 3.13 warns of a data file that was left open, and a warning is an error here


def test_data_without_anything_in_it_is_said(project: Project, tmp_path: Path) -> None:
    data = coverage.CoverageData(basename=str(tmp_path / "empty"))
    data.add_lines({})
    data.write()
    with pytest.raises(InputError, match=r"No data to report"):
        read(tmp_path / "empty", project.root)
