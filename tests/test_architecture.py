"""The shape of the code: who imports whom, how long things are, what is not allowed anywhere."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("maint", "pytest_maint", "flake8_maint")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
MODULES = [path for path in SOURCES if path.name != "__init__.py"]

MODULE_LINES = 400
FUNCTION_LINES = 60
MEDIAN_FUNCTION_LINES = 14
FORBIDDEN_WORDS = {"utils", "helpers", "common", "misc", "manager", "handler", "processor"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions(source: str) -> Iterator[tuple[str, int]]:
    """Name and length in lines of every function, without its docstring."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, Function):
            first = node.body[0]
            documented = ast.get_docstring(node) is not None
            text = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
            yield node.name, (node.end_lineno or 0) - node.lineno + 1 - text


def prints(source: str) -> list[int]:
    """Lines that call ``print``."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return [call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"]


def test_the_import_contracts_hold() -> None:
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", program, "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


# The one package that programs import in production: `from maint.ports import get_port, claim`.
PUBLIC = {"maint/ports/__init__.py": ["claim", "get_port"]}


@pytest.mark.parametrize("path", [path for path in SOURCES if path.name == "__init__.py"], ids=relative)
def test_a_package_file_is_empty_or_exports_what_programs_import(path: Path) -> None:
    if relative(path) not in PUBLIC:
        assert path.read_bytes() == b""
        return
    docstring, _, *imports, exported = ast.parse(path.read_text(encoding="utf-8")).body
    assert isinstance(docstring, ast.Expr)
    assert all(isinstance(node, ast.ImportFrom) for node in imports)
    assert isinstance(exported, ast.Assign)
    assert ast.literal_eval(exported.value) == PUBLIC[relative(path)]


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_a_module_can_be_read_at_once(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= MODULE_LINES
    assert [(name, lines) for name, lines in functions(source) if lines > FUNCTION_LINES] == []


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_a_module_says_in_its_first_line_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_a_name_says_more_than_that_it_holds_code(path: Path) -> None:
    assert not set(path.stem.split("_")) & FORBIDDEN_WORDS


def test_most_functions_are_short() -> None:
    lengths = [lines for path in MODULES for _, lines in functions(path.read_text(encoding="utf-8"))]
    assert median(lengths) <= MEDIAN_FUNCTION_LINES


@pytest.mark.parametrize(
    "path", [path for path in MODULES if "cli" not in path.relative_to(ROOT).parts], ids=relative
)
def test_only_the_command_line_prints(path: Path) -> None:
    assert prints(path.read_text(encoding="utf-8")) == []


def test_the_measures_see_what_they_are_for() -> None:
    source = 'def f():\n    """Two\n    lines."""\n    print(1)\n    return 2\n\nasync def g():\n    pass\n'
    assert list(functions(source)) == [("f", 3), ("g", 2)]
    assert prints(source) == [4]
