"""All rules over one file."""

from __future__ import annotations

import ast
import warnings
from typing import TYPE_CHECKING

from maint.lint.decoding import strict
from maint.lint.module import Module
from maint.lint.rules import (
    archived_module,
    broad_except,
    cancelled_raise,
    fixme,
    literal_port,
    log_without_traceback,
    silent_broad,
    silent_typed,
    swallowing_context,
    todo,
)
from maint.lint.violation import Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import PurePath

    from maint.lint.settings import Settings

    Rule = Callable[[Module], Iterable[Violation]]

INTERNAL = "MNT990"

RULES: dict[str, Rule] = {
    broad_except.CODE: broad_except.check,
    silent_broad.CODE: silent_broad.check,
    silent_typed.CODE: silent_typed.check,
    swallowing_context.CODE: swallowing_context.check,
    cancelled_raise.CODE: cancelled_raise.check,
    log_without_traceback.CODE: log_without_traceback.check,
    archived_module.CODE: archived_module.check,
    literal_port.CODE: literal_port.check,
    todo.CODE: todo.check,
    fixme.CODE: fixme.check,
}


def check(source: bytes, path: PurePath, settings: Settings) -> list[Violation]:
    """The violations of one file, in the order of the file; ``path`` is relative to the project.

    Raises SyntaxError or ValueError for what this Python cannot parse, and nothing else.
    """
    text = strict(source)
    return _run(Module(parsed(text), text, path, settings))


def check_tree(tree: ast.Module, lines: Sequence[str], path: PurePath, settings: Settings) -> list[Violation]:
    """The violations of a file that is parsed already; ``lines`` with their ends. Raises nothing."""
    return _run(Module(tree, "".join(lines), path, settings))


def parsed(text: str) -> ast.Module:
    """The tree of a file; SyntaxError or ValueError when there is none."""
    with warnings.catch_warnings():
        # an invalid escape is a matter for other tools, and would be an error under -W error
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except (RecursionError, MemoryError):
            raise ValueError("nested too deeply for the parser of this Python") from None


def _run(module: Module) -> list[Violation]:
    settings = module.settings
    found = [one for code, rule in RULES.items() if settings.is_on(code) for one in _safely(rule, module)]
    shown = [one._replace(code=settings.shown_code(one.code)) for one in found]
    return sorted(shown, key=lambda one: (one.line, one.column, one.code))


def _safely(rule: Rule, module: Module) -> Iterator[Violation]:
    """What a rule finds; a defect of ours must not cost the user the findings of the other rules."""
    try:
        yield from rule(module)
    except Exception as error:  # boundary: reported as a finding  # noqa: BLE001
        name = rule.__module__.rpartition(".")[2].replace("_", "-")
        message = f"internal error in {name}: {type(error).__name__}: {error}; report it to pytest-maint"
        yield Violation(INTERNAL, 1, 1, 1, 1, message)
