"""``except:`` that goes on: ``except Exception:``. Unsafe, Ctrl-C and ``sys.exit`` come through then."""

from __future__ import annotations

from collections.abc import Iterator

from maint.fix.fixes.bare_reraise import named
from maint.fix.proposal import Proposal
from maint.fix.target import Target

CODE = "E900"


def proposals(target: Target) -> Iterator[Proposal]:
    """One for each bare handler that E900 reports."""
    for handler in target.reported(CODE):
        if handler.node.type is None:
            yield from named(target.source, handler, "Exception", safe=False)
