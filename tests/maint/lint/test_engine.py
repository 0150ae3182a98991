"""The engine on what real files are made of: encodings, line ends, depth, and rules that break."""

from __future__ import annotations

import ast
import subprocess
import sys
import sysconfig
import warnings
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesmith import from_grammar

from maint.lint import engine
from maint.lint.engine import INTERNAL, check, check_tree
from maint.lint.settings import Settings
from maint.lint.violation import Violation

PATH = PurePosixPath("shop/core.py")
EVERYTHING = Settings({"extend-select": ("MNT011", "MNT014", "MNT040", "MNT041"), "swallowers": ("quiet",)})
# every n-th file of the standard library, its tests included
STRIDE = 25
BROAD = "try:\n    f()\nexcept Exception:\n    f()\n"


def places(source: bytes | str, code: str = "E900") -> list[tuple[int, int]]:
    source = source.encode() if isinstance(source, str) else source
    found = check(source, PATH, EVERYTHING)
    assert INTERNAL not in [one.code for one in found]
    return [(one.line, one.column) for one in found if one.code == code]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(BROAD.replace("\n", "\r\n").encode(), id="CRLF"),
        pytest.param(BROAD.replace("\n", "\r").encode(), id="CR"),
        pytest.param(b"\xef\xbb\xbf" + BROAD.encode(), id="byte order mark"),
        pytest.param(BROAD.replace("    ", "\t").encode(), id="tabs"),
        pytest.param(BROAD.rstrip().encode(), id="no line end at the end"),
        pytest.param(BROAD.replace("try:", "\x0ctry:").encode(), id="form feed"),
        pytest.param(BROAD.replace("f()", "'\u2028'").encode(), id="a line separator in a string"),
    ],
)
def test_a_line_is_counted_as_python_counts_it(source: bytes) -> None:
    assert places(source) == [(3, 1)]


def test_the_coding_line_is_obeyed() -> None:
    source = "# coding: latin-1\nü = 1\ntry: ü()\nexcept Exception: 'ü'; ü()\n".encode("latin-1")
    assert places(source) == [(4, 1)]


def test_a_column_counts_characters() -> None:
    source = 'if True: "ü€𝄞"; s.bind("tcp://*:5555")\n'
    assert places(source, "MNT030") == [(1, source.index('"tcp') + 1)]


def test_a_violation_ends_where_its_text_ends() -> None:
    (one, *_) = check(b"try: f()\nexcept ( ValueError, Exception ) as e: f()\n", PATH, Settings())
    assert (one.line, one.column, one.end_line, one.end_column) == (2, 1, 2, 33)
    (bare, *_) = check(b"class A:\n  def f(self):\n    try: f()\n    except: f()\n", PATH, Settings())
    assert (bare.column, bare.end_column, bare.symbol) == (5, 11, "A.f")


@pytest.mark.parametrize(
    "source", [b"def f(:\n", b"\xff", b"# coding: no-such\n", b"a = '\0'\n", b"if x:\nf()\n"]
)
def test_what_does_not_parse_is_said_in_one_of_two_ways(source: bytes) -> None:
    with pytest.raises((SyntaxError, ValueError)):
        check(source, PATH, Settings())


def test_nesting_beyond_the_parser_is_no_other_error() -> None:
    deep = "1+" * 200_000 + "1"
    with pytest.raises((SyntaxError, ValueError)):
        check(deep.encode(), PATH, Settings())


def test_the_rules_are_not_bothered_by_depth() -> None:
    """flake8 hands over what it could parse, however deep."""
    expression: ast.expr = ast.Constant(1)
    for _ in range(20_000):
        expression = ast.BinOp(expression, ast.Add(), ast.Constant(1))
    call = ast.parse("try:\n  s.bind(f(0))\nexcept Exception:\n  s.bind(f(0))", mode="exec")
    for node in ast.walk(call):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            node.args = [expression]
    lines = ["try:\n", "  s.bind(f(0))\n", "except Exception:\n", "  s.bind(f(0))\n"]
    assert [one.code for one in check_tree(call, lines, PATH, EVERYTHING)] == ["E900"]


def test_a_long_chain_of_branches_is_no_depth() -> None:
    chain = "if a: raise\n  " + "".join(f"elif a == {n}: raise\n  " for n in range(400)) + "else: raise\n"
    assert places(f"try: f()\nexcept Exception:\n  {chain}") == []
    assert places(f"try: f()\nexcept Exception:\n  {chain.replace('else: raise', 'else: f()')}") == [(2, 1)]


def test_a_rule_that_breaks_is_one_finding_and_the_others_work(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(module: object) -> list[Violation]:
        raise LookupError("no such thing")

    broken.__module__ = "maint.lint.rules.silent_broad"
    monkeypatch.setitem(engine.RULES, "MNT010", broken)
    found = check(BROAD.encode(), PATH, Settings())
    assert [one.code for one in found] == [INTERNAL, "E900"]
    assert found[0].message.startswith("internal error in silent-broad: LookupError: no such thing; ")


def test_violations_come_in_the_order_of_the_file() -> None:
    source = "try: f()\nexcept Exception: pass\ns.bind('tcp://*:5555')\ntry: f()\nexcept: pass\n"
    found = check(source.encode(), PATH, Settings())
    assert [(one.line, one.code) for one in found] == [
        (2, "E900"),
        (2, "MNT010"),
        (3, "MNT030"),
        (5, "E900"),
        (5, "MNT010"),
    ]


def test_no_warning_of_the_parser_gets_out() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert check(b"a = '\\d'\nassert (1, 2)\n", PATH, Settings()) == []


@pytest.mark.skipif(sys.version_info < (3, 12), reason="PEP 695 and PEP 701 are of Python 3.12")
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f[Exception](x):\n  try: f()\n  except Exception: f()\n", []),
        ("class A[T]:\n  def f(self):\n    try: f()\n    except Exception: f()\n", [(4, 5)]),
        ("type Exception = ValueError\ntry: f()\nexcept Exception: f()\n", []),
        ('try: f()\nexcept Exception: f(f"{x + f"{y}"}")\n', [(2, 1)]),
    ],
)
def test_the_syntax_of_3_12_is_known(source: str, expected: list[tuple[int, int]]) -> None:
    assert places(source) == expected


@pytest.mark.skipif(sys.version_info < (3, 14), reason="PEP 758 is of Python 3.14")
def test_types_without_brackets_are_a_tuple() -> None:
    assert places("try: f()\nexcept ValueError, Exception: f()\n") == [(2, 1)]


def test_the_standard_library_with_its_tests_breaks_no_rule() -> None:
    library = Path(sysconfig.get_path("stdlib"))
    files = [path for path in sorted(library.rglob("*.py")) if "site-packages" not in path.parts][::STRIDE]
    broken = []
    for path in files:
        try:
            found = check(path.read_bytes(), path.relative_to(library), EVERYTHING)
        except (SyntaxError, ValueError):
            continue
        broken += [(path, one.message) for one in found if one.code == INTERNAL]
    assert broken == []
    assert len(files) > 10


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(from_grammar(auto_target=False))
def test_no_program_breaks_a_rule(source: str) -> None:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        return
    assert INTERNAL not in [one.code for one in check(source.encode(), PATH, EVERYTHING)]


def test_the_flake8_plugin_imports_nothing_heavy() -> None:
    program = (
        "import sys, flake8_maint.plugin; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    heavy = {"libcst", "tree_sitter", "msgspec", "tomllib", "json", "yaml", "subprocess", "asyncio"}
    # what flake8 itself brings is not ours
    done_by_flake8 = subprocess.run(
        [sys.executable, "-c", program.replace("flake8_maint.plugin", "flake8.exceptions")],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert heavy & (set(done.stdout.split()) - set(done_by_flake8.stdout.split())) == set()
