"""The numbers the coverage ratchet judges beside those of ``coverage json``, on suites of public projects.

    python benchmarks/coverage_agreement.py run WORK PROJECT=SDIST … --results agreement.jsonl
    python benchmarks/coverage_agreement.py table agreement.jsonl

PROJECT is one of the names below, SDIST its unpacked source distribution with tests. Under WORK each gets a
copy, installed editable in an environment of its own with this project installed beside it. A session is
compared file by file: the five counts, the lines executed and missing, the branches not taken, as the gate
took them inside pytest, against ``coverage json`` on the data file that the same session left. The sessions
of ``own`` are also compared with ``coverage json`` of a pytest-cov session of the same kind.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent.parent


class Project(NamedTuple):
    """What measuring it takes: the packages, where its tests are, and what they need."""

    packages: tuple[str, ...]
    tests: str
    needs: tuple[str, ...] = ()


PROJECTS = {
    "jinja2": Project(("jinja2",), "tests", ("trio",)),
    "attrs": Project(("attr", "attrs"), "tests", ("cloudpickle", "hypothesis", "pympler")),
    "pluggy": Project(("pluggy",), "testing"),
}
TOOLS = ("coverage", "pytest-cov", "pytest-xdist", "pytest-randomly")
PROBE = '''\
"""Writes down what the gate is given to judge."""

import json
import os

from pytest_maint.coverage import gate

taken = gate.measure


def measure(cov, root):
    found = taken(cov, root)
    plain = {
        path: [
            list(file.counts.__getattribute__(name) for name in file.counts.__struct_fields__),
            list(file.executed), list(file.missing), [list(arc) for arc in file.arcs],
        ]
        for path, file in found.files.items()
    }
    with open(os.environ["MAINT_PROBE"], "w", encoding="utf-8") as out:
        json.dump(plain, out)
    return found


gate.measure = measure
'''
# kind -> how pytest is started; ``{packages}`` are pytest-cov's own options
OWN, BESIDE, RUN, RANDOM = "own", "beside pytest-cov", "coverage run", "own, random order"
QUIET = ("-q", "-p", "no:cacheprovider", "-p", "no:benchmark")


def main() -> int:
    """Parse the command line and do what it says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    run = verbs.add_parser("run", help="run the suites and append one JSON object a session")
    run.add_argument("work", type=Path)
    run.add_argument("projects", nargs="+", metavar="PROJECT=SDIST")
    run.add_argument("--results", type=Path, required=True)
    table = verbs.add_parser("table", help="print the results as a Markdown table")
    table.add_argument("results", type=Path)
    arguments = parser.parse_args()
    if arguments.verb == "table":
        print("\n".join(lines(map(json.loads, arguments.results.read_text("utf-8").splitlines()))))
        return 0
    for given in arguments.projects:
        name, _, sdist = given.partition("=")
        bench = Bench(name, PROJECTS[name], prepared(arguments.work.absolute(), name, Path(sdist)))
        with arguments.results.open("a", encoding="utf-8") as out:
            for result in bench.results():
                out.write(json.dumps(result) + "\n")
                out.flush()
                print(json.dumps(result))
    return 0


def prepared(work: Path, name: str, sdist: Path) -> Path:
    """A copy of ``sdist`` with an environment in ``.venv``; made once."""
    tree = work / name
    if not (tree / ".venv" / "ready").exists():
        shutil.rmtree(tree, ignore_errors=True)
        shutil.copytree(sdist, tree)
        (tree / "maint_probe.py").write_text(PROBE, encoding="utf-8")
        subprocess.run([sys.executable, "-m", "venv", tree / ".venv"], check=True)
        pip = [tree / ".venv/bin/python", "-m", "pip", "install", "--quiet"]
        environ = os.environ | {"SETUPTOOLS_SCM_PRETEND_VERSION": sdist.name.rpartition("-")[2] or "1"}
        wanted = [*TOOLS, *PROJECTS[name].needs, str(HERE)]
        subprocess.run([*pip, *wanted], check=True)
        subprocess.run([*pip, "--editable", tree], check=True, env=environ)
        (tree / ".venv" / "ready").touch()
    return tree


class Bench:
    """The sessions of one project."""

    def __init__(self, name: str, project: Project, tree: Path) -> None:
        self.name = name
        self.project = project
        self.tree = tree
        self.python = str(tree / ".venv/bin/python")

    def results(self) -> Iterator[dict[str, Any]]:
        """One result a session: line and branch, serial and on two workers, each kind of measurement."""
        for mode in ("line", "branch"):
            settings = [
                "[run]",
                f"branch = {mode == 'branch'}",
                f"source_pkgs = {','.join(self.project.packages)}",
            ]
            (self.tree / ".coveragerc").write_text("\n".join([*settings, ""]), encoding="utf-8")
            for workers in ("serial", "-n2"):
                peer = self._peer(workers)
                for kind in (OWN, BESIDE, RUN, RANDOM):
                    yield {
                        "project": self.name,
                        "mode": mode,
                        "workers": workers,
                        "kind": kind,
                    } | self._session(kind, workers, peer)

    def _peer(self, workers: str) -> dict[str, Any]:
        """``coverage json`` after pytest-cov alone."""
        self._clean()
        self._pytest(["-p", "no:maint", "-p", "no:randomly", *self._cov(), *self._workers(workers)])
        return self._json()

    def _session(self, kind: str, workers: str, peer: dict[str, Any]) -> dict[str, Any]:
        self._clean()
        options = ["-p", "maint_probe", "--maint-cov", *self._workers(workers)]
        options += [] if kind == RANDOM else ["-p", "no:randomly"]
        options += self._cov() if kind == BESIDE else []
        said, seconds = self._pytest(options, under_coverage=kind == RUN)
        judged = json.loads((self.tree / "judged.json").read_text("utf-8"))
        same = self._json()
        total = [sum(file[0][index] for file in judged.values()) for index in range(5)]
        result = {
            "files": len(judged),
            "total": total,
            "differ_same_session": differing(judged, same),
            "said": said,
            "seconds": round(seconds, 2),
            "tools": self._versions(),
        }
        if kind in (OWN, RANDOM):
            result["differ_pytest_cov_session"] = differing(judged, peer)
        return result

    def _pytest(self, options: Sequence[str], *, under_coverage: bool = False) -> tuple[str, float]:
        start = [self.python, "-m", *(("coverage", "run", "-m") if under_coverage else ()), "pytest"]
        environ = {key: value for key, value in os.environ.items() if not key.startswith("COV")}
        began = time.perf_counter()
        done = subprocess.run(
            [*start, *QUIET, *options, self.project.tests],
            cwd=self.tree,
            env=environ | {"MAINT_PROBE": str(self.tree / "judged.json"), "PYTHONPATH": str(self.tree)},
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - began
        if done.returncode:
            said = done.stdout[-3000:] + done.stderr[-2000:]
            raise SystemExit(f"{self.name}: {' '.join(options)}: exit {done.returncode}\n{said}")
        return done.stdout.strip().rpartition("\n")[2], seconds

    def _json(self) -> dict[str, Any]:
        subprocess.run(
            [self.python, "-m", "coverage", "json", "-q", "-o", "report.json"], cwd=self.tree, check=True
        )
        files = json.loads((self.tree / "report.json").read_text("utf-8"))["files"]
        return {name: plain(file) for name, file in files.items()}

    def _cov(self) -> list[str]:
        return [*(f"--cov={package}" for package in self.project.packages), "--cov-report="]

    def _workers(self, workers: str) -> list[str]:
        return [] if workers == "serial" else [workers]

    def _clean(self) -> None:
        for path in (*self.tree.glob(".coverage"), *self.tree.glob(".coverage.*"), *self.tree.glob("*.json")):
            path.unlink()

    def _versions(self) -> dict[str, str]:
        code = "import sys,importlib.metadata as m;print(sys.version.split()[0],*map(m.version,sys.argv[1:]))"
        names = ("coverage", "pytest", "pytest-cov", "pytest-xdist")
        said = subprocess.run([self.python, "-c", code, *names], check=True, capture_output=True, text=True)
        return dict(zip(("python", *names), said.stdout.split(), strict=True))


def plain(file: dict[str, Any]) -> list[Any]:
    """One file of ``coverage json`` in the shape of the probe."""
    summary = file["summary"]
    names = ("num_statements", "missing_lines", "num_branches", "missing_branches", "num_partial_branches")
    counts = [summary.get(name, 0) for name in names]
    return [counts, file["executed_lines"], file["missing_lines"], sorted(file.get("missing_branches", []))]


def differing(one: dict[str, Any], other: dict[str, Any]) -> dict[str, list[Any]]:
    """Files that differ: their counts here and there."""
    return {
        name: [(one.get(name) or [None])[0], (other.get(name) or [None])[0]]
        for name in sorted(one.keys() | other.keys())
        if one.get(name) != other.get(name)
    }


def lines(results: Iterator[dict[str, Any]]) -> Iterator[str]:
    """A Markdown table, one row a session."""
    heads = ("project", "mode", "workers", "measured by", "files", "statements", "missing", "branches")
    heads = (*heads, "missing", "partial", "differ: same session", "differ: pytest-cov session")
    yield f"| {' | '.join(heads)} |"
    yield "|---|---|---|---|--:|--:|--:|--:|--:|--:|--:|--:|"
    for one in results:
        other = one.get("differ_pytest_cov_session")
        cells = [one["project"], one["mode"], one["workers"], one["kind"], one["files"], *one["total"]]
        cells += [f"{len(one['differ_same_session'])} files", "" if other is None else f"{len(other)} files"]
        yield f"| {' | '.join(map(str, cells))} |"


if __name__ == "__main__":
    sys.exit(main())
