"""The kinds of models, their fields, and how one is made of values."""

from __future__ import annotations

import dataclasses
import sys
import typing
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import msgspec

from .errors import CannotGenerate

# of typing and typing_extensions, which are not always the same objects
_QUALIFIERS = {"Required", "NotRequired", "ReadOnly", "Final"}
Make = Callable[[Mapping[str, Any]], Any]


class Field(msgspec.Struct, frozen=True):
    """``key`` is the name on the wire; ``hint`` has the constraints as ``Annotated``."""

    name: str
    key: str
    hint: Any
    required: bool


class Kind(msgspec.Struct, frozen=True):
    """One way of declaring a model; ``maker`` gives a function from values by name, which may refuse them."""

    name: str
    fields: Callable[[Any], list[Field]]
    maker: Callable[[Any, list[Field]], Make]


def kind_of(model: Any) -> Kind | None:
    """The kind of model that a type is; None for other types."""
    if not isinstance(model, type):
        return None
    if "__pydantic_fields__" in vars(model) or hasattr(model, "__pydantic_fields__"):
        return PYDANTIC
    if issubclass(model, msgspec.Struct):
        return MSGSPEC
    if dataclasses.is_dataclass(model):
        return DATACLASS
    if issubclass(model, dict) and hasattr(model, "__required_keys__"):
        return TYPED_DICT
    if issubclass(model, tuple) and hasattr(model, "_fields"):
        return NAMED_TUPLE
    return None


def name_of(hint: Any) -> str:
    """A type as its author would write it."""
    return getattr(hint, "__name__", None) or str(hint).replace("typing.", "")


def has_pydantic(hint: Any, seen: set[Any] | None = None) -> bool:
    """Whether a type is, or contains, a model of pydantic."""
    seen = set() if seen is None else seen
    kind = kind_of(hint)
    if kind is None:
        return any(has_pydantic(each, seen) for each in typing.get_args(hint))
    if kind is PYDANTIC or hint in seen:
        return kind is PYDANTIC
    seen.add(hint)
    return any(has_pydantic(each.hint, seen) for each in kind.fields(hint))


def _hints(model: type) -> dict[str, Any]:
    try:
        hints = typing.get_type_hints(model, include_extras=True)
        return {name: _unqualified(hint) for name, hint in hints.items()}
    except NameError as error:
        raise CannotGenerate(
            f"{model.__name__}: {error}, which an annotation names; define it in the module of the model"
        ) from None


def _unqualified(hint: Any) -> Any:
    while str(typing.get_origin(hint)).rpartition(".")[2] in _QUALIFIERS:
        hint = typing.get_args(hint)[0]
    return hint


def _of_dataclass(model: Any) -> list[Field]:
    hints, none = _hints(model), dataclasses.MISSING
    return [
        Field(each.name, each.name, hints[each.name], each.default is none and each.default_factory is none)
        for each in dataclasses.fields(model)
        if each.init
    ]


def _of_typed_dict(model: Any) -> list[Field]:
    hints = _hints(model)
    return [Field(name, name, hint, name in model.__required_keys__) for name, hint in hints.items()]


def _of_named_tuple(model: Any) -> list[Field]:
    hints = _hints(model)
    return [
        Field(name, name, hints.get(name, Any), name not in model._field_defaults) for name in model._fields
    ]


def _of_msgspec(model: Any) -> list[Field]:
    try:
        found = msgspec.structs.fields(model)
    except NameError as error:
        raise CannotGenerate(
            f"{model.__name__}: {error}, which an annotation names; define it in the module of the model"
        ) from None
    return [Field(each.name, each.encode_name, each.type, each.required) for each in found]


def _of_pydantic(model: Any) -> list[Field]:
    pydantic = sys.modules["pydantic"]
    rebuild = getattr(model, "model_rebuild", None)
    try:
        (rebuild or pydantic.dataclasses.rebuild_dataclass)()
    except (NameError, pydantic.PydanticUserError) as error:
        raise CannotGenerate(
            f"{model.__name__}: {str(error).splitlines()[0]}; define what it names in the module of the model"
        ) from None
    return [
        Field(name, _key(name, each), _annotated(each.annotation, each.metadata), each.is_required())
        for name, each in model.__pydantic_fields__.items()
        if getattr(each, "init", None) is not False
    ]


def _annotated(hint: Any, metadata: list[Any]) -> Any:
    return Annotated[(hint, *metadata)] if metadata else hint


def _key(name: str, field: Any) -> str:
    alias = field.validation_alias if field.validation_alias is not None else field.alias
    choices = getattr(alias, "choices", (alias,))
    return next((each for each in choices if isinstance(each, str)), name)


def _pydantic_maker(model: Any, fields: list[Field]) -> Make:
    from pydantic import RootModel, TypeAdapter

    adapter: TypeAdapter[Any] = TypeAdapter(model)
    keys = {each.name: each.key for each in fields}
    if issubclass(model, RootModel):
        return lambda values: adapter.validate_python(values["root"]) if values else model()
    return lambda values: adapter.validate_python({keys[name]: each for name, each in values.items()})


def _calling(model: Any, _: list[Field]) -> Make:
    return lambda values: model(**values)


PYDANTIC = Kind("pydantic", _of_pydantic, _pydantic_maker)
MSGSPEC = Kind("msgspec", _of_msgspec, _calling)
DATACLASS = Kind("dataclass", _of_dataclass, _calling)
TYPED_DICT = Kind("TypedDict", _of_typed_dict, lambda *_: dict)
NAMED_TUPLE = Kind("NamedTuple", _of_named_tuple, _calling)
