"""JSON from outside into plain data and structs, with the position where it is not what it should be."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec

from maint.errors import InputError
from maint.readers.source import Source

T = TypeVar("T")
_BYTE = re.compile(r" \(byte (\d+)\)$")


def parsed(source: Source) -> Any:
    """The JSON value; InputError names line and column of what is none."""
    text = source.text().encode()
    plain = source._replace(content=text)
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        reason = str(error)
        byte = _BYTE.search(reason)
        where = plain.at(int(byte[1]) if byte else len(text))
        what = _BYTE.sub("", reason).removeprefix("JSON is malformed: ")
        raise InputError(f"{where}: not valid JSON: {_lowered(what)}; write the file again") from None
    except RecursionError:
        raise InputError(f"{source.shown}: JSON that is nested too deep; write the file again") from None


def converted(source: Source, value: object, struct: type[T]) -> T:
    """``value`` as a struct; InputError names the field that does not fit."""
    try:
        return msgspec.convert(value, struct)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at ")
        place = where.strip("`") or "$"
        raise InputError(f"{source.shown}: at {place}: {_lowered(what)}; write the file again") from None


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]
