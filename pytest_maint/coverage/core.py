"""Which of coverage's tracers measures: the fastest that is complete, of which coverage does not warn."""

from __future__ import annotations

from typing import NamedTuple

from maint.errors import ConfigError

_GREEN = frozenset({"eventlet", "gevent", "greenlet"})


class Conditions(NamedTuple):
    """What the choice depends on: the interpreter, and coverage's settings.

    ``configured`` is the core that coverage's own settings or ``COVERAGE_CORE`` name; ``contexts`` and
    ``plugins`` say whether dynamic contexts or plugins are on; ``has_c_tracer`` whether it was built.
    """

    python: tuple[int, int]
    branch: bool = False
    contexts: bool = False
    plugins: bool = False
    concurrency: frozenset[str] = frozenset()
    configured: str = ""
    has_c_tracer: bool = True

    def against_sysmon(self) -> str:
        """Why ``sys.monitoring`` would not measure all of it; empty where it does."""
        if self.python < (3, 12):
            return "needs Python 3.12"
        if self.branch and self.python < (3, 14):
            return "measures branches from Python 3.14 on"
        if self.contexts:
            return "knows no dynamic contexts"
        if self.plugins:
            return "knows no coverage plugins"
        if green := sorted(_GREEN & self.concurrency):
            return f"does not see {green[0]}"
        return ""


def chosen_core(wanted: str, conditions: Conditions) -> str:
    """The core for ``wanted``, which is ``auto`` or a core; raises ConfigError where that one cannot measure.

    For branches ``auto`` stays with the C tracer on every Python: where ``sys.monitoring`` can see them it is
    not always the faster one (coveragepy#2172); ``maint coverage bench`` says which it is for one project.
    """
    tracer = "ctrace" if conditions.has_c_tracer else "pytrace"
    against = conditions.against_sysmon()
    if wanted == "sysmon" and against:
        raise ConfigError(f"coverage.core = 'sysmon': {against}; leave it at auto")
    if wanted == "ctrace":
        return tracer
    if wanted != "auto":
        return wanted
    if conditions.configured == "sysmon":
        return tracer if against else "sysmon"
    if conditions.configured:
        return tracer if conditions.configured == "ctrace" else conditions.configured
    return tracer if against or conditions.branch else "sysmon"
