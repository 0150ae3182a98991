"""``[tool.maint.report]`` and ``[tool.maint.issues]``: what a session found, and what is kept of it."""

from __future__ import annotations

from maint.options.option import Option, count, flag, strings, text

OPTIONS: tuple[Option, ...] = (
    Option(
        "report",
        "enabled",
        flag,
        False,
        "turn every failure of the session into a finding and write the report, whatever guardrails run",
        flag="--maint-report",
    ),
    Option(
        "issues",
        "forge",
        text,
        "directory",
        "where the meta-issues are: Markdown files in a folder, or GitHub",
        choices=("directory", "github"),
    ),
    Option(
        "issues",
        "directory",
        text,
        ".maint/issues",
        "the folder of the meta-issues when the forge is a directory, relative to the root",
    ),
    Option(
        "issues",
        "max_issues",
        count,
        15,
        "how many meta-issues may be open before what is new goes into the one of the other findings",
    ),
    Option("issues", "max_items", count, 100, "how many lines a checklist has; the rest is 'and N more'"),
    Option(
        "issues",
        "max_writes",
        count,
        50,
        "how many writes one `maint issues apply` may do; what is left over is reported",
    ),
    Option("issues", "labels", strings, ("maint",), "labels that a new meta-issue gets, once"),
)
