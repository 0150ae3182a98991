"""``maint report``: what guardrails and other tools found, read, merged and written as one report."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from maint.cli.inputs import sections_in
from maint.cli.root import add_root, root_of
from maint.config import load
from maint.readers.formats import FORMATS
from maint.report.atomic import write_bytes

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from maint.report.section import Section

HELP = "read what guardrails and other tools wrote, and write one report"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this verb."""
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="findings.json, JUnit XML, SARIF, flake8 output, or two saved runs of pytest-benchmark, "
        "the baseline first; - is standard input",
    )
    parser.add_argument(
        "--input-format", choices=FORMATS, help="the format of every FILE (default: what its content says)"
    )
    parser.add_argument("--format", choices=tuple(WRITERS), default="terminal", help="default: %(default)s")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write there instead of standard output")
    add_root(parser, "the project that paths are shown relative to")


def run(arguments: argparse.Namespace) -> int:
    """Write the report; 0 when there is no finding, else 1. InputError names a file that cannot be read."""
    root = root_of(arguments).absolute()
    sections = sections_in(arguments.files, root, load(root, {}), arguments.input_format)
    content = WRITERS[arguments.format](sections)
    if arguments.output:
        write_bytes(arguments.output, content)
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
    return int(any(section.findings for section in sections))


# Renderers are imported when their format is asked for.


def _terminal(sections: Sequence[Section]) -> bytes:
    from maint.report.terminal import report_lines

    return _encoded("\n".join(report_lines(sections)) + "\n")


def _markdown(sections: Sequence[Section]) -> bytes:
    from maint.report.markdown import report_md

    return _encoded(report_md(sections))


def _html(sections: Sequence[Section]) -> bytes:
    from maint.report.html import report_html

    return _encoded(report_html(sections))


def _json(sections: Sequence[Section]) -> bytes:
    from maint.readers.findings_json import document_of
    from maint.report.documents import json_bytes

    return json_bytes(document_of(sections))


def _sarif(sections: Sequence[Section]) -> bytes:
    from maint.report.documents import json_bytes
    from maint.report.sarif import sarif_log

    return json_bytes(sarif_log(sections))


def _github(sections: Sequence[Section]) -> bytes:
    from maint.report.github import annotation_lines
    from maint.report.listing import all_findings

    return _encoded("".join(f"{line}\n" for line in annotation_lines(all_findings(sections))))


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")


WRITERS: dict[str, Callable[[Sequence[Section]], bytes]] = {
    "terminal": _terminal,
    "md": _markdown,
    "json": _json,
    "sarif": _sarif,
    "html": _html,
    "github": _github,
}
