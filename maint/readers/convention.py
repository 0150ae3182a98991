"""How bad a code of pycodestyle, pyflakes and their kin is: neither flake8 nor ruff says it."""

from __future__ import annotations

from maint.findings import Severity

# Syntax errors, return outside a function, undefined names: the program cannot work.
_STOPS = ("E9", "F7", "F82", "invalid-syntax")
# Families by their letters: pyflakes, bugbear, security, async, pylint's errors, blind except, naive dates.
_LIKELY_MISTAKES = frozenset({"F", "B", "S", "ASYNC", "PLE", "BLE", "DTZ"})


def severity_of(code: str) -> Severity:
    """High for what stops the program, medium for likely mistakes, low for style."""
    if code.startswith(_STOPS):
        return Severity.HIGH
    return Severity.MEDIUM if code.rstrip("0123456789") in _LIKELY_MISTAKES else Severity.LOW
