"""Largest first: the order in which tests with budgets pack the cards best, the same in every worker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pytest_maint.vram.request import request_of

if TYPE_CHECKING:
    import pytest


def largest_first(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """``items`` with those that have a budget first, by size; the others stay in their order.

    Tests that share a value of a fixture parametrised for a class, module, package or session stay together,
    where the largest of them belongs: apart, the fixture would be set up twice. A whole card is the largest.
    """
    groups: dict[object, list[pytest.Item]] = {}
    others: list[pytest.Item] = []
    for item in items:
        if _size(item) is None:
            others.append(item)
        else:
            groups.setdefault(_shared(item) or item, []).append(item)
    ordered = sorted(groups.values(), key=lambda group: max(map(_known_size, group)), reverse=True)
    return [item for group in ordered for item in group] + others


def _size(item: pytest.Item) -> float | None:
    request = request_of(item)
    if request is None:
        return None
    return float("inf") if request.exclusive else request.budget


def _known_size(item: pytest.Item) -> float:
    return _size(item) or 0.0


def _shared(item: pytest.Item) -> tuple[object, ...]:
    """The values of wider fixtures that this test is run with; pytest groups by them likewise."""
    callspec = getattr(item, "callspec", None)
    scopes = getattr(callspec, "_arg2scope", {})  # not public: without it, nothing is kept together
    wider = [name for name, scope in scopes.items() if scope.value != "function"]
    return tuple(sorted((name, callspec.indices[name]) for name in wider)) if callspec is not None else ()
