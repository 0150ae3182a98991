"""The pytest entry point: declares options and markers, and wakes a guardrail only when it is asked for."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest

from pytest_maint.options import add_options, cli_values, marker_line, settings

if TYPE_CHECKING:
    from pathlib import Path

# tool.maint in any of TOML's spellings, but neither "maintainers" nor the "pytest-maint" of a dependency list
_MAINT = re.compile(rb"(?<![\w-])maint(?![\w-])")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declared here even for sleeping guardrails: a plugin registered later misses option parsing."""
    add_options(parser)


# tryfirst: conftest files are imported in this hook, and their handlers are to be recorded too.
@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """The recorder has to be there before the code that it watches is imported."""
    if early_config.known_args_namespace.maint_except == "record":
        from maint.errors import MaintError
        from pytest_maint.excepts import recording

        try:
            recording.start(early_config)
        except MaintError as error:
            raise pytest.UsageError(str(error)) from None


# trylast: pytest-benchmark, the terminal reporter and xdist must be configured before the gate looks at them.
@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """The earliest place where a bad table or a gate that cannot run can still stop the run with exit 4."""
    config.addinivalue_line("markers", marker_line())
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
    except MaintError as error:
        raise pytest.UsageError(str(error)) from None


def _mentions_maint(root: Path) -> bool:
    """Whether parsing ``pyproject.toml`` can be worth it: the bytes say so, most projects stop here."""
    try:
        return bool(_MAINT.search((root / "pyproject.toml").read_bytes()))
    except OSError:
        return False
