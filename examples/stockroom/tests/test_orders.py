from __future__ import annotations

from stockroom.catalog import Product, low_stock, read_catalog, read_discontinued, with_prefix
from stockroom.orders import Line, acceptable, invoice_total

CATALOG = read_catalog(["LAMP-1,desk lamp,19.90,3", "BULB-1,bulb,1.05,900", "VASE-1,vase,7.00,0"])


def test_prices_are_read_to_the_cent() -> None:
    assert CATALOG["LAMP-1"] == Product("LAMP-1", "desk lamp", 1990, 3)


def test_only_what_can_be_served_is_accepted() -> None:
    lines = [Line("LAMP-1", 2), Line("LAMP-1", 9), Line("NONE-1", 1), Line("BULB-1", 5)]
    discontinued = read_discontinued(["# since spring", "BULB-1  # leaks"])
    assert acceptable(lines, CATALOG, discontinued) == [Line("LAMP-1", 2)]


def test_large_quantities_are_cheaper() -> None:
    assert invoice_total([Line("BULB-1", 1), Line("BULB-1", 100)], CATALOG) == 105 + 9765


def test_a_prefix_finds_its_range() -> None:
    assert with_prefix(sorted(CATALOG), "BU") == ["BULB-1"]


def test_scarce_products_come_first() -> None:
    assert [product.sku for product in low_stock(CATALOG, 3)] == ["VASE-1", "LAMP-1"]
