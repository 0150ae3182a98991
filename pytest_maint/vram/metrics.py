"""What a session tells of admission and of the cards: findings, lines on the terminal, and metrics."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from maint.errors import MaintError
from maint.findings import Finding, Location, Severity
from maint.gpu import alert
from maint.gpu.delivery import push, write_textfile
from maint.gpu.ledger import ledger_folder, sweep
from maint.gpu.lock import LedgerError
from maint.gpu.metrics import SESSION, TestReading, registry
from maint.gpu.reading import CardReading, Reading
from maint.report.cells import encodable, printable
from maint.report.documents import Run, own_version
from maint.report.section import Section
from maint.rules.table import RULES
from pytest_maint.collector import collector
from pytest_maint.options import settings
from pytest_maint.properties import take
from pytest_maint.scope import Scope

from .findings import PROPERTY as MEASURED
from .findings import Outcome
from .notes import PROPERTY as NOTED
from .notes import Note, decoded

JOB = "pytest"
CODES = ("VRAM010", "VRAM011", "VRAM012", alert.CODE)
_LINES = 10


def activate(config: pytest.Config, scope: Scope) -> None:
    """Gather what this session's tests tell, where it is reported."""
    config.pluginmanager.register(Metrics(config, scope), "maint-vram-metrics")


class Metrics:
    """Lives in the controller, and in a session without workers; gathers from reports what others noted."""

    def __init__(self, config: pytest.Config, scope: Scope) -> None:
        chosen = settings(config)
        self._config = config
        self._scope = scope
        self._alert: float = chosen["vram.alert"]
        self._textfile: Path | None = chosen["vram.textfile"] and config.rootpath / chosen["vram.textfile"]
        self._pushgateway: str | None = chosen["vram.pushgateway"]
        self._notes: dict[tuple[str, str], Note] = {}
        self._fullest: dict[str, tuple[CardReading, str]] = {}
        self._tests: dict[str, TestReading] = {}
        self._lines: list[str] = []

    # tryfirst: what travelled here is no property of the test for others.
    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """What the process that ran a test noted."""
        for note in take(report, NOTED):
            self._take(decoded(note))
        for name, told in report.user_properties:
            if name == MEASURED:
                self._measured(Outcome.read(cast("dict[str, Any]", told)))

    def pytest_sessionfinish(self) -> None:
        """Hand the findings over, and write the metrics; that these fail is a line, not a failed run."""
        with contextlib.suppress(LedgerError):  # of workers that were killed
            sweep(ledger_folder())
        if not (self._notes or self._fullest or self._tests):
            return
        found = self._findings()
        self._lines = [finding.message for finding in found]
        if self._notes or self._fullest:
            collector(self._config).add(
                Section(run=self._run(), findings=found, title="GPU memory: admission")
            )
        self._lines += self._written()

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Who was not admitted, which card was nearly full, and which metrics were not taken."""
        if not self._lines:
            return
        terminalreporter.write_sep("=", "maint: vram admission")
        for line in self._lines[:_LINES]:
            terminalreporter.write_line(printable(line), yellow=True)
        if len(self._lines) > _LINES:
            terminalreporter.write_line(f"and {len(self._lines) - _LINES} more, in the report")

    def _take(self, note: Note) -> None:
        if note.code:
            self._notes[note.code, note.message] = note
        for card in note.cards:
            known = self._fullest.get(card.uuid)
            if known is None or card.share > known[0].share:
                self._fullest[card.uuid] = (card, note.node_id)

    def _measured(self, outcome: Outcome) -> None:
        if outcome.peak is not None:
            self._tests[outcome.node_id] = TestReading(
                test=outcome.node_id,
                source=outcome.source,
                peak=outcome.peak,
                budget=outcome.budget,
                leaked=outcome.leaked,
            )

    def _findings(self) -> tuple[Finding, ...]:
        full = [
            alert.finding(card, self._alert, node_id)
            for card, node_id in self._fullest.values()
            if card.share > self._alert
        ]
        return (*map(_finding, self._notes.values()), *full)

    def _run(self) -> Run:
        return Run(
            guardrail="vram-admission",
            version=own_version(),
            codes=CODES,
            partial=encodable(self._scope.partial()),
        )

    def _written(self) -> Iterator[str]:
        """Write to what the settings name; yields what went wrong."""
        if self._textfile is None and self._pushgateway is None:
            return
        cards = tuple(card for card, _node_id in self._fullest.values())
        problems = () if cards else ("no card was asked",)
        try:
            found = registry(Reading(cards, problems), list(self._tests.values()), writer=SESSION)
            if self._textfile is not None:
                write_textfile(self._textfile, found)
            if self._pushgateway is not None:
                push(self._pushgateway, JOB, found)
        except MaintError as error:
            yield f"metrics not written: {error}"


def _finding(note: Note) -> Finding:
    rule = RULES[note.code]
    path, _, test = note.node_id.partition("::")
    return Finding(
        code=note.code,
        severity=Severity(rule.severity),
        category="gpu memory",
        title=f"{test or 'session'}: {rule.summary}",
        message=note.message,
        location=Location(path=path or "pyproject.toml", node_id=note.node_id or None),
        remedy=rule.remedy,
    )
