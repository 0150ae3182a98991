"""What a run means for its baseline: which findings are new, and what the file holds afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from maint.lint.baseline import Baseline, Entry, numbered
from maint.lint.findings import entries
from maint.lint.renames import heirs
from maint.lint.run import Found, Result
from maint.lint.settings import Settings


class Verdict(NamedTuple):
    """``new`` are the findings that the baseline does not know; ``kept`` its entries that are still true.

    ``heirs`` maps new paths to the vanished ones whose entries they have now.
    """

    new: list[Found]
    kept: list[Entry]
    heirs: dict[str, str]


def judge(found: Sequence[Found], baseline: Baseline) -> Verdict:
    """Compare all findings of the files that were looked at, sorted by file, with the baseline."""
    pairs = zip(found, entries(found), strict=True)
    files = {path: list(group) for path, group in groupby(pairs, key=lambda pair: pair[0].path)}
    unnamed = {path: [entry for _, entry in rows] for path, rows in files.items() if not baseline.names(path)}
    verdict = Verdict([], [], heirs(unnamed, baseline.gone))
    for path, rows in files.items():
        known = baseline.knows([entry for _, entry in rows], verdict.heirs.get(path, ""))
        for (one, entry), is_known in zip(rows, known, strict=True):
            if is_known:
                verdict.kept.append(entry)
            else:
                verdict.new.append(one)
    return verdict


def shrunk(
    verdict: Verdict, baseline: Baseline, result: Result, settings: Settings, root: Path, whole: bool
) -> list[Entry]:
    """The baseline without what is fixed: it never grows here.

    What was not judged stays: files outside this run, skipped ones, and codes that are switched off. With
    ``whole`` the run saw the whole project, and the entries of files that are gone go too.
    """
    # a backup file is never looked into, but judged where it is found
    judged = {*result.files, *(one.path for one in result.found)}
    now = {old: new for new, old in verdict.heirs.items()}
    unjudged = []
    for entry in baseline.entries:
        path = now.get(entry.path, entry.path)
        is_judged = path in judged or (whole and not (root / path).exists())
        if not (is_judged and settings.is_on(entry.code)):
            unjudged.append(entry._replace(path=path))
    return sorted(numbered([*unjudged, *verdict.kept]))


def grown(verdict: Verdict, kept: Sequence[Entry]) -> list[Entry]:
    """``kept`` and every new finding."""
    return sorted(numbered([*kept, *entries(verdict.new)]))
