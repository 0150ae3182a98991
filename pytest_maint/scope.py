"""Watches a session for what it leaves out: deselected tests, crashed workers, an early end."""

from __future__ import annotations

import glob
import os
import shlex
import sys
from collections.abc import Generator, Iterable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import pytest

from maint.report.cells import encodable
from pytest_maint.options import dry
from pytest_maint.partial import Asked, Seen, narrow_paths, option_values, partial_reason

_SCOPE = pytest.StashKey["Scope"]()
_OUTPUT, _DROPPED = "maint_deselected", "maint_dropped"
# Whose deselections are those of -k, -m and --deselect.
_SELECTING = frozenset({"_pytest.mark", "_pytest.main"})
# What these ini options say decides which tests there are.
_COLLECTING = frozenset(
    {"addopts", "testpaths", "norecursedirs", "python_files", "python_classes", "python_functions"}
)


class _Option(NamedTuple):
    """Which name pytest's parser gives to it, and how it is written, the usual spelling first."""

    name: str
    flags: tuple[str, ...]


_SELECTORS = (_Option("keyword", ("-k",)), _Option("markexpr", ("-m",)), _Option("deselect", ("--deselect",)))
_CUTS = (_Option("ignore", ("--ignore",)), _Option("ignore_glob", ("--ignore-glob",)))
_OVERRIDE = _Option("override_ini", ("-o", "--override-ini"))


class Scope:
    """Lives in the controller and in each worker; only the controller's answers."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._asked = Asked()
        self._expected: set[str] = set()
        self._started: set[str] = set()
        self._broken: set[str] = set()
        self._crashed: list[str] = []
        self._stopped = ""
        self._dropped: set[str] = set()
        self.deselected: set[str] = set()

    def partial(self) -> str:
        """Why the session did not look at everything; empty when it did. Final from the last test on."""
        seen = Seen(
            expected=frozenset(self._expected),
            started=frozenset(self._started),
            deselected=frozenset(self.deselected),
            dropped=frozenset(self._dropped),
            collection_errors=len(self._broken),
            crashed=tuple(self._crashed),
            stopped=self._stopped,
        )
        return encodable(partial_reason(self._asked, seen))

    def pytest_sessionstart(self) -> None:
        """What is asked, now that every plugin was configured: one of them may choose the files."""
        self._asked = asked(self._config)

    # Outermost: what any plugin takes out of the list, with or without telling, is left out.
    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Generator[None, None, None]:
        """Compare the collected tests before and after every plugin's selection."""
        before = {item.nodeid for item in items}
        yield
        in_silence = before - {item.nodeid for item in items} - self.deselected
        self.deselected |= in_silence
        self._dropped |= in_silence

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """What somebody deselects and tells of, at any time."""
        # Stand-ins have no name; what they stand for is missing from the list.
        told = {item.nodeid for item in items if hasattr(item, "nodeid")}
        self.deselected |= told
        if _calling_module(sys._getframe()) not in _SELECTING:
            self._dropped |= told

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """What should run."""
        self._expected |= {item.nodeid for item in session.items}

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Iterable[str]) -> None:
        """What should run, of a worker."""
        self._expected |= set(ids)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Tests that could not be collected were not looked at."""
        if report.failed:
            self._broken.add(report.nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """What did run."""
        self._started.add(report.nodeid)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """-x, --maxfail and --stepwise end the loop, in whichever way they do it."""
        try:
            return (yield)
        finally:
            self._stop(str(session.shouldfail or session.shouldstop or ""))

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Ctrl-C, ``pytest.exit``, and how pytest ends a session early."""
        self._stop(str(excinfo.value) or "interrupted")

    def pytest_internalerror(self) -> None:
        """pytest or a plugin of it broke."""
        self._stop("internal error")

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """A worker ends: take over what it left out."""
        if error:
            self._crashed.append(node.gateway.id)
        output = getattr(node, "workeroutput", {})
        self.deselected |= set(output.get(_OUTPUT, ()))
        self._dropped |= set(output.get(_DROPPED, ()))

    def pytest_sessionfinish(self) -> None:
        """On a worker: hand over what was left out."""
        output: dict[str, object] | None = getattr(self._config, "workeroutput", None)
        if output is not None:
            output[_OUTPUT] = sorted(self.deselected)
            output[_DROPPED] = sorted(self._dropped)

    def _stop(self, reason: str) -> None:
        # pytest's own words for a session whose collection failed: that is counted already
        if reason and not self._stopped and not (self._broken and "during collection" in reason):
            self._stopped = reason.splitlines()[0].strip().rstrip(".")


def watch(config: pytest.Config) -> Scope:
    """The scope of this session; ask in ``pytest_configure`` first, on the controller and on each worker."""
    found = config.stash.get(_SCOPE, None)
    if found is None:
        found = config.stash[_SCOPE] = Scope(config)
        config.pluginmanager.register(found, "maint-scope")
    return found


def asked(config: pytest.Config) -> Asked:
    """What the command line and the project's configuration tell this session to run."""
    own = [str(token) for token in config.getini("addopts")]
    chosen = [pair for option in _SELECTORS for pair in _given(config, option, own)]
    selectors = [typed for typed, configured in chosen if not configured]
    return Asked(
        selectors=(*selectors, *_choosers(config)),
        configured=tuple(typed for typed, configured in chosen if configured),
        cuts=(*_modes(config), *_left_out(config, own)),
        narrow_paths=_narrow(config, own),
    )


def _given(config: pytest.Config, option: _Option, own: Sequence[str]) -> Iterable[tuple[str, bool]]:
    """Each value of the option as it would be typed, and whether ``own`` (``addopts``) gives it."""
    value = config.getoption(option.name, None)
    configured = option_values(own, *option.flags)
    if isinstance(value, str):
        if value:
            yield f"{option.flags[0]} {value}", configured[-1:] == (value,)
        return
    for one in map(str, value or ()):
        yield f"{option.flags[0]} {one}", one in configured


def _choosers(config: pytest.Config) -> Iterable[str]:
    """Options that choose anew from run to run, wherever they are given."""
    if group := config.getoption("group", None):  # of pytest-split
        yield f"--group {group}"
    if config.getoption("stepwise", False):
        yield "--stepwise"


def _modes(config: pytest.Config) -> Iterable[str]:
    if mode := dry(config):
        yield mode
    if config.getoption("lf", False) and _knows_failures(config):
        yield "--lf"
    # pytest-testmon passes over whole files, of which it does not tell.
    if config.getoption("testmon", False) and not config.getoption("testmon_noselect", False):
        yield "--testmon"


def _left_out(config: pytest.Config, own: Sequence[str]) -> Iterable[str]:
    for option in _CUTS:
        yield from (typed for typed, configured in _given(config, option, own) if not configured)
    for typed, configured in _given(config, _OVERRIDE, own):
        key = typed.partition(" ")[2].partition("=")[0].strip()
        if key == "addopts":  # what ``own`` was read from; it may hold anything, secrets too
            yield "-o addopts=…"
        elif key in _COLLECTING and not configured:
            yield typed


def _calling_module(frame: FrameType | None) -> str:
    """The module that called the hook whose implementation runs in ``frame``; pluggy does not tell it."""
    frame = frame.f_back if frame is not None else None
    while frame is not None and str(frame.f_globals.get("__name__", "")).partition(".")[0] == "pluggy":
        frame = frame.f_back
    return str(frame.f_globals.get("__name__", "")) if frame is not None else ""


def _knows_failures(config: pytest.Config) -> bool:
    """Without a failure on record ``--lf`` runs everything."""
    cache = getattr(config, "cache", None)
    return cache is not None and bool(cache.get("cache/lastfailed", {}))


def _narrow(config: pytest.Config, own: Sequence[str]) -> tuple[str, ...]:
    given = tuple(map(str, config.args))
    source, sources = config.args_source, pytest.Config.ArgsSource
    if source is sources.ARGS and _are_configured(config, given, own):
        return ()
    if config.getoption("pyargs", False) and source is not sources.INVOCATION_DIR:
        return given if source is sources.ARGS else ()  # names of modules, wherever those are
    root = str(config.rootpath)
    patterns = [os.path.join(root, path) for path in config.getini("testpaths")]  # noqa: PTH118
    scope = [Path(found) for pattern in patterns for found in glob.iglob(pattern, recursive=True)]  # noqa: PTH207
    narrow = narrow_paths(given, config.invocation_params.dir, scope or [config.rootpath])
    return tuple(_relative(path, root) for path in narrow)


def _are_configured(config: pytest.Config, given: Sequence[str], own: Sequence[str]) -> bool:
    typed = {*map(str, config.invocation_params.args), *shlex.split(os.environ.get("PYTEST_ADDOPTS", ""))}
    return set(given) <= set(own) and typed.isdisjoint(given)


def _relative(path: str, root: str) -> str:
    return os.path.relpath(path, root) if os.path.isabs(path) else path  # noqa: PTH117
