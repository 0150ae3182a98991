"""The doors of the fixtures: declared for every session, each opens its room when a test asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_maint.ports.leasing import PortLease
    from pytest_maint.vram.meter import Vram
    from pytest_maint.zmq.authentication import Curve
    from pytest_maint.zmq.pairs import BindsFirst, BindsSecond, PubSub
    from pytest_maint.zmq.proxying import FaultProxies
    from pytest_maint.zmq.remapping import Remap


@pytest.fixture
def port_lease(request: pytest.FixtureRequest) -> Iterator[PortLease]:
    """Leases of ports that no other test, worker or session of this machine is given until they end.

    ``port_lease("tts")`` is one lease: ``.port``, ``.url()``, ``.env(NAME)``, ``.hold()``, ``.release()``.
    ``port_lease(count=2, contiguous=True, proto="udp")`` is a tuple of them. They end with the test.
    """
    from pytest_maint.ports.leasing import leasing

    yield from leasing(request)


@pytest.fixture
def vram(request: pytest.FixtureRequest) -> Vram:
    """The GPU memory that this test uses: ``vram.peak``, ``.source``, ``.budget`` and ``.reset()``."""
    from pytest_maint.vram.meter import of_test

    return of_test(request)


@pytest.fixture
def zmq_req_rep(request: pytest.FixtureRequest) -> Iterator[BindsSecond]:
    """A factory of connected ``(REQ, REP)`` sockets."""
    from pytest_maint.zmq.pairs import binds_second

    yield from binds_second(request, "REQ", "REP")


@pytest.fixture
def zmq_pub_sub(request: pytest.FixtureRequest) -> Iterator[PubSub]:
    """A factory of ``(PUB, SUB)`` sockets; the subscription has arrived before they are handed over."""
    from pytest_maint.zmq.pairs import pub_sub

    yield from pub_sub(request)


@pytest.fixture
def zmq_push_pull(request: pytest.FixtureRequest) -> Iterator[BindsSecond]:
    """A factory of connected ``(PUSH, PULL)`` sockets."""
    from pytest_maint.zmq.pairs import binds_second

    yield from binds_second(request, "PUSH", "PULL")


@pytest.fixture
def zmq_router_dealer(request: pytest.FixtureRequest) -> Iterator[BindsFirst]:
    """A factory of connected ``(ROUTER, DEALER)`` sockets."""
    from pytest_maint.zmq.pairs import binds_first

    yield from binds_first(request, "ROUTER", "DEALER")


@pytest.fixture
def zmq_pair(request: pytest.FixtureRequest) -> Iterator[BindsFirst]:
    """A factory of connected ``(PAIR, PAIR)`` sockets."""
    from pytest_maint.zmq.pairs import binds_first

    yield from binds_first(request, "PAIR", "PAIR")


@pytest.fixture
def zmq_xpub_xsub(request: pytest.FixtureRequest) -> Iterator[BindsFirst]:
    """A factory of connected ``(XPUB, XSUB)`` sockets."""
    from pytest_maint.zmq.pairs import binds_first

    yield from binds_first(request, "XPUB", "XSUB")


@pytest.fixture
def zmq_curve(request: pytest.FixtureRequest) -> Iterator[Curve]:
    """CURVE keys and an authenticator: ``server_key``, ``client(user)``, ``allow(user)``, ``deny(user)``."""
    from pytest_maint.zmq.authentication import curve

    yield from curve(request)


@pytest.fixture
def zmq_remap(request: pytest.FixtureRequest) -> Iterator[Remap]:
    """Hard-coded tcp endpoints of the code under test become ipc ones: no port is opened."""
    from pytest_maint.zmq.remapping import remapping

    yield from remapping(request)


@pytest.fixture
def zmq_fault_proxy(request: pytest.FixtureRequest) -> Iterator[FaultProxies]:
    """A factory of proxies that drop, delay, duplicate, reorder or corrupt whole messages, from a seed."""
    from pytest_maint.zmq.proxying import proxying

    yield from proxying(request)
