"""Projects under the guard over ports, and fixed ports for them that nobody else has."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from maint.ports import ranges
from maint.ports.lease import Leasing


class Guarded:
    """A project of one test file, and what a session over it ended with."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.root = pytester.path

    def registry(self, **entries: str) -> None:
        """Write ``ports.yaml``; each entry is YAML's flow of its keys."""
        lines = [f"  {name}: {{{fields}}}" for name, fields in entries.items()]
        (self.root / "ports.yaml").write_text("\n".join(["version: 1", "ports:", *lines, ""]))

    def write(self, text: str, name: str = "test_it.py") -> None:
        """Write a file of tests."""
        head = "import os, socket, subprocess, sys, threading, pytest\n"
        (self.root / name).write_text(head + dedent(text))

    def run(self, *arguments: str, guard: str = "error", process: bool = False) -> pytest.RunResult:
        """A session under the guard, in this process unless it is asked for one of its own."""
        plugins = ["pytest_maint.plugin"] + ["xdist.plugin"] * any(one.startswith("-n") for one in arguments)
        chosen = [part for name in plugins for part in ("-p", name)]
        given = (*chosen, "-p", "no:cacheprovider", "-q", f"--maint-ports={guard}", *arguments)
        run = self.pytester.runpytest_subprocess if process else self.pytester.runpytest_inprocess
        return run(*given)

    @property
    def findings(self) -> list[dict[str, Any]]:
        """The findings of the last session."""
        document = json.loads((self.root / ".maint/out/findings.json").read_text())
        return list(document["findings"])

    @property
    def codes(self) -> list[str]:
        """Their codes."""
        return sorted(one["code"] for one in self.findings)


@pytest.fixture
def free_ports(request: pytest.FixtureRequest) -> Iterator[Callable[..., list[int]]]:
    """Free fixed ports that no other test of this machine gets until this one ends."""
    chosen = ranges.lease_range(range(20000, 30000), ranges.ephemeral())
    leasing = Leasing(chosen.ports)
    found = []

    def ports(count: int = 1, proto: str = "tcp") -> list[int]:
        leases = leasing.leases(count, proto=proto)
        found.extend(leases)
        return [one.port for one in leases]

    yield ports
    for one in found:
        one.release()


@pytest.fixture
def port(free_ports: Callable[..., list[int]]) -> int:
    """One of them."""
    return free_ports()[0]


@pytest.fixture
def guarded(
    pytester: pytest.Pytester, port: int, tmp_path_factory: pytest.TempPathFactory, monkeypatch: Any
) -> Guarded:
    """A project whose sessions know nothing of the leases out here."""
    place: Path = tmp_path_factory.mktemp("leases")
    monkeypatch.setenv("MAINT_LEASE_DIR", str(place))
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_TESTRUNUID", "PYTEST_ADDOPTS", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    # Importing every plugin there is, once for each session, costs more than all sessions.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeini("[pytest]\nfilterwarnings = error\n")
    return Guarded(pytester)
