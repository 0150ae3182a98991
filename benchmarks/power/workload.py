"""Fourteen small workloads whose amount of work is a number of units: 100, or 135 for a true +35 %."""

from __future__ import annotations

import json
import re
import statistics
from collections.abc import Callable
from typing import Any

from units import UNITS

_LINE = re.compile(r"(?P<key>\w+)=(?P<value>\d+);?")


class Point:
    def __init__(self, x: int, y: int) -> None:
        self.x, self.y = x, y

    def moved(self, by: int) -> Point:
        return Point(self.x + by, self.y + by)


def _arithmetic(n: int) -> int:
    total = 0
    for i in range(40):
        total += i * n % 7
    return total


def _strings(n: int) -> str:
    return "-".join(f"{n:x}{i}" for i in range(15)).upper()


def _dictionary(n: int) -> int:
    table = {f"k{i}": i for i in range(20)}
    return sum(table[f"k{i}"] for i in range(20)) + n


def _sorting(n: int) -> list[int]:
    return sorted((i * 7919 + n) % 101 for i in range(40))


def _objects(n: int) -> int:
    point = Point(n, n)
    for i in range(8):
        point = point.moved(i)
    return point.x


def _json(n: int) -> Any:
    return json.loads(json.dumps({"id": n, "rows": [n, n + 1, {"a": None}]}))


def _regex(n: int) -> list[tuple[str, str]]:
    return _LINE.findall(f"a={n};b={n + 1};c={n + 2};")


def _recursion(n: int, depth: int = 12) -> int:
    return n if depth == 0 else _recursion(n + 1, depth - 1)


def _generator(n: int) -> int:
    return sum(i for i in (x + n for x in range(40)) if i % 2)


def _closures(n: int) -> int:
    steps = [lambda value, i=i: value + i for i in range(10)]
    for step in steps:
        n = step(n)
    return n


def _exceptions(n: int) -> int:
    caught = 0
    for i in range(5):
        try:
            raise ValueError(i)
        except ValueError:
            caught += 1
    return caught + n


def _statistics(n: int) -> float:
    return statistics.pvariance([n, n + 1, n + 4])


def _sets(n: int) -> int:
    return len({i % 13 for i in range(30)} & {i % 7 for i in range(n % 5, 30)})


def _bytes(n: int) -> int:
    return len(bytes(range(64)).replace(b"\x05", b"xx").hex()) + n


UNIT: dict[str, Callable[[int], Any]] = {
    "arithmetic": _arithmetic,
    "bytes": _bytes,
    "closures": _closures,
    "dictionary": _dictionary,
    "exceptions": _exceptions,
    "generator": _generator,
    "json": _json,
    "objects": _objects,
    "recursion": _recursion,
    "regex": _regex,
    "sets": _sets,
    "sorting": _sorting,
    "statistics": _statistics,
    "strings": _strings,
}


def work(name: str) -> None:
    """Do the units of ``name``."""
    unit = UNIT[name]
    for n in range(UNITS[name]):
        unit(n)
