"""``maint explain``: what a code means and what to do about it."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from maint.errors import MaintError
from maint.lint.settings import PREFIXED, RENAMED
from maint.rules.rule import Rule
from maint.rules.table import RULES

if TYPE_CHECKING:
    import argparse

HELP = "say what a code means and what to do about it; without a code, list them all"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this verb."""
    parser.add_argument("code", nargs="?", metavar="CODE", help="a code or its name, such as BEN001")


def run(arguments: argparse.Namespace) -> int:
    """Print one rule, or one line a rule; MaintError names the nearest code when there is no such one."""
    if arguments.code is None:
        for rule in RULES.values():
            print(f"{rule.code}  {rule.severity:<8}  {rule.name}: {rule.summary}")
    else:
        print(explanation(find(arguments.code)))
    return 0


def find(word: str) -> Rule:
    """The rule with this code or name, in any case."""
    by_word = {key: rule for rule in RULES.values() for key in (rule.code.lower(), rule.name)}
    by_word[RENAMED.lower()] = RULES[PREFIXED]  # as prefix = "MNT" shows it
    rule = by_word.get(word.lower())
    if rule is not None:
        return rule
    close = difflib.get_close_matches(word.lower(), by_word, n=1)
    hint = f"did you mean {by_word[close[0]].code}?" if close else "'maint explain' lists them"
    raise MaintError(f"{word}: no such code; {hint}")


def explanation(rule: Rule) -> str:
    """One rule as a paragraph for the terminal."""
    return f"{rule.code} {rule.name} ({rule.severity})\n\n  {rule.summary}\n\n  what to do: {rule.remedy}"
