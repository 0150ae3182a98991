"""Import roots that a project declares to its build backend, read from its own files."""

from __future__ import annotations

import ast
import configparser
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any


def pyproject(folder: Path) -> dict[str, Any]:
    """The project's ``pyproject.toml``; empty where it is missing or broken."""
    try:
        with (folder / "pyproject.toml").open("rb") as file:
            return tomllib.load(file)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return {}


def table(data: object, dotted: str) -> dict[str, Any]:
    """The table at a dotted key; empty where there is none."""
    for part in dotted.split("."):
        data = data.get(part) if isinstance(data, Mapping) else None
    return dict(data) if isinstance(data, Mapping) else {}


def package_folders(folder: Path) -> dict[str, str]:
    """Package name (``""`` for all) to the folder it lives in, as setuptools and others are told."""
    data = pyproject(folder)
    found = dict(_setup_py(folder / "setup.py"))
    found |= dict(_setup_cfg(folder / "setup.cfg"))
    found |= table(data, "tool.setuptools.package-dir")
    packages = table(data, "tool.scikit-build").get("wheel", {}).get("packages")
    if isinstance(packages, Mapping):
        found |= packages
    return {str(name): path for name, path in found.items() if isinstance(path, str)}


def import_roots(folder: Path) -> list[str]:
    """Declared import roots, relative to ``folder``, POSIX, ``.`` for itself; sources as in the docs of
    setuptools, poetry, pdm, hatch, flit, maturin, uv and scikit-build-core.
    """
    data = pyproject(folder)
    found = [*_single_settings(data), *_package_lists(data)]
    for name, path in package_folders(folder).items():
        place = PurePosixPath(path)
        if not name:
            found.append(path)
        elif place.parts[-name.count(".") - 1 :] == tuple(name.split(".")):
            found.append(str(PurePosixPath(*place.parts[: -name.count(".") - 1])))
    return list(dict.fromkeys(str(PurePosixPath(root)) for root in found if _is_inside(root)))


def _is_inside(root: object) -> bool:
    return isinstance(root, str) and not root.startswith(("/", "..")) and ".." not in root.split("/")


def _single_settings(data: Mapping[str, Any]) -> Iterator[Any]:
    yield from _listed(table(data, "tool.setuptools.packages.find").get("where"))
    yield from _listed(table(data, "tool.pdm.build").get("package-dir"))
    yield from _listed(table(data, "tool.maturin").get("python-source"))
    yield from _listed(table(data, "tool.uv.build-backend").get("module-root"))
    yield from _listed(table(data, "tool.hatch.build").get("dev-mode-dirs"))
    for target in ("tool.hatch.build", "tool.hatch.build.targets.wheel"):
        yield from _listed(table(data, target).get("sources"))


def _package_lists(data: Mapping[str, Any]) -> Iterator[str]:
    for target in ("tool.hatch.build", "tool.hatch.build.targets.wheel", "tool.scikit-build.wheel"):
        packages = table(data, target).get("packages")
        for package in _listed(packages if isinstance(packages, list) else None):
            yield str(PurePosixPath(package).parent)
    for entry in table(data, "tool.poetry").get("packages", ()):
        if isinstance(entry, Mapping):
            yield str(entry.get("from", "."))


def _listed(value: object) -> Iterable[str]:
    values = [value] if isinstance(value, str) else value if isinstance(value, (list, dict)) else []
    return [entry for entry in values if isinstance(entry, str)]


def _setup_cfg(path: Path) -> Iterator[tuple[str, str]]:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return
    for line in parser.get("options", "package_dir", fallback="").splitlines():
        name, equals, folder = line.partition("=")
        if equals:
            yield name.strip(), folder.strip()
    where = parser.get("options.packages.find", "where", fallback="").strip()
    if where:
        yield "", where


def _setup_py(path: Path) -> Iterator[tuple[str, str]]:
    """A literal ``package_dir=`` of ``setup()``; what is computed there cannot be read without running it."""
    try:
        module = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return
    keywords = (k for node in ast.walk(module) if isinstance(node, ast.Call) for k in node.keywords)
    for keyword in keywords:
        if keyword.arg == "package_dir" and isinstance(keyword.value, ast.Dict):
            for name, value in zip(keyword.value.keys, keyword.value.values, strict=True):
                if isinstance(name, ast.Constant) and isinstance(value, ast.Constant):
                    yield str(name.value), str(value.value)
