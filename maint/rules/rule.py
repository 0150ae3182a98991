"""What a rule is."""

from __future__ import annotations


class Rule:
    """One code: kebab-case ``name``, one-line ``summary``, default ``severity``, and ``remedy``.

    ``optional`` rules are silent until they are selected by name.
    """

    __slots__ = ("code", "name", "optional", "remedy", "severity", "summary")

    def __init__(
        self, code: str, name: str, summary: str, severity: str, remedy: str, *, optional: bool = False
    ) -> None:
        self.code = code
        self.name = name
        self.summary = summary
        self.severity = severity
        self.remedy = remedy
        self.optional = optional

    @property
    def anchor(self) -> str:
        """Where the documentation of this rule is, relative to ``docs/reference/``."""
        return f"rules.md#{self.code.lower()}-{self.name}"
