"""The option table as pytest options and markers, and the settings of one session."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

import pytest

from maint.options.option import Option, flag
from maint.options.table import MARKERS, OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from maint.config import Config
    from maint.options.option import Option

# pytest's options with which a session runs no test, each with its name in the parser.
_DRY = {
    "--collect-only": "collectonly",
    "--setup-plan": "setupplan",
    "--setup-only": "setuponly",
    "--fixtures": "showfixtures",
    "--fixtures-per-test": "show_fixtures_per_test",
    "--cache-show": "cacheshow",
}
_MEANINGS = {
    "maint_benchmark": "settings of the benchmark gate for this test",
    "vram_budget": "GPU memory that this test may use, the size also as the first argument",
    "zmq": "guard the ZeroMQ sockets of this test, with these settings",
}
_MARKERS = (
    "binds(*ports, proto=): fixed ports, by registered name or number, that no two tests may bind at once",
)
_SETTINGS = pytest.StashKey["Config"]()


def add_options(parser: pytest.Parser) -> None:
    """Declare every option that has a flag; all default to None, so that absence is visible."""
    group = parser.getgroup("maint", "guardrails (pytest-maint)")
    for option in OPTIONS:
        if option.flag is None:
            continue
        group.addoption(
            option.flag,
            dest=_destination(option.flag),
            default=None,
            help=described(option.help, option.default).replace("%", "%%"),
            **_spelling(option),
        )


def _spelling(option: Option) -> dict[str, Any]:
    """How the flag is written: ``--x`` and ``--no-x`` for true or false, else with a value."""
    if option.kind is flag:
        return {"action": argparse.BooleanOptionalAction}
    spread = {} if option.bare is None else {"nargs": "?", "const": option.bare}
    return {"metavar": option.metavar, **spread}


def described(help_text: str, default: object) -> str:
    """One line of help, with the default where there is one that says something."""
    return help_text if default is None or default is False else f"{help_text} (default: {default})"


def marker_lines() -> Iterator[str]:
    """The ``markers`` ini line of every marker, with the arguments that it takes."""
    for section, name in MARKERS.items():
        arguments = ", ".join(
            f"{option.key}=" for option in OPTIONS if option.section == section and option.marker
        )
        yield f"{name}({arguments}): {_MEANINGS[name]}"
    yield from _MARKERS


def cli_values(config: pytest.Config) -> dict[str, object]:
    """What the command line gave, raw, by option name."""
    flagged = ((option.name, option.flag) for option in OPTIONS if option.flag is not None)
    given = {name: config.getoption(_destination(flag), None) for name, flag in flagged}
    return {name: value for name, value in given.items() if value is not None}


def early_values(config: pytest.Config) -> dict[str, object]:
    """The same before the first conftest file is read: what could be parsed by then."""
    given = vars(config.known_args_namespace)
    flagged = ((option.name, option.flag) for option in OPTIONS if option.flag is not None)
    found = {name: given.get(_destination(flag)) for name, flag in flagged}
    return {name: value for name, value in found.items() if value is not None}


def settings(config: pytest.Config) -> Config:
    """The settings of this session, read once; raises ConfigError with all problems at once."""
    found = config.stash.get(_SETTINGS, None)
    if found is None:
        from maint.config import load

        found = config.stash[_SETTINGS] = load(config.rootpath, cli_values(config))
    return found


def dry(config: pytest.Config) -> str:
    """The option by which this session runs no test, such as ``--collect-only``; empty when it does."""
    return next((flag for flag, name in _DRY.items() if config.getoption(name, False)), "")


def _destination(flag: str) -> str:
    return flag.removeprefix("--").replace("-", "_")
