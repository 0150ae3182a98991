"""The fixture ``port_lease``: leases that end with the test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, overload

import pytest

from maint.config import Config
from maint.errors import MaintError
from maint.ports import ranges
from maint.ports.lease import Lease, Leasing
from pytest_maint.options import settings

from .ownership import ownership

_SOURCE = pytest.StashKey["_Source"]()
_Proto = Literal["tcp", "udp"]


class _Source:
    """Where the tests of this process lease from; ``about`` is written into each lease file."""

    def __init__(self, config: pytest.Config) -> None:
        self.about: dict[str, Any] = {"worker": worker(config)}
        taken = ownership(config.rootpath, settings(config)).numbers
        self.leasing = Leasing(_ports(settings(config)), avoid=taken, about=self.about)


class PortLease:
    """Leases ports for one test: ``port_lease("tts")``, or several at once with ``count=``."""

    def __init__(self, source: _Source) -> None:
        self._source = source
        self._leases: list[Lease] = []

    @overload
    def __call__(self, name: str = "", *, proto: _Proto = "tcp") -> Lease: ...

    @overload
    def __call__(
        self, name: str = "", *, count: int, contiguous: bool = False, proto: _Proto = "tcp"
    ) -> tuple[Lease, ...]: ...

    def __call__(
        self, name: str = "", *, count: int | None = None, contiguous: bool = False, proto: _Proto = "tcp"
    ) -> Lease | tuple[Lease, ...]:
        """One lease, or ``count`` of them; ``contiguous`` ones have consecutive ports.

        ``name`` is for people who ask who has the port. The test fails where there are not as many ports;
        ValueError for a count under 1 or an unknown protocol.
        """
        __tracebackhide__ = True
        try:
            found = self._source.leasing.leases(
                1 if count is None else count, name, proto=proto, contiguous=contiguous
            )
        except MaintError as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None
        self._leases += found
        return found[0] if count is None else found

    def release(self) -> None:
        """Give every lease of the test back."""
        while self._leases:
            self._leases.pop().release()


def leasing(request: pytest.FixtureRequest) -> Iterator[PortLease]:
    """The body of the fixture."""
    config = request.config
    try:
        source = config.stash.get(_SOURCE, None)
        if source is None:
            source = config.stash[_SOURCE] = _Source(config)
    except MaintError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None
    source.about["test"] = request.node.nodeid
    leases = PortLease(source)
    try:
        yield leases
    finally:
        leases.release()


def worker(config: pytest.Config) -> str:
    """``gw1``, or empty where there are no workers."""
    given: dict[str, str] = getattr(config, "workerinput", {})
    return given.get("workerid", "")


def _ports(chosen: Config) -> range:
    wanted = ranges.parse(chosen["ports.lease_range"])
    # The note is not for those who run tests: every number is as good as another.
    return ranges.lease_range(wanted, ranges.ephemeral()).ports
