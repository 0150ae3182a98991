"""The one error of the strategies."""

from __future__ import annotations

from maint.errors import MaintError


class CannotGenerate(MaintError):
    """No message of a model can be made; names the field, and what to do."""


def cannot(where: str, reason: str) -> CannotGenerate:
    """The sentence for the field at ``where``, such as ``Order.lines.sku``."""
    model, _, field = where.partition(".")
    remedy = f'overrides={{"{field}": strategy}}' if field else "a model whose fields have types"
    return CannotGenerate(f"{model}{'.' if field else ''}{field}: {reason}; give {remedy}")
