"""The settings of the rules: ``[tool.maint.lint]`` with what the command line changed, ready to ask."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING, Any

from maint.options.lint import OPTIONS
from maint.rules.static import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import PurePath

# the beginnings that switch on a rule that is off by default: longer than all of MNT or all of E9
_SPECIFIC = 4
# the one code that bears the letters of `prefix`, and what it is called under "MNT"
PREFIXED, RENAMED = "E900", "MNT900"
_OPTIONAL = frozenset(rule.code for rule in RULES if rule.optional)


class Settings:
    """One value an option of the section ``lint``; read-only.

    ``values`` maps bare keys (``boundary-names``) to parsed values, as ``Config.section("lint")`` does; what
    is missing has its default. Make another one for other values.
    """

    __slots__ = (
        "_on",
        "archive_folders",
        "backup_patterns",
        "boundary_decorators",
        "boundary_loops",
        "boundary_methods",
        "boundary_names",
        "logged_is_ok",
        "port_calls",
        "prefix",
        "pylint_disables_are_ok",
        "report_callables",
        "swallowers",
        "test_folders",
        "tests",
        "ticket_regex",
        "values",
    )

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        found = {option.key: option.default for option in OPTIONS} | dict(values or {})
        self.values: Mapping[str, Any] = found
        self._on: dict[str, bool] = {}
        self.archive_folders: tuple[str, ...] = found["archive-folders"]
        self.backup_patterns = tuple(pattern.lower() for pattern in found["backup-patterns"])
        self.boundary_decorators: tuple[str, ...] = found["boundary-decorators"]
        self.boundary_loops: bool = found["boundary-loops"]
        self.boundary_methods: tuple[str, ...] = found["boundary-methods"]
        self.boundary_names: tuple[str, ...] = found["boundary-names"]
        self.logged_is_ok: bool = found["logged"] == "ok"
        self.port_calls: tuple[str, ...] = found["port-calls"]
        self.prefix: str = found["prefix"]
        self.pylint_disables_are_ok: bool = found["pylint-disables"] == "ok"
        self.report_callables: tuple[str, ...] = found["report-callables"]
        self.swallowers: tuple[str, ...] = found["swallowers"]
        self.test_folders: tuple[str, ...] = found["test-folders"]
        self.tests: bool = found["tests"]
        self.ticket_regex: str = found["ticket-regex"]

    def is_on(self, code: str) -> bool:
        """Whether violations of the rule ``code`` are wanted; the longest matching entry decides."""
        known = self._on.get(code)
        if known is None:
            known = self._on[code] = self._is_on(code)
        return known

    def _is_on(self, code: str) -> bool:
        names = (self.shown_code(code), RENAMED, code) if code == PREFIXED else (code,)
        chosen: tuple[str, ...] = self.values["select"]
        wanted = _length(names, (*chosen, *self.values["extend-select"]))
        if code in _OPTIONAL and wanted < _SPECIFIC:
            return False
        if not wanted and chosen:
            return False
        return wanted >= _length(names, self.values["ignore"])

    def is_test(self, path: PurePath) -> bool:
        """Whether a file is a test or lies among the tests; ``path`` is relative to the project."""
        name = path.name
        return (
            not set(self.test_folders).isdisjoint(path.parts[:-1])
            or name.startswith("test_")
            or name.endswith("_test.py")
            or name == "conftest.py"
        )

    def shown_code(self, code: str) -> str:
        """The code as it is shown: E900 bears the letters of ``prefix``."""
        return RENAMED if code == PREFIXED and self.prefix == "MNT" else code


def rule_code(code: str) -> str:
    """The key of the rules table for a code as shown."""
    return PREFIXED if code == RENAMED else code


def matches(name: str, patterns: Iterable[str]) -> bool:
    """Whether ``name`` is one of ``patterns`` or is matched by one of them."""
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _length(names: tuple[str, ...], entries: Iterable[str]) -> int:
    """The length of the longest of ``entries`` that a code begins with or is also called; 0 for none."""
    shown, *others = names
    return max((len(entry) for entry in entries if shown.startswith(entry) or entry in others), default=0)
