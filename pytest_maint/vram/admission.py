"""Marked tests wait for their budget: the ledger lets as many run at once as the cards can hold."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator, Iterator, Mapping
from typing import NamedTuple

import pytest

from maint.errors import MaintError
from maint.gpu.downgrade import Downgrade
from maint.gpu.ledger import Ledger, NoRoomError, WaitError, ledger_folder
from maint.gpu.lock import LedgerError
from maint.gpu.nvml import Device, Nvml, open_nvml
from maint.gpu.queueing import Ticket
from maint.gpu.reading import CardReading, read_card, share
from maint.gpu.visible import VARIABLE, cuda_has_begun, visible
from maint.report.cells import encodable
from pytest_maint.failure import own
from pytest_maint.options import settings
from pytest_maint.vram.request import Request, request_of

from .notes import PROPERTY, Note, encoded

_REFUSED = pytest.StashKey["Note"]()


class Place(NamedTuple):
    """The driver, the cards that CUDA shows, and the ledger of their memory."""

    nvml: Nvml
    devices: tuple[Device, ...]
    ledger: Ledger


def activate(config: pytest.Config) -> None:
    """Hold back the tests that this process runs until there is room for them.

    Call it after the guard is registered: a test that is not admitted is not measured either.
    """
    config.pluginmanager.register(Admission(config), "maint-vram-admission")


class Admission:
    """Lives in the process that runs tests: an xdist worker, or the only one."""

    def __init__(self, config: pytest.Config) -> None:
        chosen = settings(config)
        self._reserve: int = chosen["vram.reserve"]
        self._wait_s: float = chosen["vram.wait"]
        self._worker = getattr(config, "workerinput", {}).get("workerid", "")
        self._place: Place | Note | Downgrade | None = None
        self._named_devices = False
        self._variable = os.environ.get(VARIABLE)
        self._bound: Device | None = None
        self._fullest: dict[str, float] = {}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """A test that names a card has to see all of them."""
        self._named_devices = any((one := _asked(item)) is not None and one.device for item in session.items)

    # Outermost: neither a time limit on the test nor its measurement begins before it may.
    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Wait for the test's budget, and give it back when its last fixture is torn down."""
        request = _asked(item)
        if request is None:
            return (yield)
        ticket = self._admitted(item, request)
        try:
            return (yield)
        finally:
            if ticket is not None and isinstance(self._place, Place):
                _release(self._place.ledger, ticket)

    # Before the guard's, which is registered earlier: what is refused is not measured.
    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Where the test's refusal becomes its outcome."""
        note = item.stash.get(_REFUSED, None)
        if note is not None and note.outcome == "skipped":
            pytest.skip(note.message)
        if note is not None:
            raise own(pytest.fail.Exception(note.message, pytrace=False))

    # Before the fixtures are torn down: the test still holds what it holds.
    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        """How full the cards are, for the metrics and the alert; and whether admission was missed."""
        if _asked(item) is None:
            return
        if isinstance(self._place, Place):
            cards = tuple(self._fuller(self._place))
            if cards:
                _say(item, Note(node_id=encodable(item.nodeid), cards=cards))
        elif isinstance(self._place, Note):
            _say(item, self._place)
        elif self._place is not None and cuda_has_begun():
            _say(item, _unkept(self._place.detail))

    # Not at the end of the process: xdist may end its workers before that.
    def pytest_sessionfinish(self) -> None:
        """Leave the ledger, and the environment as it was."""
        if isinstance(self._place, Place):
            _leave(self._place)
        self._place = None
        if self._bound is not None:
            if self._variable is None:
                os.environ.pop(VARIABLE, None)
            else:
                os.environ[VARIABLE] = self._variable

    def _fuller(self, place: Place) -> Iterator[CardReading]:
        """The cards that are fuller than at the end of any test before: only those are said in the end."""
        for device in place.devices:
            memory = place.nvml.memory(device)
            if isinstance(memory, Downgrade) or share(memory) <= self._fullest.get(device.uuid, -1.0):
                continue
            card = read_card(place.nvml, device)
            if isinstance(card, CardReading):
                self._fullest[device.uuid] = card.share
                yield card

    def _admitted(self, item: pytest.Item, request: Request) -> Ticket | None:
        if self._place is None:
            self._place = _joined()
        place = self._place
        if not isinstance(place, Place):
            return None
        devices = self._choice(place, request)
        try:
            ticket = place.ledger.acquire(
                request.budget or 0,
                owner=f"{self._worker} {item.nodeid}".strip(),
                wait_s=self._wait_s,
                cards=[device.uuid for device in devices] or ["none"],
                reserve=self._reserve,
                exclusive=request.exclusive,
            )
        except MaintError as error:
            self._refuse(item, request, error)
            return None
        self._bind(next(device for device in devices if device.uuid == ticket.card), place)
        return ticket

    def _choice(self, place: Place, request: Request) -> tuple[Device, ...]:
        """The cards that this test may be given: one, once the process cannot turn to another."""
        if self._bound is not None:
            return (self._bound,)
        if request.device is not None:
            return place.devices[request.device : request.device + 1]
        if self._named_devices or cuda_has_begun():
            return place.devices[:1]
        return place.devices

    def _bind(self, device: Device, place: Place) -> None:
        """Show CUDA this card alone, from before it first looks; that holds for all tests of the process."""
        if (
            len(place.devices) > 1
            and not self._named_devices
            and self._bound is None
            and not cuda_has_begun()
        ):
            self._bound = device
            os.environ[VARIABLE] = device.uuid

    def _refuse(self, item: pytest.Item, request: Request, error: MaintError) -> None:
        code, outcome = _REFUSALS.get(type(error), ("VRAM012", ""))
        if isinstance(error, NoRoomError):
            outcome = {"skip": "skipped", "fail": "failed", "run": ""}[request.missing]
        said = encodable(f"{item.nodeid}: {error}; {code}")
        note = Note(node_id=encodable(item.nodeid), code=code, outcome=outcome, message=said)
        if outcome:
            item.stash[_REFUSED] = note
        _say(item, note)


_REFUSALS: Mapping[type[MaintError], tuple[str, str]] = {
    NoRoomError: ("VRAM010", ""),
    WaitError: ("VRAM011", "failed"),
    LedgerError: ("VRAM012", ""),
}


def _asked(item: pytest.Item) -> Request | None:
    """What the test asks of the card, if it names a budget or wants it for itself, and is to run."""
    request = None if item.get_closest_marker("skip") else request_of(item)
    return None if request is None or (request.budget is None and not request.exclusive) else request


def _say(item: pytest.Item, note: Note) -> None:
    item.user_properties.append((PROPERTY, encoded(note)))


def _joined() -> Place | Note | Downgrade:
    nvml = open_nvml()
    if isinstance(nvml, Downgrade):
        return nvml
    try:
        ledger = Ledger(ledger_folder(), lambda: _free(nvml))
    except MaintError as error:
        nvml.close()
        return _unkept(str(error))
    place = Place(nvml, visible(nvml.devices, os.environ.get(VARIABLE)), ledger)
    if place.devices and not any(device.uuid in ledger.free for device in place.devices):
        _leave(place)
        return _unkept("the driver does not tell how large the card is")
    return place


def _unkept(reason: str) -> Note:
    return Note(code="VRAM012", message=encodable(f"budgets were not admitted: {reason}; VRAM012"))


def _free(nvml: Nvml) -> dict[str, int]:
    """What each card has to give: its memory without the driver's part and what other programs use now."""
    found: dict[str, int] = {}
    for device in nvml.devices:
        card = read_card(nvml, device)
        if isinstance(card, CardReading):
            own = sum(one.used or 0 for one in card.processes if one.pid == os.getpid())
            found[device.uuid] = card.total - (card.reserved or 0) - card.used + own
    return found


def _release(ledger: Ledger, ticket: Ticket) -> None:
    with contextlib.suppress(LedgerError):  # a hook must not raise, and the ticket ends with this process
        ledger.release(ticket)


def _leave(place: Place) -> None:
    place.nvml.close()
    with contextlib.suppress(LedgerError):
        place.ledger.leave()
