"""What an expression may come to: a form that can be stored, and evaluated once other files are known."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import NamedTuple

import msgspec

# What is not known, inside of a text whose rest is: "tcp://\N{HOLE}:5556" has a port and no host.
HOLE = "\ufffc"
HIGH, MEDIUM, LOW = 0, 1, 2
CONFIDENCES = ("high", "medium", "low")
_MOST = 64
_DEEPEST = 24


class Text(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """A string."""

    value: str


class Number(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """A whole number."""

    value: int


class Opaque(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """Something that only the running program knows."""


class Join(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """Texts one after the other: an f-string, a template."""

    parts: tuple[Expression, ...]


class Pair(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """An address ``(host, port)``."""

    host: Expression
    port: Expression


class Sum(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """Two values and the operator between them; ``int`` makes a number of ``left``."""

    operator: str
    left: Expression
    right: Expression


class Each(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """All of these, one after the other: the values of a loop, the callers of a function."""

    choices: tuple[Expression, ...]


class OneOf(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """One of these, and which is not known."""

    choices: tuple[Expression, ...]


class First(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """The first of these that is there: ``a or b``."""

    choices: tuple[Expression, ...]


class Soft(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """A value that something outside of the code may replace: a default, a fallback."""

    value: Expression


class Ref(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """A dotted name of another module; a ``module`` that begins with ``/`` is a path without its ``.py``."""

    module: str
    name: str


class Named(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """The port that the registry holds under ``name``."""

    name: str


Expression = Text | Number | Opaque | Join | Pair | Sum | Each | OneOf | First | Soft | Ref | Named
UNKNOWN = Opaque()
Value = str | int | tuple[object, object]


class Known(NamedTuple):
    """A value with how sure it is (`HIGH` to `LOW`), and the registered names that are in it."""

    value: Value
    doubt: int = HIGH
    names: tuple[str, ...] = ()

    @property
    def is_hole(self) -> bool:
        return self.value == HOLE


class World(NamedTuple):
    """Where names lead: ``find`` follows a reference, ``port`` a registered name; both None for nowhere."""

    find: Callable[[Ref], Expression | None]
    port: Callable[[str], int | None]


NOWHERE = World(lambda _: None, lambda _: None)


def evaluate(expression: Expression, world: World = NOWHERE) -> list[Known]:
    """The values an expression may have, never none: what is not known is a hole. Raises nothing."""
    return _evaluate(expression, world, 0)[:_MOST]


def _evaluate(expression: Expression, world: World, depth: int) -> list[Known]:
    if depth > _DEEPEST:
        return [Known(HOLE)]
    match expression:
        case Text(value) | Number(value):
            return [Known(value)]
        case Named(name):
            port = world.port(name)
            return [Known(HOLE if port is None else port, names=(name,))]
        case Ref():
            found = world.find(expression)
            return [Known(HOLE)] if found is None else _evaluate(found, world, depth + 1)
        case Soft(value):
            return [one._replace(doubt=max(one.doubt, MEDIUM)) for one in _evaluate(value, world, depth + 1)]
        case Each(choices):
            each = _distinct(one for choice in choices for one in _evaluate(choice, world, depth + 1))
            return each or [Known(HOLE)]
        case OneOf(choices):
            return _one_of([one for choice in choices for one in _evaluate(choice, world, depth + 1)])
        case First(choices):
            return _first(choices, world, depth)
        case Join(parts):
            return _product(parts, world, depth, _joined)
        case Pair(host, port):
            return _product((host, port), world, depth, lambda values: (values[0], values[1]))
        case Sum(operator, left, right):
            return _product((left, right), world, depth, lambda values: _reckoned(operator, *values))
        case Opaque():
            return [Known(HOLE)]


def _product(
    parts: tuple[Expression, ...], world: World, depth: int, make: Callable[[list[Value]], Value]
) -> list[Known]:
    found = [_evaluate(part, world, depth + 1)[:_MOST] for part in parts]
    results = []
    for chosen in itertools.islice(itertools.product(*found), _MOST + 1):
        doubt = max((one.doubt for one in chosen), default=HIGH)
        names = tuple(name for one in chosen for name in one.names)
        results.append(Known(make([one.value for one in chosen]), doubt, names))
    return _distinct(results) if len(results) <= _MOST else [Known(HOLE)]


def _joined(values: list[Value]) -> Value:
    return HOLE if any(isinstance(one, tuple) for one in values) else "".join(map(str, values))


def _one_of(found: list[Known]) -> list[Known]:
    """The known ones; they are in doubt where there are several, or where one is not known."""
    known = _distinct(one for one in found if not one.is_hole and one.value != "")
    if not known:
        return [Known(HOLE, names=found[0].names if found else ())]
    doubt = LOW if len({one.value for one in known}) > 1 else HIGH
    if any(one.is_hole for one in found):
        doubt = max(doubt, MEDIUM)
    return [one._replace(doubt=max(one.doubt, doubt)) for one in known]


def _first(choices: tuple[Expression, ...], world: World, depth: int) -> list[Known]:
    doubt = HIGH
    for choice in choices:
        known = [one for one in _evaluate(choice, world, depth + 1) if one.value not in (HOLE, "", 0)]
        if known:
            return [one._replace(doubt=max(one.doubt, doubt)) for one in known]
        doubt = MEDIUM
    return [Known(HOLE)]


def _reckoned(operator: str, left: Value, right: Value) -> Value:
    if operator == "int":
        return _whole(left)
    if isinstance(left, int) and isinstance(right, int):
        return _calculated(operator, left, right)
    is_text = isinstance(left, str) and isinstance(right, str)
    # "a" + hole is text whose end is not known; 5 + hole may be anything
    return f"{left}{right}" if operator == "+" and is_text and (left, right) != (HOLE, HOLE) else HOLE


def _calculated(operator: str, left: int, right: int) -> Value:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*" if max(abs(left), abs(right)) < 1 << 32:
            return left * right
        case "//" if right:
            return left // right
        case "%" if right:
            return left % right
        case _:
            return HOLE


def _whole(value: Value) -> Value:
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdecimal() and len(value) < 20:
        return int(value)
    return value if isinstance(value, int) else HOLE


def _distinct(found: Iterable[Known]) -> list[Known]:
    """Each value once, with the least doubt it was seen with."""
    best: dict[Value, Known] = {}
    for one in found:
        if one.value not in best or one.doubt < best[one.value].doubt:
            best[one.value] = one
    return list(best.values())[: _MOST + 1]
