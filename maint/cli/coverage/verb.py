"""``maint coverage``: judge, pin and tighten coverage from the command line."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

from maint.cli.root import add_root

if TYPE_CHECKING:
    import argparse

HELP = "judge coverage against the committed baseline; pin, tighten and explain it"

# word -> (module with a function of that name, its help)
_WORDS = {
    "check": ("judging", "judge a measurement against the baseline, the minimum and the patch"),
    "explain": ("judging", "say where one file stands, and what of it is not covered"),
    "init": ("pinning", "write the baseline, or add this environment to it"),
    "update": ("pinning", "tighten the baseline to a measurement; never loosens it"),
    "lower": ("pinning", "record an exception for one file, with its reason and its end"),
    "merge": ("pinning", "write the baseline anew after a merge: the strictest of several lines wins"),
    "bench": ("bench", "measure what each way of tracing costs on this project's own suite"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this verb."""
    words = parser.add_subparsers(metavar="WORD", required=True)
    for word, (module, described) in _WORDS.items():
        sub = words.add_parser(word, help=described, description=described, allow_abbrev=False)
        add_root(sub)
        _ARGUMENTS[word](sub)
        sub.set_defaults(word=word, module=f"maint.cli.coverage.{module}")


def run(arguments: argparse.Namespace) -> int:
    """Run one of the words; 1 where coverage falls short."""
    code: int = getattr(importlib.import_module(arguments.module), arguments.word)(arguments)
    return code


def _check(parser: argparse.ArgumentParser) -> None:
    _data(parser)
    parser.add_argument("--min", metavar="PERCENT", help="total coverage that must be reached")
    parser.add_argument(
        "--patch", metavar="REF", help="judge the lines that changed since this branch left REF"
    )
    parser.add_argument("--patch-min", metavar="PERCENT", help="share of them that must be covered")
    parser.add_argument("--strict-env", action="store_const", const=True, help="fail if not comparable")
    parser.add_argument(
        "--against", metavar="REF", help="fail if the baseline was loosened since this branch left REF"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="write findings.json and the report there")


def _explain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a measured file, relative to the root")
    _data(parser)


def _lower(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a measured file, or total")
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why, for whoever reviews it")
    parser.add_argument("--until", required=True, metavar="DATE", help="the last day it holds: 2026-12-31")
    _data(parser)


def _bench(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="runs of each kind (default: 3)")
    parser.add_argument("arguments", nargs="*", metavar="ARGUMENT", help="for pytest, after --")


def _nothing(parser: argparse.ArgumentParser) -> None:
    pass


def _data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data",
        type=Path,
        metavar="FILE",
        help="a .coverage data file or coverage.json (default: the data file of coverage's settings)",
    )


_ARGUMENTS = {
    "check": _check,
    "explain": _explain,
    "init": _data,
    "update": _data,
    "lower": _lower,
    "merge": _nothing,
    "bench": _bench,
}
