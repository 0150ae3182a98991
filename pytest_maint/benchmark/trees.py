"""What pytest knows of the project, in the words of :mod:`maint.baseline`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from maint.baseline.loaded import project_modules
from maint.baseline.project import Project
from maint.baseline.trees import TreePair, prepare
from maint.errors import BaselineError
from maint.git import Repository

from .candidate import Candidate
from .settings import GateSettings


def prepared(
    config: pytest.Config,
    chosen: GateSettings,
    repository: Repository,
    commit: str,
    candidates: Sequence[Candidate],
) -> AbstractContextManager[TreePair]:
    """Both trees for the run, made from what this session collected; raises BaselineError on entering."""
    root = config.rootpath
    outside = [c.node_id for c in candidates if not (root / c.node_id.partition("::")[0]).is_file()]
    if outside:
        raise BaselineError(
            f"{outside[0]}: not below the root directory {root}; "
            "give --rootdir the folder that holds all benchmarks"
        )
    files = tuple(dict.fromkeys(root / candidate.node_id.partition("::")[0] for candidate in candidates))
    project = Project(
        root=root,
        benchmark_files=files,
        conftest_files=_conftests(config),
        ini_file=config.inipath,
        sys_path=tuple(sys.path),
        modules=project_modules(repository.top, root, sys.modules, sys.path),
        pythonpath=tuple(config.getini("pythonpath")),
        copy=chosen.copy,
        harness=chosen.harness,
        build=chosen.build,
    )
    return prepare(project, repository, commit, selftest=chosen.selftest is not None)


def _conftests(config: pytest.Config) -> tuple[Path, ...]:
    plugins = config.pluginmanager.get_plugins()
    paths = (Path(file) for plugin in plugins if (file := getattr(plugin, "__file__", None)))
    return tuple(path for path in paths if path.name == "conftest.py")
