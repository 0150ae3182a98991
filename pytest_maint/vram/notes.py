"""What the process that ran a test tells the one that reports: refusals, and how full the cards were."""

from __future__ import annotations

from typing import Any

import msgspec

from maint.gpu.reading import CardReading

PROPERTY = "maint_vram_admission"


class Note(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One test's: ``outcome`` is skipped or failed where admission decided it, empty where the test ran."""

    node_id: str = ""
    code: str = ""
    outcome: str = ""
    message: str = ""
    cards: tuple[CardReading, ...] = ()


def encoded(note: Note) -> Any:
    """Plain data, which execnet can send."""
    return msgspec.to_builtins(note)


def decoded(value: object) -> Note:
    """A note from its plain data."""
    return msgspec.convert(value, Note)
