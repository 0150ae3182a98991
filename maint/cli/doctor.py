"""``maint doctor``: whether the tools around work with this project's rules, and what to change if not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from maint.cli.root import add_root, root_of

if TYPE_CHECKING:
    import argparse

HELP = "check that ruff, flake8, pre-commit and git are set up to work with this project's rules"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this verb."""
    add_root(parser, "the repository")


def run(arguments: argparse.Namespace) -> int:
    """Print one sentence for each problem; 1 where there is one."""
    from maint.doctor.checks import examine
    from maint.report.cells import printable

    problems = examine(root_of(arguments))
    for problem in problems:
        print(printable(f"{problem.where}: {problem.message}; {problem.check}"))
    if not problems:
        print("nothing to put right")
    return 1 if problems else 0
