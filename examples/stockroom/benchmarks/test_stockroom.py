"""What a busy Monday morning asks of the library."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from stockroom.catalog import Product, low_stock, read_catalog, read_discontinued, with_prefix
from stockroom.orders import Line, acceptable, invoice_total

FAMILIES = ("LAMP", "BULB", "VASE", "DESK", "SOFA", "RUGS")


def price_list(products: int) -> list[str]:
    chance = random.Random(1)
    return [
        f"{chance.choice(FAMILIES)}-{number:04},article {number},{chance.uniform(1, 90):.2f},{number % 300}"
        for number in range(products)
    ]


@pytest.fixture(scope="module")
def catalog() -> dict[str, Product]:
    return read_catalog(price_list(800))


@pytest.fixture(scope="module")
def order(catalog: dict[str, Product]) -> list[Line]:
    chance = random.Random(2)
    return [Line(chance.choice(list(catalog)), chance.randint(1, 250)) for _ in range(1000)]


def test_read_catalog(benchmark: Callable[..., Any]) -> None:
    assert len(benchmark(read_catalog, price_list(800))) == 800


def test_accept_order(benchmark: Callable[..., Any], catalog: dict[str, Product], order: list[Line]) -> None:
    discontinued = read_discontinued(f"{sku}  # sold out" for sku in list(catalog)[::100])
    assert benchmark(acceptable, order, catalog, discontinued)


def test_invoice(benchmark: Callable[..., Any], catalog: dict[str, Product], order: list[Line]) -> None:
    assert benchmark(invoice_total, order, catalog) > 0


def test_low_stock(benchmark: Callable[..., Any], catalog: dict[str, Product]) -> None:
    assert benchmark(low_stock, catalog, 40)


@pytest.mark.parametrize("prefix", ["LAMP", "RUGS-01"])
def test_prefix_search(benchmark: Callable[..., Any], catalog: dict[str, Product], prefix: str) -> None:
    skus = sorted(catalog)
    assert benchmark(with_prefix, skus, prefix)
