"""One report a session: every guardrail hands its section over, and the reports are written once."""

from __future__ import annotations

import pytest

from maint.report.section import Section

_COLLECTOR = pytest.StashKey["Collector"]()


class Collector:
    """Lives in the controller. Guardrails call `add` from ``pytest_runtestloop`` wrappers or
    ``pytest_sessionfinish``; what comes later than that is not written.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._sections: list[Section] = []

    def add(self, section: Section) -> None:
        """Take over what one guardrail found."""
        self._sections.append(section)


def collector(config: pytest.Config) -> Collector:
    """The collector of this session, registered when first asked for."""
    found = config.stash.get(_COLLECTOR, None)
    if found is None:
        found = config.stash[_COLLECTOR] = Collector(config)
        config.pluginmanager.register(found, "maint-collector")
    return found
