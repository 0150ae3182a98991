"""The arguments of the words that look into the code: ``scan``, ``check``, ``graph``, ``init``."""

from __future__ import annotations

import argparse
from pathlib import Path

from maint.cli.root import add_root

# Declared here and not taken from maint.ports.scan.formats: every other verb would pay for that import.
FORMATS = ("text", "json", "sarif", "github", "findings")

WORDS = {
    "scan": ("scanning", "show", "list every bind and connect in code and configuration"),
    "check": ("scanning", "check", "judge them, with the registry: collisions, strays, open sockets"),
    "graph": ("drawing", "graph", "draw who binds and who connects"),
    "init": ("drawing", "init", "write a first ports.yaml from what the scan finds"),
}


def scan(parser: argparse.ArgumentParser) -> None:
    """``maint ports scan``."""
    _where(parser)
    parser.add_argument("--format", choices=FORMATS, default="text", help="default: text")
    _output(parser)


def check(parser: argparse.ArgumentParser) -> None:
    """``maint ports check``."""
    scan(parser)
    parser.add_argument("--out", type=Path, metavar="DIR", help="write findings.json and the report there")


def graph(parser: argparse.ArgumentParser) -> None:
    """``maint ports graph``."""
    _where(parser)
    parser.add_argument(
        "--format", choices=("mermaid", "dot", "html"), default="mermaid", help="default: mermaid"
    )
    _output(parser)


def init(parser: argparse.ArgumentParser) -> None:
    """``maint ports init``."""
    _where(parser)


ARGUMENTS = {"scan": scan, "check": check, "graph": graph, "init": init}


def _where(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH", help="files and folders (default: all)"
    )
    parser.add_argument(
        "--registry",
        type=Path,
        metavar="FILE",
        help="the registry (default: $MAINT_PORTS_FILE, else [tool.maint.ports] registry)",
    )
    add_root(parser)
    parser.add_argument("--no-cache", action="store_true", help="neither read nor write .maint/cache")


def _output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="write there instead of to standard output"
    )
