"""Watches a session for what it leaves out: deselected tests, crashed workers, an early end."""

from __future__ import annotations

import glob
import os
from collections.abc import Generator, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from pytest_maint.partial import Asked, Seen, narrow_paths, partial_reason

_SCOPE = pytest.StashKey["Scope"]()
_OUTPUT = "maint_deselected"


class Scope:
    """Lives in the controller and in each worker; only the controller's answers."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._asked = asked(config)
        self._expected: set[str] = set()
        self._started: set[str] = set()
        self._broken: set[str] = set()
        self._crashed: list[str] = []
        self._stopped = ""
        self.deselected: set[str] = set()

    def partial(self) -> str:
        """Why the session did not look at everything; empty when it did. Final from the last test on."""
        seen = Seen(
            expected=frozenset(self._expected),
            started=frozenset(self._started),
            deselected=frozenset(self.deselected),
            collection_errors=len(self._broken),
            crashed=tuple(self._crashed),
            stopped=self._stopped,
        )
        return partial_reason(self._asked, seen)

    # Outermost: what any plugin takes out of the list, with or without telling, is left out.
    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Generator[None, None, None]:
        """Compare the collected tests before and after every plugin's selection."""
        before = {item.nodeid for item in items}
        yield
        self.deselected |= before - {item.nodeid for item in items}

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """Also what is deselected at another time."""
        self.deselected |= {item.nodeid for item in items}

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
        self.deselected |= set(getattr(node, "workeroutput", {}).get(_OUTPUT, ()))

    def pytest_sessionfinish(self) -> None:
        """On a worker: hand over what was left out."""
        output: dict[str, object] | None = getattr(self._config, "workeroutput", None)
        if output is not None:
            output[_OUTPUT] = sorted(self.deselected)

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
    selectors = list(_selectors(config))
    configured = tuple(typed for typed, value in selectors if _gives(own, value))
    return Asked(
        selectors=tuple(typed for typed, value in selectors if not _gives(own, value)),
        configured=configured,
        cuts=(*_modes(config), *(typed for typed, value in _ignored(config) if not _gives(own, value))),
        narrow_paths=_narrow(config, own),
    )


def _selectors(config: pytest.Config) -> Iterable[tuple[str, str]]:
    for flag, name in (("-k", "keyword"), ("-m", "markexpr"), ("--group", "group")):
        if value := config.getoption(name, None):
            yield f"{flag} {value}", str(value)
    for prefix in config.getoption("deselect", None) or ():
        yield f"--deselect {prefix}", str(prefix)


def _modes(config: pytest.Config) -> Iterable[str]:
    if config.getoption("collectonly", False):
        yield "--collect-only"
    if config.getoption("lf", False) and _knows_failures(config):
        yield "--lf"


def _ignored(config: pytest.Config) -> Iterable[tuple[str, str]]:
    for flag, name in (("--ignore", "ignore"), ("--ignore-glob", "ignore_glob")):
        for value in config.getoption(name, None) or ():
            yield f"{flag} {value}", str(value)


def _gives(tokens: Sequence[str], value: str) -> bool:
    return any(token == value or token.endswith(value) for token in tokens)


def _knows_failures(config: pytest.Config) -> bool:
    """Without a failure on record ``--lf`` runs everything."""
    cache = getattr(config, "cache", None)
    return cache is not None and bool(cache.get("cache/lastfailed", {}))


def _narrow(config: pytest.Config, own: Sequence[str]) -> tuple[str, ...]:
    given = tuple(map(str, config.args))
    if config.args_source is pytest.Config.ArgsSource.TESTPATHS or set(given) <= set(own):
        return ()
    root = str(config.rootpath)
    patterns = [os.path.join(root, path) for path in config.getini("testpaths")]  # noqa: PTH118
    scope = [Path(found) for pattern in patterns for found in glob.iglob(pattern, recursive=True)]  # noqa: PTH207
    narrow = narrow_paths(given, config.invocation_params.dir, scope or [config.rootpath])
    return tuple(_relative(path, root) for path in narrow)


def _relative(path: str, root: str) -> str:
    return os.path.relpath(path, root) if os.path.isabs(path) else path  # noqa: PTH117
