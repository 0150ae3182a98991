"""Every rule by its own examples."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from maint.lint.engine import INTERNAL, RULES, check
from maint.lint.examples import Example, examples, rule_module
from maint.lint.rules import backup_file
from maint.lint.settings import Settings

ENOUGH_FOR_E900 = 80


def cases(kind: str) -> list[object]:
    return [
        pytest.param(code, example, id=f"{code}: {example.title}")
        for code in RULES
        for example in examples(getattr(rule_module(code), kind))
    ]


def found(code: str, example: Example) -> tuple[int, ...]:
    settings = Settings({"extend-select": (code,), **example.options})
    violations = check(example.code.encode(), PurePosixPath(example.path), settings)
    assert INTERNAL not in [one.code for one in violations]
    return tuple(one.line for one in violations if one.code == code)


@pytest.mark.parametrize(("code", "example"), cases("VALID"))
def test_a_valid_example_is_silent(code: str, example: Example) -> None:
    assert example.lines == ()
    assert found(code, example) == ()


@pytest.mark.parametrize(("code", "example"), cases("INVALID"))
def test_an_invalid_example_is_found(code: str, example: Example) -> None:
    assert example.lines
    assert found(code, example) == example.lines


@pytest.mark.parametrize("name", backup_file.VALID.split())
def test_an_ordinary_file_is_no_backup(name: str) -> None:
    assert backup_file.backups([name], Settings()) == []


@pytest.mark.parametrize("name", backup_file.INVALID.split())
def test_a_backup_is_known_by_its_name(name: str) -> None:
    assert backup_file.backups([name], Settings()) == [name]


def test_the_patterns_of_the_settings_count_in_any_case() -> None:
    settings = Settings({"backup-patterns": ("*.SIK",)})
    assert backup_file.backups(["core.py.sik", "core.py.bak"], settings) == ["core.py.sik"]


def test_e900_has_its_examples() -> None:
    module = rule_module("E900")
    titles = [one.title for one in (*examples(module.VALID), *examples(module.INVALID))]
    assert len(titles) >= ENOUGH_FOR_E900


def test_an_example_is_read_with_its_options_and_marks() -> None:
    (one, two) = examples(
        '\n--- first [path = "a.py", logged = "ok"]\nf()  # !\ng()\n--- second\nexcept: pass  # !\n'
    )
    assert one == Example("first", "f()\ng()\n", (1,), "a.py", {"logged": "ok"})
    assert (two.code, two.lines) == ("try: f()\nexcept: pass\n", (2,))
