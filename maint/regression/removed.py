"""Benchmarks that only the baseline has, found by reading its files: head's tests drive both sides."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence

from .comparison import Row, Verdict

FIXTURES = frozenset({"benchmark", "benchmark_weave"})


def benchmark_names(source: str, prefixes: Sequence[str] = ("test",)) -> set[str]:
    """Qualified names (``TestX::test_y``) of the functions in ``source`` that ask for a benchmark fixture.

    ``prefixes`` are pytest's ``python_functions``. A source that does not parse has none.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return set()
    return set(_names(tree.body, "", tuple(prefix.rstrip("*") for prefix in prefixes)))


def removed_rows(files: Mapping[str, tuple[str, str]], prefixes: Sequence[str] = ("test",)) -> list[Row]:
    """REMOVED rows for what a file has on the baseline and lacks on head.

    ``files`` maps paths, as node ids have them, to the file's source on the baseline and on head.
    """
    return [
        Row(name=f"{path}::{name}", status=Verdict.REMOVED, reason="only the baseline has it")
        for path, (baseline, head) in files.items()
        for name in sorted(benchmark_names(baseline, prefixes) - benchmark_names(head, prefixes))
    ]


def _names(body: Iterable[ast.stmt], scope: str, prefixes: tuple[str, ...]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _names(node.body, f"{scope}{node.name}::", prefixes)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith(prefixes):
            arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
            if FIXTURES & {argument.arg for argument in arguments}:
                yield f"{scope}{node.name}"
