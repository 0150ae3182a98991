"""Each side of a real gate run imports its own tree's code, however the project is laid out and installed.

Every case is a project of its own in a throw-away environment: committed saying "old", installed for real by
pip and its build backend saying "installed", left dirty saying "new". The gate must then run "old" on the
baseline and "new" on the head, or say INVALID.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import pytest_maint

_HAS_COMPILER = shutil.which("cc") is not None and Path(sysconfig.get_path("include"), "Python.h").is_file()

_BENCHMARK = """
    import json
    import os

    import {name}
    import {name}.inner


    def test_speed(benchmark):
        benchmark(int)
        place = os.path.dirname(__file__)
        with open(os.environ["CASE_LOG"], "a") as log:
            log.write(json.dumps([place, {name}.VALUE, {name}.inner.VALUE, {answer}]) + "\\n")
"""

_EXTENSION = """
    #include <Python.h>
    static PyObject *answer(PyObject *self, PyObject *args) { return PyLong_FromLong(42); }
    static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
    static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_fast", NULL, -1, methods};
    PyMODINIT_FUNC PyInit__fast(void) { return PyModule_Create(&module); }
"""


@dataclass(frozen=True, eq=False)
class Case:
    """One way to lay out and install a project; ``folder`` holds its package ``name``.

    ``options`` are pip's, None for no install at all. ``files`` are committed too; ``dirty`` is written last.
    """

    title: str
    options: tuple[str, ...] | None
    backend: str = ""
    folder: str = "src/casepkg"
    name: str = "casepkg"
    extension: bool = False
    files: Mapping[str, str] = field(default_factory=dict)
    dirty: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.title


@dataclass(frozen=True)
class Outcome:
    """What a gate run left: its report's row, what it printed, and the values each tree ("b", "h") saw."""

    row: Mapping[str, Any]
    printed: str
    exit_code: int
    seen: Mapping[str, set[tuple[Any, ...]]]


def _backend(requires: str, backend: str, *tables: str) -> str:
    lines = ["[build-system]", f"requires = [{requires!r}]", f"build-backend = {backend!r}"]
    project = ["[project]", "name = 'casepkg'", "version = '1.0'", "description = 'a case'"]
    return "\n".join([*lines, *project, *tables]) + "\n"


_SETUPTOOLS = _backend("setuptools", "setuptools.build_meta")
_SETUPTOOLS_SPACE = _SETUPTOOLS + "[tool.setuptools.packages.find]\nwhere = ['src']\nnamespaces = true\n"
_SETUPTOOLS_RENAMED = _backend(
    *("setuptools", "setuptools.build_meta", "[tool.setuptools]", "packages = ['casepkg']"),
    *("[tool.setuptools.package-dir]", "casepkg = 'lib/other'"),
)
_HATCHLING = _backend("hatchling", "hatchling.build", "[tool.hatch.build.targets.wheel]")
_FLIT = _backend("flit_core", "flit_core.buildapi")
_POETRY = _backend("poetry-core", "poetry.core.masonry.api")
_PDM = _backend("pdm-backend", "pdm.backend")
_MESON = _backend("meson-python", "mesonpy")
_SCIKIT = _backend(
    "scikit-build-core", "scikit_build_core.build", "[tool.scikit-build]", "cmake.version = '>=3.15'"
)

_MESON_FILES = {
    "meson.build": """
        project('casepkg', 'c', version: '1.0')
        py = import('python').find_installation(pure: false)
        py.install_sources('src/casepkg/__init__.py', 'src/casepkg/inner.py', subdir: 'casepkg')
        py.extension_module('_fast', 'src/casepkg/_fast.c', install: true, subdir: 'casepkg')
        """,
}
_SCIKIT_FILES = {
    "CMakeLists.txt": """
        cmake_minimum_required(VERSION 3.15...3.30)
        project(casepkg LANGUAGES C)
        find_package(Python COMPONENTS Interpreter Development.Module REQUIRED)
        Python_add_library(_fast MODULE src/casepkg/_fast.c WITH_SOABI)
        install(TARGETS _fast DESTINATION casepkg)
        """,
}
_SETUP_EXTENSION = {
    "setup.py": """
        from setuptools import Extension, setup

        setup(ext_modules=[Extension("casepkg._fast", ["src/casepkg/_fast.c"])])
        """,
}
_EDITABLE = ("-e",)
_STRICT = ("-C", "editable_mode=strict", "-e")
_COMPAT = ("-C", "editable_mode=compat", "-e")
_SPACE = {"folder": "src/space/casepkg", "name": "space.casepkg"}
_FLAT = {"folder": "casepkg"}
_MESON_CASE = {"backend": _MESON, "extension": True, "files": _MESON_FILES}
_SCIKIT_CASE = {"backend": _SCIKIT, "extension": True, "files": _SCIKIT_FILES}

CASES = [
    Case("not installed, flat", None, **_FLAT),
    Case("not installed, src by pythonpath", None, files={"pytest.ini": "[pytest]\npythonpath = src\n"}),
    Case("setuptools plain, flat", (), _SETUPTOOLS, **_FLAT),
    Case("setuptools plain, src", (), _SETUPTOOLS),
    Case("setuptools plain, namespace", (), _SETUPTOOLS_SPACE, **_SPACE),
    Case("setuptools plain, extension", (), _SETUPTOOLS, extension=True, files=_SETUP_EXTENSION),
    Case("setuptools editable by pth, src", _EDITABLE, _SETUPTOOLS),
    Case("setuptools editable by finder, flat", _EDITABLE, _SETUPTOOLS, **_FLAT),
    Case("setuptools editable by finder, namespace", _EDITABLE, _SETUPTOOLS_SPACE, **_SPACE),
    Case("setuptools editable, strict", _STRICT, _SETUPTOOLS),
    Case("setuptools editable, compat", _COMPAT, _SETUPTOOLS, **_FLAT),
    Case("setuptools editable, extension", _EDITABLE, _SETUPTOOLS, extension=True, files=_SETUP_EXTENSION),
    Case("setuptools editable, folder of another name", _EDITABLE, _SETUPTOOLS_RENAMED, folder="lib/other"),
    Case("hatchling plain", (), _HATCHLING + "packages = ['src/casepkg']\n"),
    Case("hatchling editable by pth", _EDITABLE, _HATCHLING + "packages = ['src/casepkg']\n"),
    Case(
        "hatchling editable by finder",
        _EDITABLE,
        _HATCHLING
        + "dev-mode-exact = true\npackages = ['src/casepkg']\n[tool.hatch.build]\ndev-mode-exact = true\n",
    ),
    Case("flit plain", (), _FLIT, **_FLAT),
    Case("flit editable", _EDITABLE, _FLIT),
    Case("poetry plain", (), _POETRY),
    Case("poetry editable", _EDITABLE, _POETRY),
    Case("pdm plain", (), _PDM),
    Case("pdm editable by pth", _EDITABLE, _PDM),
    Case("pdm editable by finder", _EDITABLE, _PDM + "[tool.pdm.build]\neditable-backend = 'editables'\n"),
    Case("meson-python plain", (), **_MESON_CASE),
    Case("meson-python editable", _EDITABLE, **_MESON_CASE),
    Case("scikit-build-core plain", (), **_SCIKIT_CASE),
    Case("scikit-build-core editable", _EDITABLE, **_SCIKIT_CASE),
]

_ABSOLUTE_PATH = """
    import sys

    sys.path.insert(0, {root!r})
"""
_FINDER = """
    import sys
    from importlib.util import spec_from_file_location


    class Finder:
        def find_spec(self, name, path=None, target=None):
            if name == "casepkg":
                return spec_from_file_location(name, {root!r} + "/casepkg/__init__.py")


    sys.meta_path.insert(0, Finder())
"""
_BY_PATH = """
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("nobody_knows", {root!r} + "/casepkg/inner.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
"""

BROKEN = {
    Case(title, None, folder="casepkg", files={"conftest.py": text}): module
    for title, text, module in [
        ("the user's tree on sys.path", _ABSOLUTE_PATH, "sys.path"),
        ("a finder that serves the user's tree", _FINDER, "casepkg"),
        ("a module loaded by path", _BY_PATH, "nobody_knows"),
    ]
}


class Workplace:
    """Makes the projects and their environments below one folder and runs the gate on them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._env = {k: v for k, v in os.environ.items() if k in ("LANG", "LC_ALL", "CC", "TMPDIR")}
        self._env |= {
            "PATH": os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]]),
            "HOME": str(folder),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }

    def run(self, case: Case) -> Outcome:
        """Make, install and gate ``case``."""
        home = self._folder / case.title.replace(",", "").replace(" ", "_")
        root, python = home / "repo", home / "venv" / "bin" / "python"
        self._make_environment(home / "venv")
        self._write(root, self._sources(case, root) | self._values(case, "old"))
        self._git(root, "init", "--quiet", "--initial-branch=main")
        self._git(root, "add", "--all")
        self._git(root, "commit", "--quiet", "--message", "old")
        if case.options is not None:
            self._write(root, self._values(case, "installed"))
            self._install(python, root, case.options)
        self._write(root, self._values(case, "new"))
        return self._gate(python, root, home / "seen.jsonl")

    def _sources(self, case: Case, root: Path) -> dict[str, str]:
        answer = f"{case.name}._fast.answer()" if case.extension else "42"
        extra = f"import {case.name}._fast\n" if case.extension else ""
        files = {
            "README.md": "",
            ".gitignore": "build/\n*.so\n*.egg-info/\n__pycache__/\n.maint/\n.pytest_cache/\n",
            "tests/test_speed.py": extra + dedent(_BENCHMARK).format(name=case.name, answer=answer),
        }
        files |= {"pyproject.toml": case.backend} if case.backend else {}
        files |= {f"{case.folder}/_fast.c": dedent(_EXTENSION)} if case.extension else {}
        return files | {
            name: dedent(text).replace("{root!r}", repr(str(root))) for name, text in case.files.items()
        }

    def _values(self, case: Case, value: str) -> dict[str, str]:
        text = f'"""A case."""\n\n__version__ = "1.0"\nVALUE = "{value}"\n'
        return {f"{case.folder}/__init__.py": text, f"{case.folder}/inner.py": text}

    def _write(self, root: Path, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def _make_environment(self, folder: Path) -> None:
        """A bare environment that borrows pytest, the backends and this project from the running one."""
        self._call(sys.executable, "-m", "venv", "--without-pip", str(folder))
        site = next(folder.glob("lib/python3*/site-packages"))
        here = Path(pytest_maint.__file__).parents[1]
        (site / "borrowed.pth").write_text(f"{sysconfig.get_path('purelib')}\n{here}\n")

    def _install(self, python: Path, root: Path, options: tuple[str, ...]) -> None:
        offline = ("--no-build-isolation", "--no-deps", "--no-index", "--no-cache-dir", "--quiet")
        self._call(str(python), "-m", "pip", "install", *offline, *options, str(root), cwd=root.parent)

    def _gate(self, python: Path, root: Path, log: Path) -> Outcome:
        plugins = {entry.value for entry in entry_points(group="pytest11")}
        argv = [str(python), "-m", "pytest", "--maint-baseline", "main", "--maint-budget", "0.1"]
        argv += [] if "pytest_maint.plugin" in plugins else ["-p", "pytest_maint.plugin"]
        env = self._env | {"CASE_LOG": str(log)}
        done = subprocess.run(argv, cwd=root, env=env, capture_output=True, text=True, check=False)
        printed = done.stdout + done.stderr
        report = root / ".maint" / "out" / "comparison_report.json"
        assert report.is_file(), printed
        seen: dict[str, set[tuple[Any, ...]]] = {"b": set(), "h": set()}
        for line in log.read_text().splitlines():
            place, *values = json.loads(line)
            if Path(place).parent != root:
                seen[Path(place).parent.name].add(tuple(values))
        (row,) = json.loads(report.read_text())["benchmarks"]
        return Outcome(row, printed, done.returncode, seen)

    def _git(self, root: Path, *arguments: str) -> None:
        self._call("git", "-c", "user.name=A", "-c", "user.email=a@example.org", *arguments, cwd=root)

    def _call(self, *argv: str, cwd: Path | None = None) -> None:
        done = subprocess.run(argv, cwd=cwd, env=self._env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Case], Outcome]]:
    """The outcome of a case; the case after it is started meanwhile, since most of the time is pip's."""
    every = [*CASES, *BROKEN]
    workplace = Workplace(tmp_path_factory.mktemp("cases"))
    futures: dict[str, Future[Outcome]] = {}
    with ThreadPoolExecutor(2) as pool:

        def wait(case: Case) -> Outcome:
            first = every.index(case)
            for each in every[first : first + 2]:
                if each.title not in futures and (_HAS_COMPILER or not each.extension):
                    futures[each.title] = pool.submit(workplace.run, each)
            return futures[case.title].result()

        yield wait
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_side_runs_its_own_code(case: Case, outcome: Callable[[Case], Outcome]) -> None:
    if case.extension and not _HAS_COMPILER:
        pytest.skip("no C compiler or no Python.h")
    found = outcome(case)
    assert found.row["status"] in {"PASS", "INCONCLUSIVE", "IMPROVED", "WARNING", "CRITICAL"}, found.printed
    assert found.seen == {"b": {("old", "old", 42)}, "h": {("new", "new", 42)}}


@pytest.mark.parametrize(("case", "module"), BROKEN.items(), ids=str)
def test_code_from_elsewhere_is_invalid(case: Case, module: str, outcome: Callable[[Case], Outcome]) -> None:
    found = outcome(case)
    assert found.row["status"] == "INVALID", found.printed
    for told in (module, "repo", "import the project by name"):
        assert told in found.row["reason"], found.printed
    assert found.exit_code == 1
