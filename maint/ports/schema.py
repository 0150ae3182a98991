"""The JSON Schema of ``ports.yaml``, for editors; what lines mean together is checked by the reader alone."""

from __future__ import annotations

from typing import Any

from maint.ports.reading import DEFAULT_HOST, NAME, VERSION
from maint.ports.registry import PROTOS

TITLE = "maint.ports.registry/1"
_VARIABLE = {"type": "string", "pattern": r"\$\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\}"}
_TEXT = {"type": "string", "pattern": r"\S"}
_TEXTS = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}
_PORTS = {
    "description": "A port, a range such as 8080-8083, or ${VARIABLE:-5556}.",
    "anyOf": [
        {"type": "integer", "minimum": 1, "maximum": 65535},
        {"type": "string", "pattern": r"^\s*[0-9]{1,5}(-[0-9]{1,5})?\s*$"},
        _VARIABLE,
    ],
}
_OFFSET = {
    "anyOf": [
        {"type": "integer", "minimum": 0, "maximum": 65535},
        {"type": "string", "pattern": "^[0-9]{1,5}$"},
        _VARIABLE,
    ]
}


def schema() -> dict[str, Any]:
    """The whole schema."""
    return {
        "title": TITLE,
        "description": "The registry of ports: who owns which port of which machine.",
        **_closed(
            {"version": {"const": VERSION}, "ports": _ports(), "machines": _machines(), "sets": _sets()}
        ),
        "required": ["version"],
    }


def _ports() -> dict[str, Any]:
    described = {
        "port": _PORTS,
        "owner": {**_TEXT, "description": "The service or team that binds it."},
        "purpose": {**_TEXT, "description": "What goes over it."},
        "proto": {"anyOf": [{"enum": list(PROTOS)}, _VARIABLE], "default": PROTOS[0]},
        "host": {**_TEXT, "description": "What the owner binds; * is everything.", "default": DEFAULT_HOST},
        "machine": {**_TEXT, "description": "The only machine that the owner runs on."},
        "bind": {**_TEXTS, "description": "Globs of the files that may bind it."},
    }
    entry = {**_closed(described), "required": ["port"]}
    return {
        "type": ["object", "null"],
        "propertyNames": {"pattern": f"^{NAME.pattern}$"},
        "additionalProperties": {"anyOf": [_PORTS, entry]},
    }


def _machines() -> dict[str, Any]:
    ranges = {"anyOf": [_PORTS, {"type": "array", "items": _PORTS}]}
    described = {
        "hosts": {**_TEXTS, "description": "Host names of the machine."},
        "reserved": {**ranges, "description": "Ports that nobody may register there."},
        "ports": {"type": ["object", "null"], "additionalProperties": _PORTS},
    }
    machine = {**_closed(described), "type": ["object", "null"]}
    return {"type": ["object", "null"], "additionalProperties": machine}


def _sets() -> dict[str, Any]:
    one = {**_closed({"offset": _OFFSET}), "required": ["offset"]}
    return {"type": ["object", "null"], "additionalProperties": {"anyOf": [_OFFSET, one]}}


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False}
