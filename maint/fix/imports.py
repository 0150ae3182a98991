"""Imports that an edit needs, added where libcst puts them, as edits of their own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from maint.errors import InputError
from maint.extras import require
from maint.fix.proposal import Edit, Import
from maint.fix.source import Source


def import_edits(source: Source, wanted: Iterable[Import]) -> list[Edit]:
    """One edit a module that is not imported yet; raises MaintError without libcst or where it fails."""
    modules: dict[str, list[str]] = {}
    for module, name in sorted(set(wanted)):
        modules.setdefault(module, []).append(name)
    if not modules:
        return []
    require("fix")
    found = (_edit(source, module, names) for module, names in modules.items())
    return [edit for edit in found if edit.text]


def _edit(source: Source, module: str, names: list[str]) -> Edit:
    import libcst
    from libcst.codemod import CodemodContext
    from libcst.codemod.visitors import AddImportsVisitor

    context = CodemodContext()
    for name in names:
        AddImportsVisitor.add_needed_import(context, module, name or None)
    try:
        tree: Any = libcst.parse_module(source.text)
        # it forgets the space in "except :", for one, and the edit must not touch that
        if tree.code != source.text:
            raise InputError(f"{source.path}: libcst does not give it back as it is; add the import by hand")
        after: str = AddImportsVisitor(context).transform_module(tree).code
    except libcst.ParserSyntaxError:
        raise InputError(f"{source.path}: libcst cannot read it; edit it by hand") from None
    return difference(source.text, after)


def difference(before: str, after: str) -> Edit:
    """The one edit that leads from ``before`` to ``after``, as short as whole lines allow."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    shortest = min(len(old), len(new))
    head = next((i for i in range(shortest) if old[i] != new[i]), shortest)
    tail = next((i for i in range(shortest - head) if old[-1 - i] != new[-1 - i]), shortest - head)
    start = sum(map(len, old[:head]))
    end = start + sum(map(len, old[head : len(old) - tail]))
    return Edit(start, end, "".join(new[head : len(new) - tail]))
