"""What the guard knows of one attempt at one test, and of the sockets that were bound in it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import NamedTuple

import pytest

from maint.ports import clock
from maint.ports.listeners import Listener
from pytest_maint.account import Attempt

from .allowance import Port
from .binds import Bind
from .findings import Place


class Made(NamedTuple):
    """A bind that was seen, with the test and the innermost fixture that were at work.

    ``behind`` are earlier binds of this process that have the port, so that this one will be refused.
    """

    bind: Bind
    node_id: str
    fixture: str
    behind: tuple[Made, ...] = ()

    def said(self, root: Path) -> str:
        """``tcp socket bound at tests/conftest.py:12 by fixture 'server'``."""
        by = f" by fixture {self.fixture!r}" if self.fixture else ""
        return f"{self.bind.what} bound at {self.bind.site.shown(root)}{by}"


class Watched(Attempt):
    """One attempt at one test; ``marked`` are the ports of its markers."""

    def __init__(self, item: pytest.Item, ports: frozenset[Port], before: frozenset[Listener]) -> None:
        super().__init__(item.nodeid)
        self.file = item.path
        self.root = item.config.rootpath
        self.marked = ports
        self.before = before
        self.binds: list[Made] = []
        self.began = clock.monotonic()
        # What these threads bind is not the doing of this test.
        # Not by Python's ident of a thread: a new one is given that of one that has ended.
        self.threads = {each.native_id for each in threading.enumerate()} - {threading.get_native_id()}

    def place(self, fixture: str = "") -> Place:
        """Whose the findings are."""
        return Place(self.node_id, self.root, fixture)


class Wider(NamedTuple):
    """A fixture that lives longer than a test: what listens since its setup, and the processes it started."""

    name: str
    listeners: frozenset[Listener]
    pids: frozenset[int]
