"""``maint ports graph`` and ``init``: a picture of the sockets, and a first registry."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from maint.cli.main import CLEAN
from maint.cli.ports.looking import look
from maint.errors import ConfigError
from maint.ports.graph.dot import dot
from maint.ports.graph.draft import draft
from maint.ports.graph.html import html
from maint.ports.graph.mermaid import mermaid
from maint.ports.graph.topology import Topology, topology
from maint.report.atomic import create_bytes, write_text
from maint.report.cells import counted

if TYPE_CHECKING:
    import argparse

_FORMATS: dict[str, Callable[[Topology], str]] = {"mermaid": mermaid, "dot": dot, "html": html}


def graph(arguments: argparse.Namespace) -> int:
    """Draw who binds and who connects."""
    looked = look(arguments)
    text = _FORMATS[arguments.format](topology(looked.scan.sites, looked.faults, looked.case.entries or ()))
    if arguments.output:
        write_text(arguments.output, text)
    else:
        sys.stdout.write(text)
    return CLEAN


def init(arguments: argparse.Namespace) -> int:
    """Write a registry of what is bound; ConfigError where there is one."""
    looked = look(arguments, is_first=True)
    text = draft(looked.case)
    if not create_bytes(looked.registry, text.encode("utf-8", "backslashreplace")):
        raise ConfigError(f"{looked.registry}: is there already; add to it, or delete it first")
    count = counted(text.count("    port: "), "port")
    print(f"wrote {looked.registry}: {count}; give each a name and a purpose")
    return CLEAN
