"""``except:`` that re-raises: write what it catches, ``except BaseException:``. Safe, they are the same."""

from __future__ import annotations

from collections.abc import Iterator

from maint.fix.proposal import Edit, Proposal
from maint.fix.source import Source
from maint.fix.target import Target
from maint.lint.flow import Exit
from maint.lint.handlers import Handler

CODE = "E900"


def proposals(target: Target) -> Iterator[Proposal]:
    """One for each bare handler that leaves by ``raise`` on every path."""
    for handler in target.source.handlers:
        if handler.node.type is None and target.module.exits(handler.node.body, handler.scope) == Exit.RAISE:
            yield from named(target.source, handler, "BaseException", safe=True)


def named(source: Source, handler: Handler, name: str, *, safe: bool) -> Iterator[Proposal]:
    """The bare ``handler`` with a type, unless the name means something else there."""
    if handler.scope.lookup(name) is None:
        start = source.span(handler.node)[0] + len("except")
        title = f"except: -> except {name}:"
        yield Proposal(CODE, handler.node.lineno, title, safe, (Edit(start, start, f" {name}"),))
