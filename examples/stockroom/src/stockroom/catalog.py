"""The catalogue: what the warehouse sells, at which price, and how much of it is there."""

from __future__ import annotations

import bisect
import csv
from collections.abc import Collection, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Product:
    """One product; ``price`` is in cents."""

    sku: str
    name: str
    price: int
    stock: int


def read_catalog(lines: Iterable[str]) -> dict[str, Product]:
    """Products by SKU, from lines of ``sku,name,price,stock`` with the price in euros."""
    products = (
        Product(sku, name, round(float(price) * 100), int(stock))
        for sku, name, price, stock in csv.reader(lines)
    )
    return {product.sku: product for product in products}


def read_discontinued(lines: Iterable[str]) -> Collection[str]:
    """The SKUs that may no longer be ordered, one a line; ``#`` starts a comment."""
    return frozenset(sku for line in lines if (sku := line.partition("#")[0].strip()))


def with_prefix(skus: list[str], prefix: str) -> list[str]:
    """All of the sorted ``skus`` that start with ``prefix``."""
    first = bisect.bisect_left(skus, prefix)
    last = bisect.bisect_left(skus, prefix + "\U0010ffff")
    return skus[first:last]


def low_stock(catalog: dict[str, Product], limit: int) -> list[Product]:
    """Products with at most ``limit`` pieces left, scarcest first."""
    scarce = [product for product in catalog.values() if product.stock <= limit]
    return sorted(scarce, key=lambda product: (product.stock, product.sku))
