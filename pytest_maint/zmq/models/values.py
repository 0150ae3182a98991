"""Types to strategies: what a hint allows is generated; what cannot be is a sentence about the field."""

from __future__ import annotations

import collections.abc as abc
import enum
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec
from hypothesis import strategies as st

from .constraints import Constraints
from .errors import CannotGenerate, cannot
from .fields import PYDANTIC, Field, Kind, kind_of, name_of
from .refusal import guarded
from .scalars import SCALARS, datetimes
from .texts import texts

Strategy = st.SearchStrategy[Any]
Overrides = Mapping[str, Strategy]

_COLLECTIONS: dict[Any, Callable[..., Strategy]] = {
    list: st.lists,
    abc.Sequence: st.lists,
    abc.MutableSequence: st.lists,
    abc.Collection: st.lists,
    abc.Iterable: st.lists,
    set: st.sets,
    abc.Set: st.sets,
    abc.MutableSet: st.sets,
    frozenset: st.frozensets,
}
_MAPPINGS = {dict, abc.Mapping, abc.MutableMapping}
_SMALL = 2
_PYDANTIC_TIMES = {"AwareDatetime": True, "NaiveDatetime": False}


class Values:
    """Strategies of one root type. ``overrides`` are by path, ``lines.sku`` for the field of an element."""

    def __init__(self, root: Any, overrides: Overrides) -> None:
        self._unused = set(overrides)
        self._known: dict[Any, Strategy] = {}
        self._building: dict[Any, int] = {}
        self._recursions = 0
        self._ways_out = 0  # unions, containers and fields with defaults around the hint in hand
        self._within_pydantic = False
        self.strategy = self._value(root, Constraints(), name_of(root), overrides)
        if self._unused:
            raise CannotGenerate(
                f"overrides: {name_of(root)} has no field {sorted(self._unused)[0]!r}; "
                "name a field, or a path such as 'lines.sku'"
            )

    def _value(self, hint: Any, limits: Constraints, where: str, overrides: Overrides) -> Strategy:
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin is typing.Annotated:
            base, *metadata = arguments
            given = next((each for each in metadata if isinstance(each, st.SearchStrategy)), None)
            if given is not None:
                return given
            return self._value(base, limits.and_of(metadata), where, overrides)
        alias = getattr(hint, "__supertype__", None) or getattr(hint, "__value__", None)
        if alias is not None:  # NewType, and the type statement
            return self._value(alias, limits, where, overrides)
        if origin in (typing.Union, types.UnionType):
            members = [each for each in arguments if each is not msgspec.UnsetType]
            with self._way_out(len(members) > 1):
                return st.one_of([self._value(each, limits, where, overrides) for each in members])
        if origin is typing.Literal:
            return st.sampled_from(arguments)
        kind = kind_of(hint)
        if kind is not None:
            return self._model(hint, kind, where, overrides)
        if (origin or hint) in _COLLECTIONS or (origin or hint) in _MAPPINGS or (origin or hint) is tuple:
            return self._container(origin or hint, arguments or (Any, ...), limits, where, overrides)
        return self._scalar(hint, limits, where)

    def _scalar(self, hint: Any, limits: Constraints, where: str) -> Strategy:
        if hint in (Any, object):
            return st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text()
        if hint is str:
            return texts(limits, where, rust=self._within_pydantic)
        if hint is bytes and self._within_pydantic:
            # pydantic writes bytes as text into JSON
            return limits.sizing(st.text().map(str.encode))
        if isinstance(hint, type) and issubclass(hint, enum.Enum):
            return st.sampled_from(hint)
        if getattr(hint, "__module__", "") == "pydantic.types" and hint.__name__ in _PYDANTIC_TIMES:
            return datetimes(msgspec.structs.replace(limits, tz=_PYDANTIC_TIMES[hint.__name__]))
        if isinstance(hint, typing.Hashable) and hint in SCALARS:
            return SCALARS[hint](limits)
        raise cannot(where, f"no strategy for {name_of(hint)}")

    def _container(
        self, origin: Any, arguments: tuple[Any, ...], limits: Constraints, where: str, overrides: Overrides
    ) -> Strategy:
        none = Constraints()
        if origin is tuple and arguments[-1] is not ...:
            return st.tuples(*(self._value(each, none, where, overrides) for each in arguments))
        before = self._recursions
        least, most = limits.min_length or 0, limits.max_length
        with self._way_out(least == 0):
            parts = [self._value(each, none, where, overrides) for each in arguments if each is not ...]
        if self._recursions > before:  # or a tree grows faster than it ends
            most = max(least, _SMALL) if most is None else min(most, max(least, _SMALL))
        if origin in _MAPPINGS:
            key, value = parts if len(parts) == 2 else (st.text(), parts[0])
            return limits.sizing(st.dictionaries(key, value, min_size=least, max_size=most))
        if origin is tuple:
            return limits.sizing(st.lists(parts[0], min_size=least, max_size=most).map(tuple))
        return limits.sizing(_COLLECTIONS[origin](parts[0], min_size=least, max_size=most))

    def _model(self, model: Any, kind: Kind, where: str, overrides: Overrides) -> Strategy:
        key = (model, tuple(sorted((path, id(strategy)) for path, strategy in overrides.items())))
        if key in self._known:
            inside = f"{where.partition('.')[2]}."
            self._unused = {path for path in self._unused if not path.startswith(inside)}
            if self._building.get(key) == self._ways_out:
                raise cannot(where, f"{name_of(model)} contains itself without an end")
            self._recursions += key in self._building
            return self._known[key]
        self._known[key] = st.deferred(lambda: built[0])
        self._building[key] = self._ways_out
        around = self._within_pydantic
        self._within_pydantic |= kind is PYDANTIC
        built = [self._build(model, kind, where, overrides)]
        self._within_pydantic = around
        del self._building[key]
        self._known[key] = built[0]
        return built[0]

    @contextmanager
    def _way_out(self, there: bool) -> Iterator[None]:
        self._ways_out += there
        yield
        self._ways_out -= there

    def _build(self, model: Any, kind: Kind, where: str, overrides: Overrides) -> Strategy:
        fields = kind.fields(model)
        strategies = {each.name: self._field(each, where, overrides) for each in fields}
        required = {each.name: strategies[each.name] for each in fields if each.required}
        optional = {name: strategy for name, strategy in strategies.items() if name not in required}
        values = st.fixed_dictionaries(required, optional=optional)
        return guarded(values, kind.maker(model, fields), where)

    def _field(self, field: Field, where: str, overrides: Overrides) -> Strategy:
        if field.name in overrides:
            self._unused = {each for each in self._unused if not _leads(each, where, field.name)}
            return overrides[field.name]
        inner = {
            path.partition(".")[2]: strategy
            for path, strategy in overrides.items()
            if path.partition(".")[0] == field.name
        }
        with self._way_out(not field.required):
            return self._value(field.hint, Constraints(), f"{where}.{field.name}", inner)


def _leads(path: str, where: str, name: str) -> bool:
    """Whether the override at ``path`` is the one for field ``name`` of the model at ``where``."""
    return f"{where}.{name}".partition(".")[2] == path
