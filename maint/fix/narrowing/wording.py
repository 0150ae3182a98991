"""The evidence about one handler in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from maint.fix.evidence import OUTSIDE, Observation
from maint.fix.narrowing.judgement import Narrowing
from maint.report.cells import counted, printable


def place(narrowing: Narrowing) -> str:
    """Path, line and the function it is in."""
    symbol = f" {narrowing.handler.symbol}" if narrowing.handler.symbol else ""
    return printable(f"{narrowing.source.path}:{narrowing.handler.node.lineno}{symbol}")


def paragraph(narrowing: Narrowing) -> Iterator[str]:
    """The verdict, then a line for each type seen, each type named by the source, and each bug."""
    proposal = narrowing.proposal
    verdict = f"can be {proposal.title}" if proposal is not None else narrowing.refusal
    yield f"{place(narrowing)}: catches {narrowing.handler.caught}; {verdict}"
    for one in narrowing.observed:
        yield f"    {seen(one)}"
    known = {one.bases[0] for one in narrowing.observed}
    for hint in (one for one in narrowing.hints if one.kind not in known):
        yield f"    {printable(shown(hint.kind))}: by the source only, {hint.why}"
    for one in narrowing.staged:
        yield f"    staged by the tests: {seen(one)}"
    for one in narrowing.bugs:
        yield f"    this handler hides a bug: {seen(one)}"


def seen(one: Observation) -> str:
    """One observation: the type, how often, where it was raised."""
    times = "once" if one.tested == 1 else f"{one.tested} times"
    tests = sum(test != OUTSIDE for test in one.tests)
    when = [f"{times} in {counted(tests, 'test')}"] if tests else []
    when += ["while no test ran"] if OUTSIDE in one.tests else []
    where = f"{one.file or 'a library'}, {one.place}" if one.place else "no frame of Python"
    return printable(f"{shown(one.bases[0])}: {' and '.join(when)}, raised in {where}")


def shown(kind: str) -> str:
    """A type as it is read: built-in ones by their name alone."""
    return kind.removeprefix("builtins:").replace(":", ".")
