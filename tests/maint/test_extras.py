"""A missing extra is a sentence that names it; a broken package keeps its traceback."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from maint import extras
from maint.errors import MaintError

ROOT = Path(__file__).parents[2]


def test_a_missing_package_names_the_extra_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(extras.MODULES, "zmq", "zmq_that_nobody_has")
    with pytest.raises(MaintError) as caught:
        extras.require("zmq")
    assert str(caught.value).endswith("pip install 'pytest-maint[zmq]'")


def test_an_installed_package_is_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(extras.MODULES, "zmq", "json")
    assert extras.require("zmq").loads("1") == 1


def test_a_package_that_fails_on_its_own_import_keeps_its_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "brokenpackage.py").write_text("import something_it_forgot_to_depend_on\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(extras.MODULES, "zmq", "brokenpackage")
    with pytest.raises(ModuleNotFoundError, match="something_it_forgot_to_depend_on"):
        extras.require("zmq")


def test_the_extras_of_the_package_and_of_the_code_are_the_same() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = project["optional-dependencies"]
    assert set(declared) - {"all"} == set(extras.MODULES)
    (everything,) = declared["all"]
    assert set(everything.partition("[")[2].rstrip("]").split(",")) == set(extras.MODULES)
