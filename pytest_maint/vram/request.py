"""What a test asks for: its marker ``vram_budget``, the settings below it, and whether it asks at all."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from maint.errors import ConfigError
from pytest_maint.options import settings

MARKER = "vram_budget"
_REQUEST = pytest.StashKey["Request | None"]()


class Request(NamedTuple):
    """What one test may use. ``budget`` and ``leak`` are bytes, None where nothing is said.

    ``device`` counts as CUDA does; None is every device. ``marked`` is False where only the fixture asks.
    """

    node_id: str
    budget: int | None
    device: int | None
    leak: int | None
    enforce: bool
    exclusive: bool
    measure: str
    missing: str
    marked: bool
    problem: str = ""


def request_of(item: pytest.Item) -> Request | None:
    """The request of a test, read once; None where it has neither the marker nor the fixture.

    Raises UsageError that names the test and every problem of its marker; a worker of xdist would die of
    that without a word, so there the ``problem`` is what the test will fail with.
    """
    if _REQUEST not in item.stash:
        try:
            item.stash[_REQUEST] = _read(item)
        except ConfigError as error:
            if not hasattr(item.config, "workerinput"):
                raise pytest.UsageError(str(error)) from None
            item.stash[_REQUEST] = Request(
                item.nodeid, None, None, None, False, False, "auto", "run", True, str(error)
            )
    return item.stash[_REQUEST]


def _read(item: pytest.Item) -> Request | None:
    mark = item.get_closest_marker(MARKER)
    if mark is None and not _shown(item):
        return None
    where = f"{MARKER} marker of {item.nodeid}"
    given = dict(mark.kwargs) if mark is not None else {}
    if mark is not None and len(mark.args) > 1:
        raise ConfigError(f"{where}: takes one size, got {len(mark.args)}; name the other arguments")
    if mark is not None and mark.args:
        if "size" in given:
            raise ConfigError(f"{where}: size is given twice; give it once")
        given["size"] = mark.args[0]
    chosen = settings(item.config).marked("vram", given, where)
    budget = chosen["vram.size"] or chosen["vram.default"]
    if mark is not None and budget is None and not (chosen["vram.exclusive"] or _shown(item)):
        raise ConfigError(
            f"{where}: names no budget; give a size such as '2GiB', or set default in [tool.maint.vram]"
        )
    return Request(
        node_id=item.nodeid,
        budget=budget,
        device=chosen["vram.device"],
        leak=chosen["vram.leak"],
        enforce=chosen["vram.enforce"],
        exclusive=chosen["vram.exclusive"],
        measure=chosen["vram.measure"],
        missing=chosen["vram.missing"],
        marked=mark is not None,
    )


def _shown(item: pytest.Item) -> bool:
    """Whether the test has the fixture, so that it is measured without a budget as well."""
    return "vram" in getattr(item, "fixturenames", ())
