"""``python -m libcst.tool codemod -x maint.fix.codemods.bare_except.BareExcept``."""

from __future__ import annotations

from maint.fix.codemods.adapter import FixCommand
from maint.fix.fixes import bare_except


class BareExcept(FixCommand):
    """The fix of the same name."""

    DESCRIPTION = "except: that goes on becomes except Exception:"
    CODE = bare_except.CODE
    FIX = staticmethod(bare_except.proposals)
