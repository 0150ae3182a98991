"""One report a session: every guardrail hands its section over, and the reports are written once."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest
from msgspec.structs import replace

from maint.errors import MaintError
from maint.report.bundle import claim, write_session
from maint.report.cells import counted, encodable, printable
from maint.report.command_line import masked, masked_text
from maint.report.github import annotation_lines
from maint.report.section import Section
from pytest_maint.options import dry, settings

_COLLECTOR = pytest.StashKey["Collector"]()


class Collector:
    """Lives in the controller. Guardrails call `add` from ``pytest_runtestloop`` wrappers or
    ``pytest_sessionfinish``; what comes later than that is not written.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._out: Path = config.rootpath / settings(config)["out"]
        self._sections: list[Section] = []
        self._page: Path | None = None
        self._failed = ""
        self._asked_for = False
        self._command = command(config)
        # The reports of the last session that ran tests stay.
        self._dry = dry(config)

    def add(self, section: Section) -> None:
        """Take over what one guardrail found, in a session that runs tests."""
        if not self._dry:
            run = replace(section.run, command=self._command)
            self._sections.append(replace(section, run=run))

    # tryfirst: xdist ends this hook. It is over when a marker or fixture wakes the first guardrail.
    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """A folder that cannot be written costs nobody a test run: exit 4 before the first test."""
        self._asked_for = True
        if self._dry:
            return
        try:
            claim(self._out)
        except MaintError as error:
            raise pytest.UsageError(str(error)) from None

    # trylast: guardrails add their sections in this hook; the terminal's wrapper shows the summary after it.
    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write everything; a green session ends with exit 4 where what was asked for cannot be written."""
        if not self._sections:
            return
        try:
            self._page = write_session(self._sections, self._out, environ=os.environ)
        except MaintError as error:
            self._failed = str(error)
            green = session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
            if green and self._asked_for:
                session.exitstatus = pytest.ExitCode.USAGE_ERROR

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Where the report is, and what GitHub Actions turns into annotations."""
        if self._failed and self._asked_for:
            terminalreporter.write_line(f"ERROR: {self._failed}", red=True)
        elif self._failed:
            terminalreporter.write_line(f"maint: no report: {self._failed}", yellow=True)
        if self._dry:
            terminalreporter.write_line(f"maint: {self._dry} runs no test, so no report is written")
        if self._page is None:
            return
        findings = [finding for section in self._sections for finding in section.findings]
        if os.environ.get("GITHUB_ACTIONS") == "true":
            for line in annotation_lines(findings):
                terminalreporter.write_line(line)
        reasons = dict.fromkeys(section.run.partial for section in self._sections if section.run.partial)
        partial = "".join(f"; partial run ({printable(reason)})" for reason in reasons)
        terminalreporter.write_line(
            f"maint: {counted(len(findings), 'finding')}{partial}; report: {self._page}"
        )


def command(config: pytest.Config) -> str:
    """The command line that repeats this session, from the root, without the secrets on it."""
    folder = os.path.relpath(config.invocation_params.dir, config.rootpath)
    change = "" if folder == os.curdir else f"cd {shlex.quote(folder)} && "
    options = masked_text(os.environ.get("PYTEST_ADDOPTS", ""))
    added = f"PYTEST_ADDOPTS={shlex.quote(options)} " if options else ""
    typed = masked([str(argument) for argument in config.invocation_params.args])
    return encodable(f"{change}{added}{shlex.join(('pytest', *typed))}")


def collector(config: pytest.Config) -> Collector:
    """The collector of this session, registered when first asked for."""
    found = config.stash.get(_COLLECTOR, None)
    if found is None:
        found = config.stash[_COLLECTOR] = Collector(config)
        config.pluginmanager.register(found, "maint-collector")
    return found
