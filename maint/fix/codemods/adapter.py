"""A fix as a libcst codemod: libcst finds, reads and writes the files, the fix proposes the edits."""

from __future__ import annotations

from pathlib import Path

import libcst
from libcst.codemod import CodemodCommand, SkipFile

from maint.errors import MaintError
from maint.fix.proposal import Import
from maint.fix.source import Source
from maint.fix.table import Fix, fixed
from maint.fix.target import Target
from maint.lint.settings import Settings


class FixCommand(CodemodCommand):
    """Subclasses name the fix and its code."""

    CODE: str
    FIX: Fix
    registry: Import | None = None

    def transform_module_impl(self, tree: libcst.Module) -> libcst.Module:
        """The module with all that the fix proposes; libcst reports a file that is skipped."""
        path = Path(self.context.filename or "module.py").absolute()
        if path.is_relative_to(Path.cwd()):
            path = path.relative_to(Path.cwd())
        settings = Settings({"select": (self.CODE,)})
        try:
            target = Target(Source(path.as_posix(), tree.bytes), settings, self.registry)
            change, refused = fixed(target, lambda each: list(type(self).FIX(each)))
        except MaintError as error:
            raise SkipFile(str(error)) from None
        if change is None and refused:
            raise SkipFile(refused[0])
        self.context.warnings.extend(refused)
        return tree if change is None else libcst.parse_module(change.after.content)
