"""``[tool.maint.lint]``: the static rules, under flake8 and under ``maint lint``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from maint.options.option import Option, codes, flag, pattern, strings, text

if TYPE_CHECKING:
    from collections.abc import Callable


def _option(
    key: str, kind: Callable[[object], Any], default: Any, help: str, choices: tuple[str, ...] = ()
) -> Option:
    """An option that both fronts have: a key of the table, and a flag and ini key of flake8."""
    return Option("lint", key, kind, default, help, choices=choices, flake8=f"--maint-{key}")


OPTIONS: tuple[Option, ...] = (
    # flake8 has these three itself: --select, --extend-select, --ignore
    Option("lint", "select", codes, (), "codes to report instead of those that are on by default"),
    Option(
        "lint", "extend-select", codes, (), "codes to report besides, such as MNT040, which is off by default"
    ),
    Option("lint", "ignore", codes, (), "codes that are not reported"),
    _option("prefix", text, "E", "the letters before 900: MNT makes E900 MNT900", ("E", "MNT")),
    _option(
        "boundary-names",
        strings,
        ("main", "_main"),
        "functions at module level whose own frame may catch everything, as long as it reports",
    ),
    _option(
        "boundary-decorators",
        strings,
        (),
        "decorators, such as app.command or *.task, of functions that may catch everything if they report",
    ),
    _option(
        "boundary-methods",
        strings,
        (),
        "methods, such as __del__, whose own frame may catch everything, as long as it reports",
    ),
    _option(
        "boundary-loops",
        flag,
        False,
        "whether a try in the body of `while True` may catch everything, as long as it reports",
    ),
    _option(
        "logged",
        text,
        "report",
        "a broad handler that logs the traceback and goes on: reported with (logged), or accepted",
        ("report", "ok"),
    ),
    _option(
        "report-callables",
        strings,
        ("capture_exception", "print_exc", "print_exception", "format_exc", "format_exception"),
        "functions that record an exception with its traceback, besides a logger's exception() and exc_info=",
    ),
    _option(
        "pylint-disables",
        text,
        "report",
        "a line with pylint's disable=broad-except or bare-except: reported, or accepted",
        ("report", "ok"),
    ),
    _option("tests", flag, True, "whether E900 and MNT010 to MNT014 judge the tests, too"),
    _option(
        "test-folders",
        strings,
        ("test", "tests", "testing", "testdata", "fixtures"),
        "folders of tests; what lies below is not shipped and may use literal ports",
    ),
    _option("swallowers", strings, (), "context managers of this project that swallow every exception"),
    _option(
        "backup-patterns",
        strings,
        (
            "*.bak",
            "*.backup*",
            "*.orig",
            "*.old",
            "*.save",
            "*~",
            "*.deprecated",
            "*_backup_[0-9][0-9][0-9][0-9]*.py",
        ),
        "names of backup files, in any case",
    ),
    _option(
        "archive-folders",
        strings,
        ("_trash_*", "backups", "old", "archive"),
        "names of folders in which old modules are kept",
    ),
    _option("port-calls", strings, ("bind", "connect", "listen"), "functions and methods that take a port"),
    _option(
        "ticket-regex",
        pattern,
        r"[A-Z][A-Z0-9]+-\d+|#\d+|https?://\S+",
        "what names a ticket in a comment",
    ),
    Option(
        "lint",
        "baseline",
        flag,
        False,
        "whether only findings are reported that the baseline file does not hold",
        flake8="--maint-lint-baseline",
    ),
    Option(
        "lint",
        "baseline-file",
        text,
        ".maint/lint-baseline.jsonl",
        "the findings that an old code base starts with, one line each; committed",
        metavar="FILE",
        flake8="--maint-lint-baseline-file",
    ),
)
