"""``[tool.maint.benchmark]`` as typed data; names, defaults and help are declared in maint.options."""

from __future__ import annotations

import msgspec

from maint.config import Config


class GateSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the user settled for the gate, command line included. ``budget`` and ``timeout`` are seconds."""

    baseline: str | None
    selftest: str | None
    at: str
    warning: float
    critical: float
    budget: float | None
    inconclusive: str
    unaffected: str
    clock: str
    gc: bool
    copy: tuple[str, ...]
    harness: tuple[str, ...]
    build: str | None
    timeout: float

    @classmethod
    def of(cls, config: Config) -> GateSettings:
        """The section of the validated configuration."""
        return msgspec.convert(config.section("benchmark"), cls)

    @property
    def ref(self) -> str:
        """The ref to measure against, of whichever mode is on."""
        return self.baseline or self.selftest or "HEAD"
