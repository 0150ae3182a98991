"""Benchmarks that only the baseline has, found by reading its files: head's tests drive both sides."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from .comparison import Row, Verdict

FIXTURES = frozenset({"benchmark", "benchmark_weave"})


def benchmark_names(source: str, prefixes: Sequence[str] = ("test",)) -> set[str]:
    """Qualified names (``TestX::test_y``) of the functions in ``source`` that ask for a benchmark fixture.

    Raises SyntaxError when ``source`` does not parse.
    """
    return set(_names(ast.parse(source).body, "", tuple(prefixes)))


def removed_rows(
    baseline: Iterable[tuple[str, str]], head_names: Iterable[str], prefixes: Sequence[str]
) -> list[Row]:
    """REMOVED rows for what ``baseline`` (paths and sources) has and ``head_names`` (node ids) lack."""
    present = {node_id.partition("[")[0] for node_id in head_names}
    rows = []
    for path, source in baseline:
        try:
            names = benchmark_names(source, prefixes)
        except SyntaxError:
            continue
        rows += [
            Row(name=node_id, status=Verdict.REMOVED, reason="only the baseline has it")
            for node_id in sorted(f"{path}::{name}" for name in names)
            if node_id not in present
        ]
    return rows


def _names(body: Iterable[ast.stmt], scope: str, prefixes: tuple[str, ...]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _names(node.body, f"{scope}{node.name}::", prefixes)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith(prefixes):
            arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
            if FIXTURES & {argument.arg for argument in arguments}:
                yield f"{scope}{node.name}"
