"""A parsed file as the rules see it: one walk over its statements, the rest on demand."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from bisect import bisect_left, bisect_right
from functools import cached_property
from typing import TYPE_CHECKING

from maint.lint.contexts import swallowing
from maint.lint.flow import exits
from maint.lint.handlers import handlers_of
from maint.lint.reaction import Reaction, reaction
from maint.lint.scope import Rare, Scope
from maint.lint.violation import Violation
from maint.lint.walk import DEFINITIONS, walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import PurePath

    from maint.lint.blocks import Block
    from maint.lint.handlers import Handler
    from maint.lint.settings import Settings
    from maint.lint.walk import Found

_WORD = re.compile(r"\w+")
_LINE_END = re.compile(r"\r\n|\r|\n")


class Module:
    """One file that parses; ``path`` is relative to the project, ``text`` its source without a mark."""

    def __init__(self, tree: ast.Module, text: str, path: PurePath, settings: Settings) -> None:
        self.tree = tree
        self.text = text
        self.path = path
        self.settings = settings
        self._reactions: dict[int, Reaction] = {}

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their ends, split as Python counts them."""
        return _LINE_END.split(self.text)

    @cached_property
    def is_test(self) -> bool:
        """Whether the file belongs to the tests."""
        return self.settings.is_test(self.path)

    @cached_property
    def _rare(self) -> Rare:
        return Rare.of(self.text)

    @cached_property
    def compound(self) -> list[Found]:
        """Every try and with statement and every definition, in the order of the file."""
        return walk(self.tree, self._rare)

    @cached_property
    def handlers(self) -> list[Handler]:
        """Every exception handler, in the order of the file."""
        return handlers_of(self.compound) if "except" in self.text else []

    @property
    def judged_handlers(self) -> list[Handler]:
        """The handlers that the rules on handlers look at: none in a test where the settings spare tests."""
        return [] if self.is_test and not self.settings.tests else self.handlers

    def reaction(self, handler: Handler) -> Reaction:
        """What a handler does with the exception."""
        known = self._reactions.get(id(handler.node))
        if known is None:
            known = self._reactions[id(handler.node)] = reaction(handler.node, self.settings.report_callables)
        return known

    def exits(self, block: Block, scope: Scope) -> int:
        """The ways out of a block that lies in the frame of ``scope``."""
        return exits(block, lambda node: swallowing(node, scope, self.settings))

    def calls(self, names: Iterable[str]) -> list[tuple[ast.Call, Scope]]:
        """The calls in statements that have one of ``names`` before a parenthesis; others are among them."""
        # A pattern for each, which begins with the name: that is what re looks for fast.
        patterns = [re.compile(re.escape(name) + r"\s*\(") for name in names]
        hits = {match.start() for pattern in patterns for match in pattern.finditer(self.text)}
        if not hits:
            return []
        ends = [match.end() for match in _LINE_END.finditer(self.text)]
        return _calls(self.tree, sorted({bisect_right(ends, hit) + 1 for hit in hits}), self._rare)

    def violation(self, code: str, node: ast.AST, message: str, scope: Scope) -> Violation:
        """A violation at a node of the tree."""
        return self._at(code, node, (node.end_lineno, node.end_col_offset), message, scope.symbol)  # type: ignore[attr-defined]

    def at_header(self, code: str, handler: Handler, message: str) -> Violation:
        """A violation at ``except`` and what it names."""
        node = handler.node
        end = (node.type.end_lineno, node.type.end_col_offset) if node.type else (node.lineno, None)
        return self._at(code, node, end, message, handler.symbol)

    def at_keyword(self, code: str, node: ast.stmt, message: str, scope: Scope) -> Violation:
        """A violation at the first word of a statement; decorators come before."""
        return self._at(code, node, (node.lineno, None), message, scope.symbol)

    def _at(
        self, code: str, node: ast.AST, end: tuple[int | None, int | None], message: str, symbol: str
    ) -> Violation:
        line, octets = node.lineno, node.col_offset  # type: ignore[attr-defined]
        column = self.characters(line, octets) + 1
        if end[0] is None or end[1] is None:
            word = _WORD.match(self.lines[line - 1], column - 1)
            return Violation(code, line, column, line, (word.end() if word else column) + 1, message, symbol)
        return Violation(code, line, column, end[0], self.characters(end[0], end[1]) + 1, message, symbol)

    def characters(self, line: int, octets: int) -> int:
        """The column in characters of one in UTF-8 bytes, both from 0; ``line`` counts from 1."""
        if self.text.isascii() or not 0 < line <= len(self.lines):
            return octets
        return len(self.lines[line - 1].encode("utf-8", "surrogatepass")[:octets].decode("utf-8", "ignore"))

    def comment(self, first: int, last: int) -> str:
        """The comments in the lines from ``first`` to ``last``, one after the other; strings are none."""
        wanted = self.lines[first - 1 : last]
        if not any("#" in line for line in wanted):
            return ""
        return "  ".join(comment for _, _, comment in comments("\n".join(wanted)))


def comments(text: str) -> Iterator[tuple[int, int, str]]:
    """Line, column (in characters, from 0) and text of each comment, as far as the tokens go."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                yield *token.start, token.string
    except (tokenize.TokenError, SyntaxError):
        return


def _calls(tree: ast.Module, hits: list[int], rare: Rare) -> list[tuple[ast.Call, Scope]]:
    """The calls of a tree, without descending into what has none of the lines ``hits`` (ascending)."""
    found = []
    pending: list[tuple[ast.AST, Scope]] = [(tree, Scope(tree, "module", None, "", rare))]
    while pending:
        node, scope = pending.pop()
        if isinstance(node, ast.Call):
            found.append((node, scope))
        inner = scope.inside(node) if isinstance(node, DEFINITIONS) else scope
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.stmt) or _touches(child, hits):
                pending.append((child, inner))
    return sorted(found, key=lambda pair: (pair[0].lineno, pair[0].col_offset))


def _touches(node: ast.stmt, hits: list[int]) -> bool:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    first = decorators[0].lineno if decorators else node.lineno
    index = bisect_left(hits, first)
    return index < len(hits) and hits[index] <= (node.end_lineno or node.lineno)
