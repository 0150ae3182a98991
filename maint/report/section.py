"""What one guardrail hands over when it has judged: its run, its findings, and its part of the report."""

from __future__ import annotations

import msgspec

from maint.findings import Finding
from maint.report.documents import Run


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """One guardrail's part of a session's report.

    ``markdown`` and ``html`` are finished parts without a page around them; ``html`` begins with a heading of
    the second level. Both may be empty, then the findings alone speak.
    """

    run: Run
    findings: tuple[Finding, ...] = ()
    title: str = ""
    markdown: str = ""
    html: str = ""
