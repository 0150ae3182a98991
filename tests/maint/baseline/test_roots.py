"""Import roots and unit names, from layouts and from what build backends are told."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest

from maint.baseline import declared, roots
from maint.baseline.loaded import project_modules


def _write(top: Path, *names: str, **texts: str) -> None:
    for name in names:
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).touch()
    for name, text in texts.items():
        (top / name.replace("_toml", ".toml").replace("_cfg", ".cfg").replace("_py", ".py")).write_text(text)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["pkg/__init__.py"], (".",)),
        (["module.py"], (".",)),
        (["src/pkg/__init__.py", "tests/__init__.py", "docs/conf.py"], ("src",)),
        (["src/space/pkg/__init__.py"], ("src",)),
        (["src/module.py"], ("src",)),
        (["src/main.c", "pkg/__init__.py"], (".",)),
        (["src/pkg/__init__.py", "tool/__init__.py"], ("src",)),
        (["src/pkg/__init__.py", "extra/__init__.py"], ("src", ".")),
        (["benchmark/__init__.py", "tests/test_x.py"], (".",)),
    ],
)
def test_layouts(tmp_path: Path, files: list[str], expected: tuple[str, ...]) -> None:
    _write(tmp_path, *files)
    assert roots.import_roots(tmp_path, ".", []) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[tool.setuptools.package-dir]\n"" = "lib"', ["lib"]),
        ('[tool.setuptools.package-dir]\n"a.b" = "lib/a/b"', ["lib"]),
        ('[tool.setuptools.packages.find]\nwhere = ["lib", "more"]', ["lib", "more"]),
        ('[[tool.poetry.packages]]\ninclude = "pkg"\nfrom = "lib"', ["lib"]),
        ('[tool.pdm.build]\npackage-dir = "lib"', ["lib"]),
        ('[tool.hatch.build.targets.wheel]\npackages = ["lib/pkg"]', ["lib"]),
        ('[tool.hatch.build.targets.wheel]\nsources = ["lib"]', ["lib"]),
        ('[tool.hatch.build.targets.wheel]\npackages = ["pkg"]', ["."]),
        ('[tool.maturin]\npython-source = "python"', ["python"]),
        ('[tool.scikit-build]\nwheel.packages = ["python/pkg"]', ["python"]),
        ('[tool.scikit-build.wheel.packages]\npkg = "python/pkg"', ["python"]),
        ('[tool.uv.build-backend]\nmodule-root = "lib"', ["lib"]),
        ('[tool.setuptools.package-dir]\n"" = "../away"', []),
        ('[tool.setuptools.package-dir]\n"" = 3', []),
        ('tool = "no table"', []),
        ("broken [", []),
    ],
)
def test_declared_in_pyproject(tmp_path: Path, text: str, expected: list[str]) -> None:
    _write(tmp_path, pyproject_toml=text)
    assert declared.import_roots(tmp_path) == expected


def test_declared_in_setup_files(tmp_path: Path) -> None:
    _write(tmp_path, setup_cfg="[options]\npackage_dir =\n    = lib\n")
    assert declared.import_roots(tmp_path) == ["lib"]
    _write(tmp_path, setup_cfg="", setup_py="setup(package_dir={'': 'code', 'x': f()}, ext_modules=e())")
    assert declared.import_roots(tmp_path) == ["code"]
    _write(tmp_path, setup_py="def broken(")
    assert declared.import_roots(tmp_path) == []


def test_roots_in_use_come_first_when_they_exist(tmp_path: Path) -> None:
    _write(tmp_path, "lib/pkg/__init__.py", "pkg2/__init__.py")
    assert roots.import_roots(tmp_path, ".", ["lib", "gone"]) == ("lib", ".")


def test_a_project_below_the_top(tmp_path: Path) -> None:
    _write(tmp_path, "python/src/pkg/__init__.py", "unrelated/__init__.py")
    assert roots.import_roots(tmp_path, "python", []) == ("python/src",)


def test_sys_path_entries_of_the_tree_but_not_test_folders_or_environments(tmp_path: Path) -> None:
    _write(tmp_path, "lib/x.py", "tests/test_x.py", ".venv/pyvenv.cfg", ".venv/lib/site-packages/y.py")
    entries = [
        str(tmp_path / "tests"),
        str(tmp_path / "lib"),
        str(tmp_path / ".venv/lib/site-packages"),
        "/usr",
    ]
    assert roots.relative_entries(entries, tmp_path) == ["lib"]


def test_loaded_modules_tell_the_root_they_came_from(tmp_path: Path) -> None:
    _write(tmp_path, "odd/a/b/c.py", "odd/a/__init__.py", "renamed/x.py", "tests/test_a.py")
    modules = {
        "a": str(tmp_path / "odd/a/__init__.py"),
        "a.b.c": str(tmp_path / "odd/a/b/c.py"),
        "other.x": str(tmp_path / "renamed/x.py"),
        "test_a": str(tmp_path / "tests/test_a.py"),
        "os": "/usr/lib/python3/os.py",
    }
    assert roots.roots_of_modules(modules, tmp_path) == ["odd"]


def test_units_are_packages_and_what_namespaces_hold(tmp_path: Path) -> None:
    _write(
        tmp_path,
        *("flat.py", "setup.py", "conftest.py", "pkg/__init__.py", "pkg/inner.py", "no-module/x.py"),
        *("space/deep/part/__init__.py", "space/single.py", "space/data.txt", "_ext.abi3.so"),
    )
    expected = ("_ext", "flat", "pkg", "space.deep.part", "space.single")
    assert roots.unit_names(tmp_path, ["."]) == expected


def test_project_modules_include_installed_and_unimported_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "env/site-packages"
    _write(tmp_path / "repo", "src/owned_pkg/__init__.py", "src/owned_pkg/a.py")
    _write(site, "owned_pkg/__init__.py", "owned_pkg/a.py", "owned_pkg/generated.py", "foreign.py")
    package = types.ModuleType("owned_pkg")
    package.__file__, package.__path__ = str(site / "owned_pkg/__init__.py"), [str(site / "owned_pkg")]
    foreign = types.ModuleType("foreign")
    foreign.__file__ = str(site / "foreign.py")
    monkeypatch.setitem(sys.modules, "owned_pkg", package)
    found = project_modules(tmp_path / "repo", tmp_path / "repo", {"owned_pkg": package, "foreign": foreign})
    names = {"owned_pkg", "owned_pkg.a", "owned_pkg.generated"}
    assert found.keys() == names
    assert found["owned_pkg.generated"] == str(site / "owned_pkg/generated.py")
    assert "owned_pkg.generated" not in sys.modules
