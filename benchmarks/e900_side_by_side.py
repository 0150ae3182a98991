"""Which broad handlers each linter reports, on whole code bases, and where they disagree and why.

    python benchmarks/e900_side_by_side.py NAME=FOLDER[,FOLDER] ... --output DIR

Runs E900 in both fronts, ruff (E722, BLE001), pylint (W0702, W0718), flake8-bugbear (B001, B036) and
flake8-blind-except, each in the version pinned below and without any configuration. What they report is
gathered by (file, handler). Writes ``handlers.jsonl``, a row a handler, and ``runs.json``; prints the counts,
every run that was aborted, and the disagreements of each tool with E900 by class.

The classes come from ``e900_census.py``, which knows nothing of the engine of E900.
"""

from __future__ import annotations

import argparse
import collections
import importlib.metadata
import json
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from e900_census import Handler, census

PINS = {
    "flake8": "7.5.0",
    "flake8-bugbear": "26.10.27",
    "flake8-blind-except": "0.2.1",
    "pylint": "4.1.4",
    "ruff": "0.17.6",
}
TOOLS = ("E900", "ruff", "pylint", "bugbear", "blind-except")
CODES = {"E900": "E900", "E722": "ruff", "BLE001": "ruff", "W0702": "pylint", "W0718": "pylint"}
BUGBEAR = ("B001", "B036")
# which of the comments that the census finds switches off which tool
OBEYED = {
    "E900": r"(?i:noqa)(?!:)|noqa:.*E9",
    "ruff": r"(?i:noqa)(?!:)|noqa:.*(E722|BLE)",
    "bugbear": r"(?i:noqa)(?!:)|noqa:.*B0",
    "blind-except": r"(?i:noqa)",
    "pylint": r"pylint",
}
# flake8 finds its plugins through the metadata of what is installed: without ours, it is not there
FLAKE8 = """
import importlib.metadata, sys
hidden = sys.argv.pop(1).split(",")
every = importlib.metadata.distributions
importlib.metadata.distributions = lambda: (d for d in every() if d.metadata["Name"] not in hidden)
from flake8.main.cli import main
sys.exit(main(sys.argv[1:]))
"""


class Run(NamedTuple):
    """One command; ``failure`` is its last line where it did not end as its exit statuses say."""

    base: str
    tool: str
    files: int
    seconds: float
    exit: int
    failure: str


class Report(NamedTuple):
    path: str
    line: int
    tool: str
    code: str


def command(base: str, tool: str, files: int, argv: list[str], good: tuple[int, ...]) -> tuple[Run, str]:
    """Run ``argv``: what it cost and how it ended, and its standard output."""
    start = time.perf_counter()
    done = subprocess.run([sys.executable, *argv], capture_output=True, text=True, check=False)
    lines = done.stderr.strip().splitlines()
    failed = done.returncode not in good or any("failed during execution" in line for line in lines)
    failure = (lines or [f"exit status {done.returncode}"])[-1] if failed else ""
    return Run(base, tool, files, time.perf_counter() - start, done.returncode, failure), done.stdout


def flake8(base: str, paths: list[str], hidden: str = "") -> tuple[Run, list[Report]]:
    """Every plugin that is installed but for the distributions in ``hidden``."""
    select = "--select=E900,B001,B036,B901,B902"
    argv = ["-c", FLAKE8, hidden, "--isolated", "-j1", select, "--format=%(path)s:%(row)d:%(code)s %(text)s"]
    run, output = command(
        base, "flake8" + (f" without {hidden}" if hidden else ""), len(paths), [*argv, *paths], (0, 1)
    )
    rows = (re.fullmatch(r"(.+?):(\d+):(\w+) (.*)", line) for line in output.splitlines())
    return run, [
        Report(row[1], int(row[2]), tool, row[3]) for row in rows if row and (tool := _plugin(row[3], row[4]))
    ]


def _plugin(code: str, text: str) -> str:
    """blind-except and bugbear both own B901 and B902; only the texts tell them apart."""
    if code in ("B901", "B902"):
        return "blind-except" if text.startswith("blind except") else ""
    return "bugbear" if code in BUGBEAR else "flake8 E900"


def flake8_piecewise(base: str, paths: list[str]) -> Iterator[tuple[Run, list[Report]]]:
    """What flake8 would have said: halve the files until only those that abort it are alone."""
    run, reports = flake8(base, paths)
    if not run.failure:
        yield run, reports
    elif len(paths) == 1:
        yield run._replace(tool=f"flake8 on {paths[0]}"), []
    else:
        half = len(paths) // 2
        yield from flake8_piecewise(base, paths[:half])
        yield from flake8_piecewise(base, paths[half:])


def maint(base: str, folders: list[str]) -> tuple[Run, list[Report]]:
    """``maint lint`` with no configuration; what it finds in files without a parse is its own code."""
    with tempfile.TemporaryDirectory() as root:
        (Path(root) / "pyproject.toml").touch()
        argv = [
            "-m",
            "maint",
            "lint",
            "--root",
            root,
            "--no-cache",
            "--select=E900,MNT022,MNT990",
            "--format=json",
        ]
        run, output = command(base, "maint lint", 0, [*argv, *folders], (0, 1))
    found = json.loads(output)["findings"] if output else []
    rows = [(one["location"]["path"], one["location"]["line"], one["code"], one["evidence"]) for one in found]
    tools = {"E900": "E900", "MNT022": "no parse", "MNT990": "internal"}
    return run, [
        Report(
            path,
            line,
            tools[code] if certain.get("certain", True) or code != "E900" else "no parse E900",
            code,
        )
        for path, line, code, certain in rows
    ]


def ruff(base: str, folders: list[str]) -> tuple[Run, list[Report]]:
    argv = ["-m", "ruff", "check", "--isolated", "--no-cache", "--select=E722,BLE001", "--output-format=json"]
    run, output = command(base, "ruff", 0, [*argv, *folders], (0, 1))
    rows = [
        (one["filename"], one["location"]["row"], one["code"] or "") for one in json.loads(output or "[]")
    ]
    return run, [Report(path, line, "ruff", code) for path, line, code in rows if code in CODES]


def pylint(base: str, paths: list[str], title: str = "pylint") -> tuple[Run, list[Report]]:
    argv = ["-m", "pylint", "--rcfile=/dev/null", "-j1", "--recursive=y", "--disable=all", "--score=n"]
    argv += ["--enable=W0702,W0718", "--msg-template={abspath}:{line}:{msg_id}"]
    run, output = command(base, title, len(paths), [*argv, *paths], tuple(range(32)))
    rows = (re.fullmatch(r"(.+?):(\d+):(W\d+)", line) for line in output.splitlines())
    return run, [Report(row[1], int(row[2]), "pylint", row[3]) for row in rows if row and row[3] in CODES]


def pylint_asked(base: str, paths: list[str]) -> tuple[Run, list[Report]]:
    """What pylint says of these files when it visits them and no comment in them switches it off."""
    with tempfile.TemporaryDirectory() as name:
        copies = {str(Path(name) / f"n{number}.py"): path for number, path in enumerate(paths)}
        for copy, path in copies.items():
            content = Path(path).read_bytes()
            Path(copy).write_bytes(re.sub(rb"(#\s*)pylint(\s*:)", rb"\1pylinT\2", content))
        run, found = pylint(base, list(copies), "pylint, asked")
    return run, [one._replace(path=copies[one.path], tool="pylint, asked") for one in found]


def why(one: dict[str, Any], tool: str) -> str:
    """The class of a disagreement between E900 and ``tool`` on a handler, from the census alone."""
    ours = "E900" in one["reports"]
    if one["line_is"] != "handler":
        return one["line_is"]
    if re.search(OBEYED[tool if ours else "E900"], one["comment"]):
        return "a comment suppresses it: " + ("pylint: disable" if ours and tool == "pylint" else "noqa")
    if tool == "pylint" and "pylint, asked" in one["reports"]:
        return "pylint --recursive=y does not visit the file"
    if not ours:
        if one["main"]:
            return "boundary: main() or the main guard"
        if one["raises"] != "no":
            return f"it raises; last statement is raise: {one['raises'] == 'ends'}"
        return f"{one['header']}, does not raise"
    if tool == "bugbear" and "Base" not in one["header"] and one["header"] != "bare":
        return "bugbear knows bare and BaseException only"
    if one["raises"] != "no":
        return f"raises on some paths or is cancelled; last statement is raise: {one['raises'] == 'ends'}"
    if tool == "ruff" and one["logs"]:
        return "it logs the traceback"
    return f"header: {one['header']}"


def gather(base: str, folders: list[str], narrow: bool) -> tuple[list[Run], list[dict[str, Any]]]:
    """Every tool over one code base: the runs, and a row for each handler that is broad or was reported."""
    files = sorted(str(path) for folder in folders for path in Path(folder).rglob("*.py"))
    handlers = [one for path in files for one in census(Path(path))]
    broad = sorted({one.path for one in handlers if one.header != "typed"})
    slow = broad if narrow else folders
    results = [maint(base, folders), ruff(base, folders), pylint(base, slow), flake8(base, slow)]
    if results[-1][0].failure:
        without = flake8(base, folders, hidden="pytest-maint,flake8-bugbear,flake8-blind-except")[0]
        results += [(without, []), *flake8_piecewise(base, broad if narrow else files)]
    reports = [one for _, part in results for one in part]
    results.append(pylint_asked(base, _unreported(handlers, reports)))
    root = str(Path(folders[0]).parent) + "/"
    rows = merge(handlers, reports + results[-1][1])
    for row in rows:
        row["base"], row["path"] = base, row["path"].removeprefix(root)
    return [run for run, _ in results], rows


def _unreported(handlers: list[Handler], reports: list[Report]) -> list[str]:
    """Files with a broad handler that pylint did not report: it never went there, or was told not to."""
    known = {(one.path, one.line) for one in reports if one.tool == "pylint"}
    broad = (one for one in handlers if one.header != "typed")
    return sorted({one.path for one in broad if not {(one.path, one.line), (one.path, one.end)} & known})


def merge(handlers: list[Handler], reports: list[Report]) -> list[dict[str, Any]]:
    """Rows by handler; tools name the line of ``except`` or that of the type, which may be a later one."""
    at = {(one.path, line): one for one in handlers for line in range(one.end, one.line - 1, -1)}
    rows = {(one.path, one.line): _row(one, "handler") for one in handlers if one.header != "typed"}
    for report in sorted(reports):
        handler = at.get((report.path, report.line))
        if handler is None:
            where = "in a file that does not parse" if "parse" in report.tool else "no handler there"
            nothing = Handler(report.path, report.line, report.line, "", "", "no", logs=False, main=False)
            row = rows.setdefault((report.path, report.line), _row(nothing, where))
        else:
            row = rows.setdefault((handler.path, handler.line), _row(handler, "handler"))
        if report.tool not in row["reports"]:
            row["reports"].append(report.tool)
    return [row for _, row in sorted(rows.items())]


def _row(handler: Handler, line_is: str) -> dict[str, Any]:
    return {**handler._asdict(), "line_is": line_is, "reports": []}


def counts(rows: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """Code base -> tool, or what kind of place it is -> how many."""
    found: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for row in rows:
        found[row["base"]].update([*row["reports"], f"place: {row['line_is']}"])
    return {base: dict(sorted(counter.items())) for base, counter in found.items()}


def show(runs: list[Run], rows: list[dict[str, Any]]) -> None:
    bases, found = list(dict.fromkeys(run.base for run in runs)), counts(rows)
    print(f"\n{'handlers reported':30}" + "".join(f"{base:>12}" for base in bases))
    for tool in (*TOOLS, "pylint, asked", "flake8 E900", "no parse E900", "no parse", "internal"):
        print(f"{tool:30}" + "".join(f"{found[base].get(tool, 0):12,}" for base in bases))
    print(
        f"{'any of them, or broad by name':30}"
        + "".join(f"{found[base]['place: handler']:12,}" for base in bases)
    )
    print("\nruns that were aborted")
    for run in runs:
        if run.failure:
            print(f"  {run.base}: {run.tool}, {run.files} paths, exit {run.exit}: {run.failure[:160]}")
    for tool in TOOLS[1:]:
        for ours in (True, False):
            _disagreements(tool, ours, rows)
    fronts = [
        row
        for row in rows
        if row["line_is"] == "handler" and ("E900" in row["reports"]) != ("flake8 E900" in row["reports"])
    ]
    print(f"\nE900 of flake8 and of maint lint differ in {len(fronts)} handlers")
    for row in fronts[:20]:
        print(f"  {row['path']}:{row['line']} {row['comment']} {row['reports']}")


def _disagreements(tool: str, ours: bool, rows: list[dict[str, Any]]) -> None:
    differ = [row for row in rows if ("E900" in row["reports"], tool in row["reports"]) == (ours, not ours)]
    classes = collections.Counter((row["base"], why(row, tool)) for row in differ)
    print(f"\n{'E900 and not ' + tool if ours else tool + ' and not E900'}: {len(differ)}")
    for name in sorted(
        {name for _, name in classes}, key=lambda name: -sum(n for (_, k), n in classes.items() if k == name)
    ):
        parts = {base: n for (base, key), n in classes.items() if key == name}
        example = next(row for row in differ if why(row, tool) == name)
        print(f"  {sum(parts.values()):5} {name}  {parts}  e.g. {example['path']}:{example['line']}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bases", nargs="+", metavar="NAME=FOLDER[,FOLDER]")
    parser.add_argument("--output", type=Path, required=True, help="folder of the results")
    parser.add_argument(
        "--narrow",
        action="store_true",
        help="give pylint and flake8 only the files that hold a broad handler",
    )
    arguments = parser.parse_args()
    for name, version in PINS.items():
        if importlib.metadata.version(name) != version:
            parser.error(
                f"{name} is {importlib.metadata.version(name)}, not {version}; pip install {name}=={version}"
            )
    arguments.output.mkdir(exist_ok=True)
    runs, rows = [], []
    for one in arguments.bases:
        base, _, folders = one.partition("=")
        found = gather(base, [str(Path(folder).resolve()) for folder in folders.split(",")], arguments.narrow)
        runs += found[0]
        rows += found[1]
    versions = {
        **PINS,
        "pytest-maint": importlib.metadata.version("pytest-maint"),
        "python": platform.python_version(),
    }
    runs_too = {"versions": versions, "counts": counts(rows), "runs": [run._asdict() for run in runs]}
    (arguments.output / "runs.json").write_text(json.dumps(runs_too, indent=1))
    (arguments.output / "handlers.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    show(runs, rows)


if __name__ == "__main__":
    main()
