"""Orders for workers: the user's session, said again for one of the two trees."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from maint.baseline.trees import Tree, TreePair

from .candidate import Candidate
from .process import WorkerProcess

_BLOCKED_PLUGINS = ("cov", "timeout", "rerunfailures", "maint", "randomly", "flaky", "testmon")
"""Plugins that would trace, interrupt, repeat or reorder what a worker does.

Not xdist, which idles there: conftests implement its hooks, and tests ask for its ``worker_id``.
"""

_RESET: dict[str, Any] = {
    "plugins": [],
    "keyword": "",
    "markexpr": "",
    "deselect": None,
    "maxfail": 0,
    "collectonly": False,
    "continue_on_collection_errors": True,
    "usepdb": False,
    "trace": False,
    "setuponly": False,
    "setupshow": False,
    "setupplan": False,
    "lf": False,
    "failedfirst": False,
    "newfirst": False,
    "stepwise": False,
    "stepwise_skip": False,
    "cacheclear": False,
    "cacheshow": None,
    "xmlpath": None,
    "pastebin": None,
    "log_file": None,
    "report_log": None,
    "htmlpath": None,
    "json_report": False,
    "allure_report_dir": None,
    "dist": "no",
    "tx": [],
    "numprocesses": None,
    "looponfail": False,
    "strict": False,
    "strict_config": False,
    "strict_markers": False,
    "benchmark_json": None,
    "benchmark_save": None,
    "benchmark_autosave": False,
    "benchmark_compare": None,
    "benchmark_compare_fail": None,
    "benchmark_histogram": None,
    "benchmark_cprofile": None,
    "benchmark_only": False,
    "benchmark_skip": False,
    "benchmark_disable": False,
    "benchmark_enable": True,
}
"""Options of the user's session that select tests (the gate has), stop it, or write files."""

# The user's session has judged markers and ini keys; some belong to plugins that are blocked here.
_LENIENT = (
    ("strict=false", "strict_config=false", "strict_markers=false") if pytest.version_tuple >= (9,) else ()
)
_BLOCKED_ARE_REQUIRED = "required_plugins="
_BLOCKED_HAVE_KEYS = "ignore::pytest.PytestConfigWarning"

_ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")
_FOREIGN_ENV = (
    "PYTEST_CURRENT_TEST",
    "PYTEST_ADDOPTS",
    "COV_CORE_SOURCE",
    "COV_CORE_CONFIG",
    "COV_CORE_DATAFILE",
    "COVERAGE_PROCESS_START",
    "COVERAGE_PROCESS_CONFIG",
)


class Launcher:
    """Starts workers; calling it is the ``Launch`` of :mod:`pytest_maint.benchmark.block`."""

    def __init__(
        self, config: pytest.Config, trees: TreePair, candidates: Sequence[Candidate], *, trace: bool = False
    ) -> None:
        self._config = config
        self._trees = {"baseline": trees.baseline, "head": trees.head}
        self._needs_gc = {candidate.node_id for candidate in candidates if candidate.gc}
        self._trace = trace
        self._work = trees.baseline.path.parent / "w"
        self._options = _plain_options(vars(config.option))
        self._sys_path = list(sys.path)

    def __call__(self, side: str, node_ids: Sequence[str], seed: int, thorough: bool) -> WorkerProcess:
        """Start the worker of ``side`` ("baseline" or "head") for ``node_ids`` with a hash seed."""
        tree = self._trees[side]
        # An ignored or empty folder is in no copy; pytest makes the last part of basetemp only.
        for folder in (Path(self._cwd(tree)), self._place(tree)):
            folder.mkdir(parents=True, exist_ok=True)
        log = self._work / f"{side}.log"
        return WorkerProcess(side, self._order(tree, node_ids, thorough), self._env(tree, seed), log)

    def _cwd(self, tree: Tree) -> str:
        return tree.locate(self._config.invocation_params.dir)

    def _place(self, tree: Tree) -> Path:
        # One letter a side: folders of equal length, so that neither has the longer paths in its heap.
        return self._work / tree.side[0]

    def _order(self, tree: Tree, node_ids: Sequence[str], thorough: bool) -> dict[str, Any]:
        return {
            "cwd": self._cwd(tree),
            "side_root": str(tree.path),
            "top": str(tree.top),
            "forbidden": list(tree.forbidden),
            "paths": tree.sys_path(self._sys_path),
            "roots": list(tree.import_roots),
            "names": list(tree.names),
            "options": self._side_options(tree),
            "args": self._arguments(tree, node_ids),
            "node_ids": list(node_ids),
            "gc": [node_id for node_id in node_ids if node_id in self._needs_gc],
            "trace": self._trace,
            "thorough": thorough,
        }

    def _arguments(self, tree: Tree, node_ids: Sequence[str]) -> list[str]:
        # The user's first: naming a plugin unblocks it.
        named = [name for name in self._config.option.plugins if not _is_blocked(name)]
        plugins = [
            word for name in (*named, *(f"no:{one}" for one in _BLOCKED_PLUGINS)) for word in ("-p", name)
        ]
        files = dict.fromkeys(str(tree.root / node_id.partition("::")[0]) for node_id in node_ids)
        return [*plugins, *files]

    def _side_options(self, tree: Tree) -> dict[str, Any]:
        moved = {key: _located(value, tree) for key, value in self._options.items()}
        ini = self._config.inipath
        place = self._place(tree)
        overrides = (*_LENIENT, _BLOCKED_ARE_REQUIRED, f"cache_dir={place / 'cache'}")
        return {
            **moved,
            "rootdir": str(tree.root),
            "inifilename": tree.locate(ini) if ini else None,
            "basetemp": str(place / "tmp"),
            "override_ini": [*(moved.get("override_ini") or []), *overrides],
            "pythonwarnings": [*(moved.get("pythonwarnings") or []), _BLOCKED_HAVE_KEYS],
        }

    def _env(self, tree: Tree, seed: int) -> dict[str, str]:
        env = {key: value for key, value in os.environ.items() if key not in _FOREIGN_ENV}
        for name in _ONE_THREAD:
            env.setdefault(name, "1")
        env["PYTHONHASHSEED"] = str(seed)
        # For child processes of a benchmark; the worker itself is told its paths in the order.
        own = [tree.locate(path) for path in env.get("PYTHONPATH", "").split(os.pathsep) if path]
        env["PYTHONPATH"] = os.pathsep.join(dict.fromkeys([*tree.import_roots, *own]))
        return env


def _is_blocked(plugin: str) -> bool:
    """Whether ``-p plugin`` names a module of a blocked plugin, such as ``pytest_cov.plugin``."""
    return plugin.partition(".")[0].removeprefix("pytest_") in _BLOCKED_PLUGINS


def _located(value: Any, tree: Tree) -> Any:
    """``value`` with absolute paths of the user's tree moved to ``tree``, in strings and lists of them."""
    if isinstance(value, list | tuple):
        return [_located(one, tree) for one in value]
    if isinstance(value, str) and value.startswith(os.sep):
        return tree.locate(value)
    return value


def _plain_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that JSON can carry; the others fall back to their plugin's default."""
    plain = {
        key: value for key, value in options.items() if _is_plain(value) and not key.startswith("maint_")
    }
    return {**plain, **_RESET}


def _is_plain(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(_is_plain(one) for one in value)
    return value is None or type(value) in (bool, int, float, str)
