"""E900 and MNT: static rules on one file."""

from __future__ import annotations

from maint.rules.rule import Rule

RULES = (
    Rule(
        "MNT020",
        "backup-file",
        "a backup or deprecated file lies in a package that is shipped",
        "low",
        "delete it, git has every old version; or move it out of the package",
    ),
)
