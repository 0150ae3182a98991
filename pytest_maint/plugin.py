"""The pytest entry point: declares options and markers, and wakes a guardrail only when it is asked for."""

from __future__ import annotations

import importlib
import os
import re
from typing import TYPE_CHECKING, Any

import pytest

from pytest_maint.options import add_options, cli_values, early_values, marker_lines, settings

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from maint.config import Config

pytest_plugins = ("pytest_maint.fixtures",)

_ROOMS = {
    "ports": "pytest_maint.ports.guard",
    "vram": "pytest_maint.vram.budget",
    "zmq": "pytest_maint.zmq.guard",
}
_EXTRA = {"zmq": "zmq"}  # without which a room cannot even be imported
_BY_MARKER = {"binds": "ports", "vram_budget": "vram", "zmq": "zmq"}
# What workers of xdist send with the report of a test, and the room whose account it is.
_BY_PROPERTY = {"maint_vram": "vram", "maint_vram_admission": "vram", "maint_zmq": "zmq"}
# tool.maint in any of TOML's spellings, but neither "maintainers" nor the "pytest-maint" of a dependency list
_MAINT = re.compile(rb"(?<![\w-])maint(?![\w-])")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declared here even for sleeping guardrails: a plugin registered later misses option parsing."""
    add_options(parser)


# tryfirst: conftest files are imported in this hook, and what they import is to be watched from the start.
@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Coverage and the exception recorder have to be there before the code that they watch is imported."""
    given = early_values(early_config)
    if not given and not _mentions_maint(early_config.rootpath):
        return
    from maint.config import load
    from maint.errors import MaintError

    try:
        chosen = load(early_config.rootpath, given)
    except MaintError:
        return  # said in pytest_configure, where all options are known
    try:
        if _wants_coverage(chosen):
            from pytest_maint.coverage.source import start

            start(early_config, chosen["coverage.core"])
        if chosen["except.action"]:
            from pytest_maint.excepts import recording

            recording.start(early_config)
    except MaintError as error:
        raise pytest.UsageError(str(error)) from None


# trylast: pytest-benchmark, the terminal reporter and xdist must be configured before the gate looks at them.
@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """The earliest place where a bad table or a gate that cannot run can still stop the run with exit 4."""
    for line in marker_lines():
        config.addinivalue_line("markers", line)
    if config.getoption("dist", "no") != "no":
        config.pluginmanager.register(_FromWorkers(config), "maint-from-workers")
    given = cli_values(config)
    if not given and not _mentions_maint(config.rootpath):
        return
    from maint.errors import MaintError

    try:
        chosen = settings(config)
        if chosen["benchmark.baseline"] or chosen["benchmark.selftest"]:
            if os.name != "posix":
                raise MaintError("--maint-baseline: needs Linux or macOS; run it there, for instance in CI")
            from pytest_maint.benchmark import gate

            gate.activate(config)
        if chosen["report.enabled"]:
            from pytest_maint.session.recorder import record

            record(config)
        if chosen["except.action"]:
            from pytest_maint.excepts import recording

            recording.activate(config)
        if _wants_coverage(chosen):
            from pytest_maint.coverage import gate as coverage_gate

            coverage_gate.activate(config)
        if chosen["ports.guard"] != "off":
            _wake("ports", config)
        if chosen["zmq.enabled"]:
            _wake("zmq", config)
    except MaintError as error:
        raise pytest.UsageError(str(error)) from None


# Outermost: what is ordered here stays so, also where other plugins shuffle, and what they deselect is gone.
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Generator[None, object, object]:
    """A marker or fixture of a guardrail wakes it: no option has to be given."""
    for room in sorted({room for item in items for room in _asked(item)}):
        _wake_or_refuse(room, config, items)
    result = yield
    if hasattr(config, "workerinput") and config.pluginmanager.has_plugin("maint-vram-admission"):
        from pytest_maint.vram.ordering import largest_first

        items[:] = largest_first(items)
    return result


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> Generator[None, int | None, int | None]:
    """``-n auto`` counts what fits on the GPU too, where ``[tool.maint.vram]`` gives a default budget."""
    proposed = yield
    if proposed is None or not _mentions_maint(config.rootpath):
        return proposed
    from maint.errors import MaintError

    try:
        from pytest_maint.vram.workers import at_most

        return at_most(config, proposed)
    except MaintError as error:
        raise pytest.UsageError(str(error)) from None


def _asked(item: pytest.Item) -> Iterator[str]:
    for mark in item.iter_markers():
        if mark.name in _BY_MARKER:
            yield _BY_MARKER[mark.name]
    for name in getattr(item, "fixturenames", ()):
        if name.startswith("zmq_"):
            yield "zmq"
        elif name == "vram":
            yield "vram"


def _wake(room: str, config: pytest.Config) -> None:
    """Register the guardrail of a room, once; MaintError names the extra that it lacks."""
    if config.pluginmanager.has_plugin(f"maint-{room}"):
        return
    if room in _EXTRA:
        from maint.extras import require

        require(_EXTRA[room])
    importlib.import_module(_ROOMS[room]).activate(config)


def _wake_or_refuse(room: str, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where the guardrail cannot work, the tests that ask for it must not pass without it."""
    from maint.errors import MaintError

    try:
        _wake(room, config)
    except (MaintError, pytest.UsageError) as error:
        from pytest_maint.failure import refuse

        refuse(config, {item: str(error) for item in items if room in _asked(item)})


class _FromWorkers:
    """Wakes a room on xdist's controller, which collects no test, with the first report that tells of it."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """What wakes here misses this very call, so it is given the report by hand."""
        plugins = self._config.pluginmanager
        for room in {_BY_PROPERTY[name] for name, _ in report.user_properties if name in _BY_PROPERTY}:
            if plugins.has_plugin(f"maint-{room}"):
                continue
            awake = plugins.get_plugins()
            _wake(room, self._config)
            # In this order: an account strips what is its own from the report.
            for name in (f"maint-{room}-metrics", f"maint-{room}-account", "maint-scope"):
                woken: Any = plugins.get_plugin(name)
                if woken is not None and woken not in awake:
                    woken.pytest_runtest_logreport(report)


def _wants_coverage(chosen: Config) -> bool:
    """Whether coverage is to be judged: asked for, or given a demand for this one session."""
    if chosen["coverage.enabled"]:
        return True
    demands = ("coverage.min", "coverage.patch", "coverage.patch_min")
    refused = chosen.source("coverage.enabled").startswith("--")
    return not refused and any(chosen.source(name).startswith("--") for name in demands)


def _mentions_maint(root: Path) -> bool:
    """Whether parsing ``pyproject.toml`` can be worth it: the bytes say so, most projects stop here."""
    try:
        return bool(_MAINT.search((root / "pyproject.toml").read_bytes()))
    except OSError:
        return False
