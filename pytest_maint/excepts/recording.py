"""``--maint-except record``: hooks that start the recorder, name it the running test, and keep its notes."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from maint.errors import MaintError
from maint.fix import evidence
from maint.fix.inventory import BroadHandler, inventory
from maint.lint.discovery import discover
from maint.report.bundle import claim
from maint.report.cells import counted
from pytest_maint.excepts import worker
from pytest_maint.excepts.channel import Channel
from pytest_maint.excepts.notes import evidence as evidence_of
from pytest_maint.excepts.notes import tally
from pytest_maint.options import dry, settings

_RECORDING = pytest.StashKey["Recording"]()


class Recording:
    """One session's plan and channel; lives in the controller."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.numbered: dict[int, BroadHandler] = {}
        self.files: dict[str, str] = {}
        plan = worker.Plan(os.path.realpath(root), {})
        # Numbers no other session uses: instrumented modules may outlive theirs.
        number = secrets.randbits(32) << 24
        for file in inventory(root, discover(root, [root]).files):
            marks: worker.Marks = {}
            for handler in file.handlers:
                number += 1
                self.numbered[number] = handler
                marks[handler.line, handler.column] = (number, handler.star)
            real = os.path.realpath(root / file.path)
            self.files[real] = file.path
            plan.files[real] = (file.source_hash, marks)
        self._channel = Channel(plan.dumps())
        self._channel.open()
        self._recorder = worker.install(plan, worker.Notes(self._channel.address))

    def evidence(self) -> evidence.Evidence:
        """What all processes saw so far."""
        self._recorder.flush()
        return evidence_of(self.numbered, self.files, tally(self._channel.lines()))

    def stop(self) -> None:
        """Leave process and environment as they were."""
        worker.uninstall()
        self._channel.close()


class CurrentTest:
    """Tells the recorder which test runs; in every process that runs tests."""

    def __init__(self, recorder: worker.Recorder) -> None:
        self._recorder = recorder

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Around set-up, call and tear-down, the fixtures of a wider scope included."""
        self._recorder.test = item.nodeid
        try:
            return (yield)
        finally:
            self._recorder.test = evidence.OUTSIDE
            self._recorder.flush()


class Keeper:
    """Writes the evidence at the end of the session; lives in the controller."""

    def __init__(self, recording: Recording, path: Path) -> None:
        self._recording = recording
        self._path = path
        self._ran: set[str] = set()
        self._lines: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Under xdist too this is where the controller learns of a test."""
        self._ran.add(report.nodeid)

    # trylast: xdist stops its workers in its own hook, and they write their last counts then.
    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Merge what was seen into the file."""
        try:
            latest = self._recording.evidence()
            claim(self._path.parent)
            whole = evidence.add(self._path, latest, self._ran)
        except MaintError as error:
            self._lines = [f"not kept: {error}"]
            return
        self._lines = _summary(latest, whole, os.path.relpath(self._path))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """What there is to narrow with."""
        terminalreporter.section("maint: what broad handlers caught")
        for line in self._lines:
            terminalreporter.write_line(line)


def start(config: pytest.Config) -> None:
    """Begin to record, before conftest files are imported.

    A process whose parent records, such as a worker of xdist, has begun when it started.
    """
    recorder = worker.active()
    if recorder is not None:
        # pytest has put its own import hook in front since then
        recorder.lead()
    elif worker.VARIABLE not in os.environ:
        evidence.refuse_without_locks()
        recording = config.stash[_RECORDING] = Recording(config.rootpath)
        config.add_cleanup(recording.stop)


def activate(config: pytest.Config) -> None:
    """Register what follows the tests, and in the controller what keeps the evidence."""
    recorder = worker.active()
    if recorder is not None:
        config.pluginmanager.register(CurrentTest(recorder), "maint-except-current-test")
    recording = config.stash.get(_RECORDING, None)
    # A session that runs no test has nothing to keep.
    if recording is not None and not dry(config):
        path = config.rootpath / settings(config)["out"] / evidence.FILE
        config.pluginmanager.register(Keeper(recording, path), "maint-except-keeper")


def _summary(latest: evidence.Evidence, whole: evidence.Evidence, path: str) -> list[str]:
    imported = [each for each in latest.handlers if each.imported]
    caught = [each for each in latest.handlers if each.observations]
    lines = [
        f"{counted(len(latest.handlers), 'broad handler')} in the project, {len(imported)} in modules that "
        f"were imported, {len(caught)} caught something"
    ]
    if latest.handlers and not imported:
        lines.append("nothing was recorded: is another copy of the project installed? pip install -e . helps")
    lines += [f"not recorded: {file}: {why}" for file, why in whole.not_recorded.items()]
    return [*lines, f"the evidence is in {path}; see proposals with: maint fix --narrow"]
