"""``[tool.maint.zmq]`` and ``@pytest.mark.zmq`` as typed data."""

from __future__ import annotations

import msgspec
import pytest

from maint.config import Config
from maint.errors import ConfigError
from pytest_maint.options import settings


class GuardSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for one test. ``timeout`` is seconds."""

    enabled: bool
    timeout: float
    leaks: str
    remap: str

    @classmethod
    def of(cls, config: Config) -> GuardSettings:
        """The section of the validated configuration."""
        return msgspec.convert(config.section("zmq"), cls, strict=False)


def settings_of(item: pytest.Item) -> GuardSettings:
    """The settings of one test, its markers included; the nearest one wins. Raises ConfigError."""
    chosen = settings(item.config)
    arguments: dict[str, object] = {}
    for mark in reversed(list(item.iter_markers("zmq"))):
        if mark.args:
            raise ConfigError(f"{item.nodeid}: marker zmq takes keywords only; write zmq(timeout=1)")
        arguments |= mark.kwargs
    if arguments:
        chosen = chosen.marked("zmq", arguments, item.nodeid)
    return GuardSettings.of(chosen)
