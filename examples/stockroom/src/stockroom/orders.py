"""Orders: which lines can be served, and what an order costs."""

from __future__ import annotations

import bisect
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from stockroom.catalog import Product

DISCOUNT_FROM = (10, 50, 200)
DISCOUNT_PERCENT = (0, 3, 7, 12)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order."""

    sku: str
    quantity: int


def acceptable(
    lines: Iterable[Line], catalog: dict[str, Product], discontinued: Collection[str]
) -> list[Line]:
    """The lines that can be served: known, not discontinued, and enough in stock."""
    accepted = []
    for line in lines:
        product = catalog.get(line.sku)
        if product is None or line.sku in discontinued:
            continue
        if product.stock >= line.quantity:
            accepted.append(line)
    return accepted


def invoice_total(lines: Iterable[Line], catalog: dict[str, Product]) -> int:
    """What the lines cost in cents, after the discount on large quantities."""
    total = 0
    for line in lines:
        gross = catalog[line.sku].price * line.quantity
        percent = DISCOUNT_PERCENT[bisect.bisect_right(DISCOUNT_FROM, line.quantity)]
        total += gross * (100 - percent) // 100
    return total
