"""The pytest plugin of a worker: run the ordered benchmarks one by one, each suspended inside its call."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from _pytest.config import Config, ConftestImportFailure
from pytest_benchmark.fixture import BenchmarkFixture

from . import imports
from .digest import digest
from .fixture import Control, SuspendedBenchmark
from .link import Link
from .trace import ExecutedCode

_BLOCKED_MARKERS = ("maint_benchmark", "timeout", "flaky", "xdist_group", "no_cover")
_MOST_TEXT = 20_000


def run(link: Link, order: dict[str, Any]) -> None:
    """Run a pytest session as ``order`` says; everything it has to tell goes over ``link``."""
    code = ExecutedCode(order["side_root"]) if order["trace"] else None
    if code:
        code.start()
    try:
        config = Config.fromdictargs(order["options"], order["args"])
    except ConftestImportFailure as failure:
        link.send("broken", error=type(failure.cause).__name__, text=f"{failure.path}: {failure.cause}")
        return
    except (pytest.UsageError, ImportError) as failure:
        link.send("broken", error=type(failure).__name__, text=str(failure))
        return
    config.pluginmanager.register(Worker(link, order, code), "maint-worker")
    config.hook.pytest_cmdline_main(config=config)


class Fixtures:
    """Overrides ``benchmark``; registered late, so that it wins over pytest-benchmark's own."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    @pytest.fixture
    def benchmark(self, benchmark: BenchmarkFixture, request: pytest.FixtureRequest) -> BenchmarkFixture:
        """pytest-benchmark's fixture, suspended inside its call."""
        self._worker.collect_garbage = self._worker.name(request.node) in self._worker.order["gc"]
        self._worker.fixture = SuspendedBenchmark.adopt(benchmark, self._worker)
        return benchmark

    @pytest.fixture
    def no_cover(self) -> None:
        """pytest-cov's, which is blocked in workers."""


class Worker(Control):
    """Hooks of the worker's session; also what a suspended fixture talks to."""

    def __init__(self, link: Link, order: dict[str, Any], code: ExecutedCode | None) -> None:
        self._link = link
        self._code = code
        self.order = order
        self.fixture: SuspendedBenchmark | None = None
        self._inside: set[str] = set()
        self._unimportable: dict[str, dict[str, str]] = {}
        self._failure: dict[str, str] = {}

    def name(self, item: pytest.Item) -> str:
        """The node id in the user's session: parameters may be paths of the tree, in pytest's escapes."""
        here, there = (_escaped(self.order[key]) for key in ("side_root", "top"))
        return item.nodeid.replace(here, there)

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Late: among fixtures of plugins the one registered last wins."""
        for marker in _BLOCKED_MARKERS:
            config.addinivalue_line("markers", f"{marker}: belongs to a plugin that is blocked in workers")
        config.pluginmanager.register(Fixtures(self), "maint-worker-fixtures")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep why a file could not be collected."""
        if report.failed:
            text = str(report.longrepr)
            self._unimportable[report.nodeid] = {"error": _exception_name(text), "text": text[-_MOST_TEXT:]}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Last word on selection and order: what both sides can run, in the order the controller settles."""
        wanted = set(self.order["node_ids"])
        found = {name: item for item in items if (name := self.name(item)) in wanted}
        self._send("collected", node_ids=list(found), errors=self._unimportable)
        items[:] = [found[node_id] for node_id in self.receive()["node_ids"]]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Report the end of each test, teardown included."""
        self._failure, self.fixture, self._inside = {}, None, set()
        result = yield
        self._send(
            "done",
            node_id=self.name(item),
            failure=self._failure,
            group=getattr(self.fixture, "group", None),
            params=_plain(getattr(self.fixture, "params", None)),
            extra_info=_plain(getattr(self.fixture, "extra_info", {})),
        )
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Keep the first failure (or skip) of a test and the type of its exception."""
        report = yield
        if not report.passed and not self._failure and call.excinfo is not None:
            self._failure = {
                "when": report.when or "",
                "outcome": report.outcome,
                "error": call.excinfo.type.__name__,
                "message": str(call.excinfo.value)[:_MOST_TEXT],
                "text": report.longreprtext[-_MOST_TEXT:],
            }
        return report

    def pytest_sessionfinish(self) -> None:
        """Last audit of where imports came from."""
        self._send("finished", around=self._code.around() if self._code else [])

    def ready(self, result: object, calls_per_run: int) -> None:
        """See :class:`Control`."""
        self._send(
            "ready",
            calls_per_run=calls_per_run,
            digest=digest(result, self.order["side_root"]),
            inside=sorted(self._inside),
        )

    def receive(self) -> dict[str, Any]:
        """See :class:`Control`; ends the process when the controller is gone."""
        try:
            return self._link.receive()
        except EOFError:
            # Nobody is left to tell, and fixtures of a half-run test are not worth tearing down for nobody.
            os._exit(1)

    def reply(self, **fields: Any) -> None:
        """See :class:`Control`."""
        self._link.send("slot", **fields)

    @contextlib.contextmanager
    def traced(self) -> Iterator[None]:
        """See :class:`Control`."""
        if self._code is None:
            yield
            return
        with self._code.inside() as inside:
            yield
        # Twice for a coroutine: the call that makes it, and its run.
        self._inside |= inside

    def _send(self, kind: str, **fields: Any) -> None:
        order = self.order
        # Code run by path leaves no trace but itself; looking for it takes too long to do it in every block.
        live = kind == "finished" or (kind == "ready" and order["thorough"])
        strangers = imports.audit(order["side_root"], order["forbidden"], order["names"], live=live)
        self._link.send(kind, strangers=strangers, **fields)


def _escaped(path: str) -> str:
    return path.encode("unicode_escape").decode("ascii")


def _exception_name(text: str) -> str:
    """The exception's name in the last ``E   Name: …`` line of a collection error."""
    for line in reversed(text.splitlines()):
        if line.startswith("E  "):
            return line[1:].strip().partition(":")[0].rpartition(".")[2]
    return ""


def _plain(value: Any) -> Any:
    """``value`` where JSON can hold it, else its ``repr``."""
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        if isinstance(value, dict):
            return {str(key): _plain(item) for key, item in value.items()}
        return repr(value)
    return value
