"""What GitHub Actions shows: annotations on the changed lines and the summary page of the job.

Format: "Workflow commands for GitHub Actions" and "Adding a job summary" in GitHub's documentation.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from maint.errors import MaintError
from maint.findings import Finding, Severity
from maint.report.atomic import unwritable
from maint.report.cells import encodable

SUMMARY_LIMIT = 1024 * 1024
_COMMANDS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning"}
_LEFT_OUT = "\n\nThis report did not fit the summary page; it is among the run's artefacts as `report.md`.\n"


def annotation_lines(findings: Iterable[Finding]) -> list[str]:
    """Return one workflow command a finding, worst first: GitHub shows only the first ten of each kind."""
    worst_first = sorted(findings, key=lambda finding: list(Severity).index(finding.severity))
    return [_command(finding) for finding in worst_first]


def append_summary(path: Path, markdown: str, limit: int = SUMMARY_LIMIT) -> None:
    """Append ``markdown`` to the step's summary file, which GitHub drops whole above ``limit`` bytes.

    Where it does not fit, one line says so; where not even that fits, the file stays as it is.
    Raises MaintError when the file cannot be written.
    """
    try:
        room = limit - (path.stat().st_size if path.exists() else 0)
        for text in (f"{markdown}\n", _LEFT_OUT):
            content = text.encode("utf-8", "backslashreplace")
            if len(content) <= room:
                with path.open("ab") as file:
                    file.write(content)
                return
    except OSError as error:
        raise MaintError(unwritable(path, error)) from error


def _command(finding: Finding) -> str:
    where = finding.location
    properties = {"file": where.path, "line": where.line, "col": where.column, "title": finding.title}
    shown = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items() if value)
    return f"::{_COMMANDS.get(finding.severity, 'notice')} {shown}::{_message(finding.message)}"


def _message(text: str) -> str:
    return encodable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
