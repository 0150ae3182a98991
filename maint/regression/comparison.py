"""What a gate run leaves behind: two trees compared, one row a benchmark (``maint.comparison/1``)."""

from __future__ import annotations

import enum
from typing import Any

import msgspec

SCHEMA = "maint.comparison/1"
RESULT_DIFFERS = "result differs"  # a note of a row that starts so becomes a BEN007 finding


class Verdict(enum.StrEnum):
    """What the gate says of one benchmark."""

    CRITICAL = "CRITICAL"
    HEAD_ERROR = "HEAD_ERROR"
    INVALID = "INVALID"
    WARNING = "WARNING"
    INCONCLUSIVE = "INCONCLUSIVE"
    BASE_ERROR = "BASE_ERROR"
    IMPROVED = "IMPROVED"
    PASS = "PASS"
    NEW = "NEW"
    REMOVED = "REMOVED"


class Thresholds(msgspec.Struct, frozen=True):
    """Slow-downs as fractions: 0.10 is 10 % slower."""

    warning: float = 0.10
    critical: float = 0.25


class Side(msgspec.Struct, frozen=True, omit_defaults=True):
    """One of the two trees: ``ref`` as the user wrote it, full ``commit`` hash, and whether it is dirty."""

    ref: str
    commit: str
    dirty: bool = False


class BlockPoint(msgspec.Struct, frozen=True):
    """One block (a fresh pair of processes): seconds per call on both sides and the paired log ratio.

    ``stage`` is ``screen`` or ``confirm``; ``log_ratio`` is ln(head / baseline), the median over ``pairs``.
    """

    stage: str
    baseline_s: float
    head_s: float
    log_ratio: float
    pairs: int


class Row(msgspec.Struct, kw_only=True, frozen=True):
    """One benchmark. Times are seconds per call; ``change_pct`` and ``ci_pct`` are percent slower.

    Fields that need a measurement are None where there was none (NEW, REMOVED, errors, unaffected).
    """

    name: str
    status: Verdict
    change_pct: float | None = None
    ci_pct: tuple[float, float] | None = None
    baseline_s: float | None = None
    head_s: float | None = None
    clock: str | None = None
    blocks: int = 0
    pairs: int = 0
    reason: str = ""
    thresholds: Thresholds = Thresholds()
    points: tuple[BlockPoint, ...] = ()
    wall_change_pct: float | None = None
    cpu_change_pct: float | None = None
    group: str | None = None
    params: dict[str, Any] | None = None
    extra_info: dict[str, Any] = msgspec.field(default_factory=dict)
    notes: tuple[str, ...] = ()
    output: str = ""


class Comparison(msgspec.Struct, kw_only=True, frozen=True):
    """The whole report of one gate run."""

    baseline: Side
    head: Side
    thresholds: Thresholds
    environment: dict[str, Any]
    elapsed_s: float
    benchmarks: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    schema: str = SCHEMA
    mode: str = "gate"
