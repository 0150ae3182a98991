"""How far the gate is: one line that rewrites itself on a terminal, plain lines elsewhere."""

from __future__ import annotations

import pytest


class ProgressLine:
    """Writes through pytest's terminal reporter, or nowhere where that is blocked (``-p no:terminal``)."""

    def __init__(self, reporter: pytest.TerminalReporter | None) -> None:
        self._reporter = reporter
        self._live = reporter is not None and reporter.isatty
        self._used = False

    def __call__(self, text: str) -> None:
        """Show ``text`` as the state of affairs."""
        if self._reporter is None:
            return
        if not self._used:
            self._reporter.ensure_newline()
            # which looks for the name of a file: neither -q nor xdist begins its dots with one
            if self._reporter._tw.width_of_current_line:
                self._reporter.write_line("")
            self._used = True
        if self._live:
            self._reporter.rewrite(f"maint: {text}", erase=True)
        else:
            self._reporter.write_line(f"maint: {text}")

    def close(self) -> None:
        """Clear the live line."""
        if self._live and self._used and self._reporter is not None:
            self._reporter.rewrite("", erase=True)
