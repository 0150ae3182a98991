"""The options of the rules as options of flake8, and the settings of one run."""

from __future__ import annotations

import multiprocessing
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flake8.exceptions import ExecutionError

from maint.config import load, nearest_root
from maint.errors import MaintError
from maint.lint.selection import TABLE, check_selection
from maint.lint.settings import PREFIXED, RENAMED, Settings
from maint.options.lint import OPTIONS
from maint.options.option import codes, flag, strings

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from flake8.options.manager import OptionManager

    from maint.lint.baseline import Baseline

_LISTS = (codes, strings)


class Session:
    """What every file of a run is judged by: ``root`` of the project, ``settings``, and the ``baseline``."""

    __slots__ = ("baseline", "root", "settings")

    def __init__(self, root: Path, settings: Settings, baseline: Baseline | None) -> None:
        self.root = root
        self.settings = settings
        self.baseline = baseline


def add_options(manager: OptionManager) -> None:
    """Declare every option of the rules; all default to None, so that absence is visible."""
    for option in OPTIONS:
        if option.flake8:
            manager.add_option(
                option.flake8,
                metavar="true|false" if option.kind is flag else option.metavar,
                parse_from_config=True,
                comma_separated_list=option.kind in _LISTS,
                help=f"{option.help} (default: {_shown(option.default)})".replace("%", "%%"),
            )


def _shown(default: Any) -> str:
    """A default as it is written on a command line."""
    if isinstance(default, tuple):
        return ",".join(default) or "none"
    return str(default).lower() if isinstance(default, bool) else str(default)


def session(given: argparse.Namespace) -> Session:
    """``[tool.maint.lint]`` of the nearest project with flake8's options over it.

    Raises flake8's ExecutionError, which it shows without a traceback.
    """
    root = nearest_root(Path.cwd())
    try:
        values = load(root, _given(given)).section("lint")
        check_selection(values, TABLE)
        baseline = _baseline(root, values["baseline-file"]) if values["baseline"] else None
    except MaintError as error:
        raise ExecutionError(str(error)) from None
    wanted = [*(given.select or ()), *(given.extend_select or ())]
    settings = Settings(values | {"extend-select": (*values["extend-select"], *wanted)})
    _warn_of_the_other_name(settings, wanted)
    return Session(root, settings, baseline)


def _warn_of_the_other_name(settings: Settings, wanted: Sequence[str]) -> None:
    """flake8 drops MNT900 when E900 is selected, and the other way round, without a word."""
    shown = settings.shown_code(PREFIXED)
    hidden = PREFIXED if shown == RENAMED else RENAMED
    is_dropped = hidden in wanted and not shown.startswith(tuple(wanted))
    if is_dropped and multiprocessing.parent_process() is None:
        sys.stderr.write(
            f"maint: {hidden} is selected, but the prefix {settings.prefix} shows it as {shown}; "
            f"select {shown}\n"
        )


def _baseline(root: Path, name: str) -> Baseline:
    from maint.lint.baseline import Baseline, read

    return Baseline(read(root / name), lambda path: (root / path).exists())


def _given(options: argparse.Namespace) -> dict[str, Any]:
    """What flake8 was given, raw, by the names of our options."""
    found = {}
    for option in OPTIONS:
        raw = getattr(options, option.flake8.removeprefix("--").replace("-", "_")) if option.flake8 else None
        if raw is not None:
            words = {"true": True, "false": False} if option.kind is flag else {}
            found[option.name] = words.get(raw.lower(), raw) if isinstance(raw, str) else raw
    return found
