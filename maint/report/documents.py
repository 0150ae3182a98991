"""``findings.json`` (``maint.findings/2``): findings, with what each run that made them looked at."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

import msgspec

from maint.findings import Finding
from maint.report.cells import encodable

SCHEMA = "maint.findings/2"


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What one run of a guardrail looked at: who reads the findings can tell *fixed* from *not looked at*.

    ``guardrail`` is ``benchmark``, ``tests``, ``coverage``, ``lint`` or another tool's name; ``codes`` are
    the rules the run could have raised. ``partial`` says why it did not look at everything (``-k parse``,
    ``worker gw1 crashed``) and is empty when it did: only then is a finding that is not here fixed.
    ``judged`` are the subjects (node ids, files) that got a verdict where the guardrail lists them,
    ``unjudged`` the others with the reason. ``command`` reproduces the run; ``head_commit`` and
    ``baseline_commit`` are full hashes.
    """

    guardrail: str
    version: str
    codes: tuple[str, ...]
    partial: str = ""
    command: str = ""
    judged: tuple[str, ...] = ()
    unjudged: dict[str, str] = msgspec.field(default_factory=dict)
    head_commit: str = ""
    head_dirty: bool = False
    baseline_ref: str = ""
    baseline_commit: str = ""
    elapsed_s: float = 0.0


class FindingsDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file."""

    runs: tuple[Run, ...]
    findings: tuple[Finding, ...]
    schema: str = SCHEMA


def own_version() -> str:
    """The version of this distribution; ``0`` in a tree that is not installed."""
    try:
        return version("pytest-maint")
    except PackageNotFoundError:
        return "0"


def json_bytes(value: object) -> bytes:
    """Encode structs and plain data as indented JSON with a final newline.

    What is no JSON (an object left in ``extra_info``) becomes its ``repr``, NaN and infinities become null,
    and lone surrogates (a file name that is no UTF-8) become visible escapes.
    """
    try:
        encoded = msgspec.json.encode(value, enc_hook=repr)
    except UnicodeEncodeError:
        plain = msgspec.to_builtins(value, str_keys=True, enc_hook=repr)
        encoded = msgspec.json.encode(_encodable(plain))
    return msgspec.json.format(encoded, indent=2) + b"\n"


def _encodable(value: object) -> object:
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, dict):
        return {encodable(key): _encodable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(item) for item in value]
    return value
