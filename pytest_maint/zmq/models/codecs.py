"""Models to frames and back: JSON, MessagePack, or a frame for each field."""

from __future__ import annotations

import typing
from collections.abc import Sequence
from typing import Any, Literal, Protocol

import msgspec

from maint.errors import MaintError

from .fields import NAMED_TUPLE, Field, has_pydantic, kind_of, name_of

CodecName = Literal["json", "msgpack", "multipart"]
CODECS: tuple[CodecName, ...] = ("json", "msgpack", "multipart")
_ABSENT = b""  # no JSON is empty


class Undecodable(ValueError):
    """Frames that are no message of the model."""


class Format(Protocol):
    """One type in JSON; ``read`` raises ValueError or msgspec.MsgspecError for what is not of that type."""

    def write(self, value: Any) -> bytes:
        """The JSON of a value."""

    def read(self, data: bytes) -> Any:
        """The value of some JSON."""

    def accept(self, data: Any) -> Any:
        """A value from what is decoded already."""


class MsgspecFormat:
    """Dataclasses, TypedDicts, Structs and plain types."""

    def __init__(self, type: Any) -> None:
        self._decoder = msgspec.json.Decoder(type)
        self._type = type

    def write(self, value: Any) -> bytes:
        """The JSON of a value."""
        return msgspec.json.encode(value)

    def read(self, data: bytes) -> Any:
        """The value of some JSON."""
        return self._decoder.decode(data)

    def accept(self, data: Any) -> Any:
        """A value from what is decoded already."""
        return msgspec.convert(data, self._type)


class PydanticFormat:
    """Models of pydantic, and types that contain some; names are their aliases."""

    def __init__(self, type: Any) -> None:
        from pydantic import TypeAdapter

        self._adapter: TypeAdapter[Any] = TypeAdapter(type)

    def write(self, value: Any) -> bytes:
        """The JSON of a value."""
        return self._adapter.dump_json(value, by_alias=True)

    def read(self, data: bytes) -> Any:
        """The value of some JSON."""
        return self._adapter.validate_json(data)

    def accept(self, data: Any) -> Any:
        """A value from what is decoded already."""
        return self._adapter.validate_python(data)


class Codec(Protocol):
    """``decode`` raises Undecodable; ``encode`` whatever the library does."""

    def encode(self, value: Any) -> list[bytes]:
        """The frames of a value."""

    def decode(self, frames: Sequence[bytes]) -> Any:
        """The value of some frames."""


class Json:
    """One frame of JSON."""

    def __init__(self, form: Format) -> None:
        self._form = form

    def encode(self, value: Any) -> list[bytes]:
        """The frames of a value."""
        return [self._form.write(value)]

    def decode(self, frames: Sequence[bytes]) -> Any:
        """The value of some frames."""
        return self._form.read(_only(frames))


class MsgpackOfMsgspec:
    """One frame of MessagePack, by msgspec: times and identifiers as its extensions have them."""

    def __init__(self, type: Any) -> None:
        self._decoder = msgspec.msgpack.Decoder(type)

    def encode(self, value: Any) -> list[bytes]:
        """The frames of a value."""
        return [msgspec.msgpack.encode(value)]

    def decode(self, frames: Sequence[bytes]) -> Any:
        """The value of some frames."""
        return self._decoder.decode(_only(frames))


class MsgpackOfPydantic:
    """One frame of MessagePack that holds what the JSON would: pydantic itself has no MessagePack."""

    def __init__(self, form: Format) -> None:
        self._form = form

    def encode(self, value: Any) -> list[bytes]:
        """The frames of a value."""
        return [msgspec.msgpack.encode(msgspec.json.decode(self._form.write(value)))]

    def decode(self, frames: Sequence[bytes]) -> Any:
        """The value of some frames."""
        return self._form.read(msgspec.json.encode(msgspec.msgpack.decode(_only(frames))))


class Multipart:
    """A frame for each field, in their order: bytes as they are, text as UTF-8, everything else as JSON.

    A key that a TypedDict need not have is an empty frame where it is missing; such fields are always JSON.
    """

    def __init__(self, model: Any, whole: Format, form: type[MsgspecFormat] | type[PydanticFormat]) -> None:
        kind = kind_of(model)
        if kind is None:
            raise MaintError(
                f"codec: multipart has a frame for each field, and {name_of(model)} has none; "
                "give a model, or another codec"
            )
        self._fields = kind.fields(model)
        self._forms = {each.name: form(each.hint) for each in self._fields}
        self._whole = whole
        self._positional = kind is NAMED_TUPLE

    def encode(self, value: Any) -> list[bytes]:
        """The frames of a value."""
        return [self._frame(each, value) for each in self._fields]

    def decode(self, frames: Sequence[bytes]) -> Any:
        """The value of some frames."""
        if len(frames) != len(self._fields):
            raise Undecodable(f"{len(frames)} frames instead of {len(self._fields)}")
        pairs = zip(self._fields, frames, strict=True)
        found = {each.key: self._value(each, frame) for each, frame in pairs if not self._lacks(each, frame)}
        return self._whole.accept(list(found.values()) if self._positional else found)

    def _frame(self, field: Field, model: Any) -> bytes:
        value = (
            model.get(field.name, msgspec.UNSET) if isinstance(model, dict) else getattr(model, field.name)
        )
        if value is msgspec.UNSET:
            return _ABSENT
        raw = _raw(field)
        if raw is None:
            return self._forms[field.name].write(value)
        return value if raw is bytes else str(value).encode()

    def _lacks(self, field: Field, frame: bytes) -> bool:
        return frame == _ABSENT and _raw(field) is None and not field.required

    def _value(self, field: Field, frame: bytes) -> Any:
        raw = _raw(field)
        if raw is None:
            return self._forms[field.name].read(frame)
        return self._forms[field.name].accept(bytes(frame) if raw is bytes else frame.decode())


def codec_of(model: Any, name: str) -> Codec:
    """The codec of a type. Raises MaintError for an unknown name, or a type that the library refuses."""
    try:
        return _codec_of(model, name)
    except TypeError as error:
        reason = " ".join(str(error).split())
        raise MaintError(
            f"codec: msgspec cannot read {name_of(model)} ({reason}); "
            "give zmq_models(...).map(encode) with the encoder of the project"
        ) from None


def _codec_of(model: Any, name: str) -> Codec:
    if name not in CODECS:
        raise MaintError(f"codec is {name!r}; give one of {', '.join(CODECS)}")
    form = PydanticFormat if has_pydantic(model) else MsgspecFormat
    whole = form(model)
    if name == "multipart":
        return Multipart(model, whole, form)
    if name == "json":
        return Json(whole)
    return MsgpackOfPydantic(whole) if form is PydanticFormat else MsgpackOfMsgspec(model)


def _only(frames: Sequence[bytes]) -> bytes:
    if len(frames) != 1:
        raise Undecodable(f"{len(frames)} frames instead of 1")
    return frames[0]


def _raw(field: Field) -> Any:
    """``str`` or ``bytes`` for a field that is its frame; None for one in JSON."""
    hint = field.hint
    if typing.get_origin(hint) is typing.Annotated:
        hint = typing.get_args(hint)[0]
    return hint if field.required and hint in (str, bytes) else None
