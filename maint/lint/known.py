"""What a run means for its baseline: which findings are new, and what the file holds afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from maint.lint.baseline import Baseline, Entry, numbered
from maint.lint.findings import entries
from maint.lint.run import Found, Result
from maint.lint.settings import Settings


class Verdict(NamedTuple):
    """``new`` are the findings that the baseline does not know; ``kept`` its entries that are still true."""

    new: list[Found]
    kept: list[Entry]


def judge(found: Sequence[Found], baseline: Baseline) -> Verdict:
    """Compare all findings of the files that were looked at, sorted by file, with the baseline."""
    new: list[Found] = []
    kept: list[Entry] = []
    pairs = zip(found, entries(found), strict=True)
    for _, group in groupby(pairs, key=lambda pair: pair[0].path):
        rows = list(group)
        for (one, entry), is_known in zip(rows, baseline.knows([entry for _, entry in rows]), strict=True):
            if is_known:
                kept.append(entry)
            else:
                new.append(one)
    return Verdict(new, kept)


def shrunk(
    verdict: Verdict, baseline: Baseline, result: Result, settings: Settings, root: Path, whole: bool
) -> list[Entry]:
    """The baseline without what is fixed: it never grows here.

    What was not judged stays: files outside this run, skipped ones, and codes that are switched off. With
    ``whole`` the run saw the whole project, and the entries of files that are gone go too.
    """
    judged = set(result.files)
    unjudged = [
        entry
        for entry in baseline.entries
        if not settings.is_on(entry.code)
        or (entry.path not in judged and (not whole or (root / entry.path).exists()))
    ]
    return numbered([*unjudged, *verdict.kept])


def grown(verdict: Verdict, kept: Sequence[Entry]) -> list[Entry]:
    """``kept`` and every new finding."""
    return numbered([*kept, *entries(verdict.new)])
