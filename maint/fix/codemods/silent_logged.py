"""``python -m libcst.tool codemod -x maint.fix.codemods.silent_logged.SilentLogged``."""

from __future__ import annotations

from maint.fix.codemods.adapter import FixCommand
from maint.fix.fixes import silent_logged


class SilentLogged(FixCommand):
    """The fix of the same name."""

    DESCRIPTION = "a silent broad handler logs what it ignores"
    CODE = silent_logged.CODE
    FIX = staticmethod(silent_logged.proposals)
