"""Readings as Prometheus metrics: base units, and labels whose number of values is bounded."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from maint.extras import require
from maint.gpu.reading import CardReading, Reading
from maint.report.cells import encodable

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

# Each becomes a time series: the largest are told apart, and what the others come to is said.
PROCESSES = 16
TESTS = 1000
EXPORTER, SESSION = "exporter", "session"


class TestReading(msgspec.Struct, frozen=True, kw_only=True):
    """What one marked test used, in bytes; ``source`` names how its peak was measured."""

    __test__ = False  # for pytest, which would collect it by its name

    test: str
    source: str
    peak: int
    budget: int | None = None
    leaked: int = 0


def registry(
    reading: Reading, tests: Sequence[TestReading] = (), *, writer: str = EXPORTER
) -> CollectorRegistry:
    """All metrics of ``reading`` and ``tests``.

    ``writer`` is a label of the cards' metrics, so that the exporter and a session can write side by side.
    Raises MaintError where prometheus-client is not installed.
    """
    client: Any = require("prometheus")
    found: CollectorRegistry = client.CollectorRegistry()
    gauges = _Gauges(client, found, writer)
    gauges.one(
        "driver_up", "Whether the NVIDIA driver answered for every card: 1 or 0.", not reading.problems
    )
    if writer == EXPORTER:
        gauges.one("exporter_timestamp_seconds", "When the exporter last wrote, in unix time.", time.time())
    _cards(gauges, reading.cards)
    _tests(gauges, tests)
    return found


def exposition(found: CollectorRegistry) -> bytes:
    """The text that Prometheus reads."""
    content: bytes = require("prometheus").generate_latest(found)
    return content


class _Gauges:
    def __init__(self, client: Any, found: CollectorRegistry, writer: str) -> None:
        self._client = client
        self._registry = found
        self.writer = writer

    def one(self, name: str, described: str, value: float) -> None:
        self.rows(name, described, ("writer",), [((self.writer,), value)])

    def of_cards(self, name: str, described: str, rows: Iterable[tuple[str, float | None]]) -> None:
        labelled = [((self.writer, uuid), value) for uuid, value in rows if value is not None]
        self.rows(name, described, ("writer", "uuid"), labelled)

    def rows(
        self, name: str, described: str, labels: Sequence[str], rows: Iterable[tuple[Sequence[str], float]]
    ) -> None:
        gauge = self._client.Gauge(f"pytest_vram_{name}", described, labels, registry=self._registry)
        for values, value in rows:
            gauge.labels(*map(encodable, values)).set(value)


def _cards(gauges: _Gauges, cards: Sequence[CardReading]) -> None:
    gauges.of_cards(
        "device_used_bytes", "Memory of the card in use.", ((card.uuid, card.used) for card in cards)
    )
    gauges.of_cards("device_total_bytes", "Memory of the card.", ((card.uuid, card.total) for card in cards))
    gauges.of_cards(
        "device_reserved_bytes",
        "Memory of the card that the driver keeps for itself.",
        ((card.uuid, card.reserved) for card in cards),
    )
    gauges.of_cards(
        "device_used_ratio",
        "Share in use of the memory that the driver does not keep for itself.",
        ((card.uuid, card.share) for card in cards),
    )
    gauges.of_cards(
        "device_utilization_ratio",
        "Share of the driver's last sample period in which kernels ran.",
        ((card.uuid, card.busy) for card in cards),
    )
    gauges.rows(
        "process_used_bytes",
        f"Memory of the card that a process holds: the {PROCESSES} largest, the others as pid other.",
        ("writer", "uuid", "pid"),
        (((gauges.writer, card.uuid, pid), used) for card in cards for pid, used in _largest(card)),
    )


def _largest(card: CardReading) -> list[tuple[str, int]]:
    known = [(str(one.pid), one.used) for one in card.processes if one.used is not None]
    known.sort(key=lambda row: (-row[1], row[0]))
    left = sum(used for _pid, used in known[PROCESSES:])
    return known[:PROCESSES] + ([("other", left)] if known[PROCESSES:] else [])


def _tests(gauges: _Gauges, tests: Sequence[TestReading]) -> None:
    if not tests:
        return
    kept = sorted(tests, key=lambda one: (-one.peak, one.test))[:TESTS]
    gauges.rows(
        "test_peak_bytes",
        f"Most GPU memory that a marked test used at once: the {TESTS} largest.",
        ("test", "source"),
        (((one.test, one.source), one.peak) for one in kept),
    )
    gauges.rows(
        "test_budget_bytes",
        "GPU memory that a test may use.",
        ("test",),
        (((one.test,), one.budget) for one in kept if one.budget is not None),
    )
    gauges.rows(
        "test_leaked_bytes",
        "GPU memory that a test left behind.",
        ("test",),
        (((one.test,), one.leaked) for one in kept if one.leaked),
    )
    left_out = len(tests) - len(kept)
    gauges.one("tests_left_out", "Marked tests that have no metrics of their own.", left_out)
