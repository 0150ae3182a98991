"""Small git projects whose gate is run for real, in processes of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import dedent
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from pytest_maint.benchmark.block import Block, Launch, Measured
from pytest_maint.benchmark.fault import Fault
from pytest_maint.benchmark.pair import Calibration
from pytest_maint.benchmark.process import WorkerProcess


class GateResult(NamedTuple):
    """How one ``pytest --maint-…`` run ended."""

    code: int
    output: str
    report: dict[str, Any] | None

    def status(self, test: str) -> str:
        """The verdict of the benchmark whose node id ends with ``test``."""
        return str(self.row(test)["status"])

    def row(self, test: str) -> dict[str, Any]:
        """The row of the benchmark whose node id ends with ``test``."""
        assert self.report is not None, self.output
        rows = [row for row in self.report["benchmarks"] if row["name"].endswith(test)]
        assert len(rows) == 1, (test, [row["name"] for row in self.report["benchmarks"]], self.output)
        return dict(rows[0])


class Project:
    """A git repository with a ``main`` branch and a branch ``head`` on top of it."""

    def __init__(self, root: Path, cache: Path) -> None:
        self.root = root
        self.cache = cache
        root.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str) -> str:
        """Run git here, without the user's configuration."""
        identity = ("-c", "user.name=t", "-c", "user.email=t@example.invalid", "-c", "commit.gpgsign=false")
        done = subprocess.run(
            ["git", *identity, *arguments],
            cwd=self.root,
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull},
        )
        return done.stdout.strip()

    def write(self, files: Mapping[str, str]) -> None:
        """Write files by their path relative to the root."""
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text))

    def commit(self, message: str = "change", branch: str | None = None) -> str:
        """Commit everything, on a new ``branch`` if one is named; returns the hash."""
        if branch:
            self.git("checkout", "--quiet", "-b", branch)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def environment(self, **extra: str) -> dict[str, str]:
        """An environment without what this test session put into its own."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "COV_", "GITHUB_"))}
        return {**inherited, "XDG_CACHE_HOME": str(self.cache), **extra}

    def gate(self, *arguments: str, ref: str = "main", folder: str = ".", **env: str) -> GateResult:
        """Run ``pytest --maint-baseline main`` in ``folder`` and read its report."""
        mode = () if any(a.startswith("--maint-selftest") for a in arguments) else ("--maint-baseline", ref)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *mode, *arguments],
            cwd=self.root / folder,
            capture_output=True,
            text=True,
            env=self.environment(**env),
            timeout=300,
        )
        report = self.root / ".maint/out/comparison_report.json"
        found = json.loads(report.read_text()) if report.exists() else None
        return GateResult(done.returncode, done.stdout + done.stderr, found)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project; commit on ``main``, then on a branch."""
    return Project(tmp_path / "project", tmp_path / "cache")


class Trees:
    """Two plain folders as the two sides: workers without git, for what a block does by itself."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.roots = {"baseline": folder / "b", "head": folder / "h"}

    def write(self, name: str, text: str, side: str | None = None) -> None:
        """Write a file on one side, or on both."""
        for each in self.roots if side is None else (side,):
            path = self.roots[each] / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text))

    def launch(
        self, side: str, node_ids: Sequence[str], seed: int, thorough: bool, **order: Any
    ) -> WorkerProcess:
        """A ``Launch`` over the two folders."""
        root = self.roots[side]
        plain = {
            "cwd": str(root),
            "side_root": str(root),
            "top": str(root),
            "forbidden": [str(path) for path in self.roots.values() if path != root],
            "paths": sys.path,
            "roots": [str(root)],
            "names": [],
            "options": {"continue_on_collection_errors": True, "rootdir": str(root)},
            "args": ["-p", "no:cacheprovider", *{n.partition("::")[0]: None for n in node_ids}],
            "node_ids": list(node_ids),
            "gc": [],
            "trace": False,
            "thorough": thorough,
        }
        env = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
        env["PYTHONHASHSEED"] = str(seed)
        return WorkerProcess(side, plain | order, env, self.folder / f"{side}.log")

    def outcomes(
        self,
        *node_ids: str,
        timeout_s: float = 30.0,
        seed: int = 1,
        launch: Launch | None = None,
        calibrations: Mapping[str, Calibration] = MappingProxyType({}),
    ) -> dict[str, Measured | Fault]:
        """Run one block."""
        leaving: list[WorkerProcess] = []
        try:
            return dict(Block(launch or self.launch, seed, timeout_s, leaving).run(node_ids, calibrations))
        finally:
            for worker in leaving:
                worker.finish(timeout_s)


@pytest.fixture(scope="session")
def make_trees() -> type[Trees]:
    """For fixtures of a wider scope."""
    return Trees


@pytest.fixture
def trees(tmp_path: Path) -> Trees:
    """Two empty sides."""
    return Trees(tmp_path)
