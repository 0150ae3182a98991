"""A benchmark the gate is to judge, as the user's session hands it over."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from maint.errors import ConfigError
from maint.regression.comparison import Thresholds
from pytest_maint.options import settings

PROPERTY = "maint_benchmark"
MARKER = "maint_benchmark"


class Candidate(msgspec.Struct, frozen=True):
    """One benchmark: where it is, and the settings that hold for it, its marker's included."""

    node_id: str
    path: str
    line: int | None
    thresholds: Thresholds
    clock: str
    gc: bool

    @classmethod
    def of(cls, item: pytest.Item) -> Candidate:
        """Read the markers of ``item``; a wrong marker fails the test with one sentence."""
        given: dict[str, Any] = {}
        for marker in reversed(list(item.iter_markers(MARKER))):
            if marker.args:
                pytest.fail(f"{MARKER} takes keywords only: warning=, critical=, clock=, gc=", pytrace=False)
            given.update(marker.kwargs)
        try:
            chosen = settings(item.config).marked("benchmark", given, f"{MARKER} marker of {item.nodeid}")
        except ConfigError as error:
            pytest.fail(str(error), pytrace=False)
        path, line, _ = item.location
        return cls(
            node_id=item.nodeid,
            path=path.replace("\\", "/"),
            line=None if line is None else line + 1,
            thresholds=Thresholds(chosen["benchmark.warning"], chosen["benchmark.critical"]),
            clock=chosen["benchmark.clock"],
            gc=chosen["benchmark.gc"],
        )

    def as_property(self) -> dict[str, Any]:
        """Plain data that survives the way from an xdist worker."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain
