"""``maint comment``: a report as the one comment on a pull request that every run brings up to date."""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path

from maint.errors import InputError, MaintError

HELP = "keep one comment on a GitHub pull request up to date with a report"
LIMIT = 65_536  # GitHub's, in characters
_NAME = re.compile(r"[A-Za-z0-9._-]{1,50}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this verb."""
    parser.add_argument("file", metavar="FILE", help="the Markdown to show, such as report.md; - for stdin")
    parser.add_argument("--pull-request", type=int, required=True, metavar="NUMBER", help="where")
    parser.add_argument("--repo", metavar="OWNER/NAME", help="on GitHub (default: GITHUB_REPOSITORY)")
    parser.add_argument(
        "--name",
        default="report",
        help="tells several comments on one pull request apart (default: %(default)s)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Add the comment or bring it up to date; MaintError when it cannot be read or GitHub refuses."""
    if not _NAME.fullmatch(arguments.name):
        raise MaintError(f"--name {arguments.name!r}: give letters, digits, dots and dashes")
    text = f"<!-- maint:comment {arguments.name} -->\n{_read(arguments.file)}"
    if len(text) > LIMIT:
        raise InputError(
            f"{arguments.file}: {len(text):,} characters, GitHub takes {LIMIT:,}; "
            "make it with: maint report --format md"
        )
    from maint.forge.github import connect

    connect(arguments.repo, os.environ).keep_comment(arguments.pull_request, text)
    return 0


def _read(name: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{name}: cannot be read ({(error.strerror or str(error)).lower()})") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: not UTF-8 at byte {error.start}; give a Markdown report") from None
