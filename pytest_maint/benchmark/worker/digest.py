"""A digest of a benchmark's return value that two processes can compare without sharing the value."""

from __future__ import annotations

import dataclasses
import enum
import hashlib
from collections.abc import Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePath
from typing import Any
from uuid import UUID

_SCALARS = (bool, int, float, complex, str, bytes, bytearray, Decimal, Fraction, date, time, timedelta, UUID)
_MOST_VALUES = 200_000


class _Opaque(Exception):
    """A value that has no content to compare: a generator, a lock, a module, something too large."""


def digest(value: object, root: str) -> str | None:
    """Hash the content of ``value``: 16 hex digits, or None where content cannot be compared.

    Containers, dataclasses, enumerations and plain objects (``__dict__`` or ``__slots__``) are walked by
    value; unordered ones in a canonical order. ``root``, the tree the process runs in, is masked in strings.
    """
    walk = _Walk(root)
    try:
        return walk.hash(value).hex()[:16]
    except Exception:  # noqa: BLE001, E900, MNT010 - the value's own code runs here, and may raise anything
        return None


class _Walk:
    def __init__(self, root: str) -> None:
        self._root = root
        self._open: set[int] = set()
        self._left = _MOST_VALUES

    def hash(self, value: object) -> bytes:
        self._left -= 1
        if self._left < 0:
            raise _Opaque
        if value is None or isinstance(value, (*_SCALARS, enum.Enum, PurePath, type)):
            return self._leaf(value)
        if id(value) in self._open:
            return b"cycle"
        self._open.add(id(value))
        try:
            return self._combine(value)
        except RecursionError:
            raise _Opaque from None
        finally:
            self._open.discard(id(value))

    def _leaf(self, value: object) -> bytes:
        if isinstance(value, enum.Enum | type):
            text = getattr(value, "name", getattr(value, "__qualname__", ""))
        elif isinstance(value, int) and not isinstance(value, bool):
            text = f"{int(value):x}"  # decimal digits are limited in number, and quadratic in time
        else:
            text = str(value) if isinstance(value, str | PurePath) else repr(value)
        return _sha(type(value).__name__, text.replace(self._root, "."))

    def _combine(self, value: object) -> bytes:
        name = type(value).__name__
        if isinstance(value, dict):
            items = (self.hash(key) + self.hash(item) for key, item in value.items())
            return _sha(name, *sorted(items))
        if isinstance(value, set | frozenset):
            return _sha(name, *sorted(self.hash(item) for item in value))
        if isinstance(value, list | tuple):
            return _sha(name, *(self.hash(item) for item in value))
        parts = sorted(_attributes(value), key=lambda part: part[0])
        if not parts:
            raise _Opaque
        return _sha(name, *(_sha(key, self.hash(item)) for key, item in parts))


def _attributes(value: object) -> Iterator[tuple[str, Any]]:
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            if field.compare:
                yield field.name, getattr(value, field.name)
        return
    if type(value).__module__ == "builtins" or callable(value):
        return
    yield from getattr(value, "__dict__", {}).items()
    for cls in type(value).__mro__:
        slots = cls.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name not in ("__dict__", "__weakref__") and hasattr(value, name):
                yield name, getattr(value, name)


def _sha(*parts: str | bytes) -> bytes:
    total = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        total.update(len(data).to_bytes(8, "big") + data)
    return total.digest()
