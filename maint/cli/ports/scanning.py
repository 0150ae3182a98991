"""``maint ports scan`` and ``check``: what binds and connects, and what of it is wrong."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from maint.cli.main import CLEAN, FINDINGS
from maint.cli.ports.looking import Looked, look
from maint.ports.scan.formats import FORMATS, Shown
from maint.report.atomic import write_text
from maint.report.bundle import write_session
from maint.report.github import annotation_lines

if TYPE_CHECKING:
    import argparse


def show(arguments: argparse.Namespace) -> int:
    """Print every site and every finding; an inventory, which fails nothing."""
    _write(arguments, look(arguments), with_sites=True)
    return CLEAN


def check(arguments: argparse.Namespace) -> int:
    """Print the findings, and write the reports where they are asked for; 1 where there is one."""
    looked = look(arguments)
    if arguments.out:
        write_session([looked.section], arguments.out, environ=os.environ)
    _write(arguments, looked, with_sites=False)
    if os.environ.get("GITHUB_ACTIONS") == "true" and arguments.format == "text":
        sys.stdout.write("".join(f"{line}\n" for line in annotation_lines(looked.section.findings)))
    return FINDINGS if looked.section.findings else CLEAN


def _write(arguments: argparse.Namespace, looked: Looked, *, with_sites: bool) -> None:
    text = FORMATS[arguments.format](Shown(scan=looked.scan, section=looked.section, with_sites=with_sites))
    if arguments.output:
        write_text(arguments.output, text)
    else:
        sys.stdout.write(text)
