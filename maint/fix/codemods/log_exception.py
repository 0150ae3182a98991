"""``python -m libcst.tool codemod -x maint.fix.codemods.log_exception.LogException``."""

from __future__ import annotations

from maint.fix.codemods.adapter import FixCommand
from maint.fix.fixes import log_exception


class LogException(FixCommand):
    """The fix of the same name."""

    DESCRIPTION = "error() in a broad handler becomes exception()"
    CODE = log_exception.CODE
    FIX = staticmethod(log_exception.proposals)
