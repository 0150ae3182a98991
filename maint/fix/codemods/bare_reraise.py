"""``python -m libcst.tool codemod -x maint.fix.codemods.bare_reraise.BareReraise``."""

from __future__ import annotations

from maint.fix.codemods.adapter import FixCommand
from maint.fix.fixes import bare_reraise


class BareReraise(FixCommand):
    """The fix of the same name."""

    DESCRIPTION = "except: that re-raises becomes except BaseException:"
    CODE = bare_reraise.CODE
    FIX = staticmethod(bare_reraise.proposals)
