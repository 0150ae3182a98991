"""What the analysis of paths says, against what Python does: handlers are made up, judged, and run."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maint.lint.engine import check
from maint.lint.flow import Exit, exits
from maint.lint.settings import Settings

INDENT = "    "
STEPS = 60


def indented(block: list[str]) -> list[str]:
    return [INDENT + line for line in block]


def joined(parts: list[list[str]]) -> list[str]:
    return [line for part in parts for line in part]


def compounds(blocks: st.SearchStrategy[list[str]]) -> st.SearchStrategy[list[str]]:
    """Statements around blocks, each block a list of lines."""

    def two(first: str, second: str) -> st.SearchStrategy[list[str]]:
        return st.tuples(blocks, blocks).map(lambda b: [first, *indented(b[0]), second, *indented(b[1])])

    return st.one_of(
        two("if c():", "else:"),
        blocks.map(lambda b: ["if c():", *indented(b)]),
        two("for _ in many():", "else:"),
        blocks.map(lambda b: ["while True:", INDENT + "tick()", *indented(b)]),
        two("while c():", "else:"),
        blocks.map(lambda b: ["with plain():", *indented(b)]),
        blocks.map(lambda b: ["with suppress(KeyError):", *indented(b)]),
        two("try:", "except KeyError:"),
        two("try:", "except OSError:"),
        two("try:", "finally:"),
        st.tuples(blocks, blocks, blocks, blocks).map(
            lambda b: [
                *["try:", *indented(b[0]), "except KeyError:", *indented(b[1])],
                *["else:", *indented(b[2]), "finally:", *indented(b[3])],
            ]
        ),
        two("match c():", INDENT + "case _:").map(lambda lines: _matching(lines)),
    )


def _matching(lines: list[str]) -> list[str]:
    """Give the first block of a match its case, and shift the second under the other one."""
    middle = lines.index(INDENT + "case _:")
    return [
        lines[0],
        INDENT + "case True:",
        *indented(lines[1:middle]),
        lines[middle],
        *indented(lines[middle + 1 :]),
    ]


SIMPLE = st.sampled_from(
    [
        ["raise"],
        ["raise OSError"],
        ["raise KeyError"],
        ["c()"],
        ["return 1"],
        ["pass"],
        ["assert True"],
        ["break"],
        ["continue"],
    ]
)
BODY = st.recursive(
    SIMPLE,
    lambda inner: compounds(st.lists(inner, min_size=1, max_size=3).map(joined)),
    max_leaves=8,
)
BODIES = st.lists(BODY, min_size=1, max_size=3).map(joined)


class Endless(BaseException):
    """The program under test has run for long enough; no handler of its own catches this."""


class World:
    """The names that the made-up programs use; ``choices`` answer their questions in turn."""

    def __init__(self, choices: list[bool]) -> None:
        self._choices = iter(choices)
        self._left = STEPS

    def tick(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Endless

    def c(self) -> bool:
        self.tick()
        return next(self._choices, False)

    def many(self) -> Iterator[int]:
        while self.c():
            yield 1

    @contextlib.contextmanager
    def plain(self) -> Iterator[None]:
        yield


def program(body: list[str]) -> str | None:
    """A function with ``body`` as its broad handler; None where a break is in no loop, say."""
    lines = ["from contextlib import suppress", "def run():", "    try: boom()", "    except Exception:"]
    source = "\n".join([*lines, *indented(indented(body))]) + "\n"
    try:
        compile(source, "made-up", "exec")
    except SyntaxError:
        return None
    return source


@settings(max_examples=200, deadline=None)
@given(BODIES, st.lists(st.lists(st.booleans(), max_size=12), min_size=1, max_size=6))
def test_an_exempt_handler_never_goes_on(body: list[str], runs: list[list[bool]]) -> None:
    source = program(body)
    if source is None or any(
        one.code == "E900" for one in check(source.encode(), PurePosixPath("a.py"), Settings())
    ):
        return
    for choices in runs:
        world = World(choices)
        names: dict[str, Any] = {"c": world.c, "tick": world.tick, "many": world.many, "plain": world.plain}
        names["boom"] = boom
        exec(source, names)
        with pytest.raises((OSError, KeyError, Endless)):
            names["run"]()


def boom() -> None:
    raise KeyError


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("pass", Exit.FALL),
        ("raise", Exit.RAISE),
        ("return\nraise", Exit.RETURN),
        ("if a: raise", Exit.RAISE | Exit.FALL),
        ("while True: pass", Exit(0)),
        ("while True:\n  if a: break", Exit.FALL),
        ("for a in b: return", Exit.RETURN | Exit.FALL),
        ("for a in b:\n  if a: continue\n  break\nelse: raise", Exit.RAISE | Exit.FALL),
        ("try: raise\nfinally: return", Exit.RETURN),
        ("try: pass\nexcept E: return\nelse: raise", Exit.RETURN | Exit.RAISE),
        ("match a:\n  case 1: raise", Exit.RAISE | Exit.FALL),
        ("match a:\n  case 1: raise\n  case x: return", Exit.RAISE | Exit.RETURN),
        ("match a:\n  case 1 | _: raise", Exit.RAISE),
        ("def f(): raise", Exit.FALL),
    ],
)
def test_the_ways_out_of_a_block(source: str, expected: Exit) -> None:
    assert exits(ast.parse(source).body, lambda node: False) == expected
