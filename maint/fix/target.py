"""One file as the fixes see it: its source, and what the rules say about it."""

from __future__ import annotations

from functools import cached_property
from pathlib import PurePosixPath

from maint.fix.proposal import Import
from maint.fix.source import Source
from maint.lint.engine import check
from maint.lint.handlers import Handler
from maint.lint.module import Module
from maint.lint.noqa import unsuppressed
from maint.lint.settings import Settings
from maint.lint.violation import Violation


class Target:
    """``registry`` is where ``get_port`` comes from, where that is known."""

    def __init__(self, source: Source, settings: Settings, registry: Import | None = None) -> None:
        self.source = source
        self.registry = registry
        self._settings = settings

    @cached_property
    def module(self) -> Module:
        """The file as the rules see it."""
        text = self.source.text.removeprefix("\ufeff")
        return Module(self.source.tree, text, PurePosixPath(self.source.path), self._settings)

    @cached_property
    def violations(self) -> list[Violation]:
        """What the rules report, less what a comment suppresses."""
        lines = [f"{line}\n" for line in self.module.lines]
        found = check(self.source.content, PurePosixPath(self.source.path), self._settings)
        return unsuppressed(found, lines)

    def at(self, code: str) -> list[Violation]:
        """The violations of one rule."""
        return [one for one in self.violations if one.code == code]

    def reported(self, code: str) -> list[Handler]:
        """The handlers that one rule reports."""
        lines = {one.line for one in self.at(code)}
        return [one for one in self.source.handlers if one.node.lineno in lines]

    def after(self, source: Source) -> Target:
        """The same file after an edit."""
        return Target(source, self._settings, self.registry)
