"""``python -m libcst.tool codemod -x maint.fix.codemods.literal_port.LiteralPort --get-port MODULE``."""

from __future__ import annotations

import argparse

from libcst.codemod import CodemodContext

from maint.fix.codemods.adapter import FixCommand
from maint.fix.fixes import literal_port
from maint.fix.proposal import Import


class LiteralPort(FixCommand):
    """The fix of the same name; ``get_port`` is the module that has the function of that name."""

    DESCRIPTION = 'a literal port becomes get_port("NAME"), which the registry has to know'
    CODE = literal_port.CODE
    FIX = staticmethod(literal_port.proposals)

    @staticmethod
    def add_args(parser: argparse.ArgumentParser) -> None:
        """Where get_port comes from."""
        parser.add_argument(
            "--get-port", metavar="MODULE", help="the module that has get_port", required=True
        )

    def __init__(self, context: CodemodContext, get_port: str) -> None:
        super().__init__(context)
        self.registry = Import(get_port, "get_port")
