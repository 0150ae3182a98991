"""The rules' own examples in real flake8 runs: the same findings in the same lines."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from maint.lint.engine import RULES
from maint.lint.examples import Example, examples, rule_module

PLACE = re.compile(r"^(?:\./)?(\d+)/[^:]*:(\d+):\d+: (\w+) ", re.MULTILINE)


def of(code: str) -> list[Example]:
    module = rule_module(code)
    return [*examples(module.VALID), *examples(module.INVALID)]


def arguments(example: Example) -> list[str]:
    """The options of an example as flake8 takes them."""
    return [f"--maint-{key}={given(value)}" for key, value in example.options.items()]


def given(value: object) -> str:
    if isinstance(value, list):
        return ",".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("code", RULES)
def test_flake8_reports_an_example_where_the_rule_does(code: str, flake8: Callable[..., Any]) -> None:
    """One run for each set of options; each example has a folder of its own."""
    runs: dict[tuple[str, ...], list[tuple[int, Example]]] = {}
    for number, example in enumerate(of(code)):
        runs.setdefault(tuple(arguments(example)), []).append((number, example))
    assert runs
    for options, group in runs.items():
        files = {f"{number}/{example.path}": example.code for number, example in group}
        folders = [str(number) for number, _ in group]
        found = PLACE.findall(flake8(files, f"--select={code}", *options, *folders).output)
        expected = [(str(number), str(line), code) for number, example in group for line in example.lines]
        assert sorted(found) == sorted(expected), options
