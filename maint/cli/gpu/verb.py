"""``maint gpu``: look at the machine's GPU memory, and tell Prometheus of it."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

from maint.cli.gpu.interval import interval
from maint.cli.root import add_root

if TYPE_CHECKING:
    import argparse

HELP = "show the machine's GPU memory and who holds it; export it to Prometheus; print the alerts"

# word -> (module with a function of that name, its help)
_WORDS = {
    "top": ("top", "show cards, processes, and the tests that hold or await a budget"),
    "export": ("export", "write the cards' state as Prometheus metrics, once or again and again"),
    "alerts": ("alerts", "print the alerting rules, with the threshold of this project"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this verb."""
    words = parser.add_subparsers(metavar="WORD", required=True)
    for word, (module, described) in _WORDS.items():
        sub = words.add_parser(word, help=described, description=described, allow_abbrev=False)
        _ARGUMENTS[word](sub)
        sub.set_defaults(word=word, module=f"maint.cli.gpu.{module}")


def run(arguments: argparse.Namespace) -> int:
    """Run one of the words; 1 where a card is fuller than the alert allows."""
    code: int = getattr(importlib.import_module(arguments.module), arguments.word)(arguments)
    return code


def _top(parser: argparse.ArgumentParser) -> None:
    _every(parser, "2s", "how often the screen is drawn anew (default: 2s)")
    parser.add_argument("--once", action="store_true", help="print it once, as is done into a pipe or file")


def _export(parser: argparse.ArgumentParser) -> None:
    add_root(parser)
    parser.add_argument(
        "--textfile", type=Path, metavar="FILE", help="for node_exporter's textfile collector: NAME.prom"
    )
    parser.add_argument("--pushgateway", metavar="URL", help="push to this gateway")
    _every(parser, None, "go on until SIGTERM or Ctrl-C, writing this often: 15s, 1m (default: write once)")


def _every(parser: argparse.ArgumentParser, default: str | None, described: str) -> None:
    parser.add_argument(
        "--every",
        type=interval,
        default=default,
        metavar="TIME",
        help=described,
    )


_ARGUMENTS = {"top": _top, "export": _export, "alerts": add_root}
