"""The baseline as text: lines that each stand alone, so that git may merge them in any order.

A row names its environment rather than standing under it, the lines are sorted, and there is no total, no
commit and no time in them: two branches touch the same line only where both changed the same file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date

from maint.coverage.baseline import Baseline, Row, Waiver, strictest
from maint.coverage.counts import Counts, Ratio
from maint.coverage.environment import Environment
from maint.errors import InputError
from maint.report.cells import printable, shorten

HEADER = "# coverage baseline: maint coverage update tightens it, maint coverage lower records an exception"

_WORD = r'(?:"(?:[^"\\]|\\.)*"|[^\s"]\S*)'
_NUMBER = r"\d{1,15}"
_COUNTS = (
    rf"s=(?P<s>{_NUMBER}) m=(?P<m>{_NUMBER})(?: b=(?P<b>{_NUMBER}) mb=(?P<mb>{_NUMBER}) p=(?P<p>{_NUMBER}))?"
)
_ROW = re.compile(rf"(?P<path>{_WORD}) (?P<key>\S+) {_COUNTS}(?: best=(?P<bc>{_NUMBER})/(?P<bt>{_NUMBER}))?")
_ENVIRONMENT = re.compile(r"@env (?P<key>\S+) coverage=(?P<coverage>\S+) exclusions=(?P<exclusions>\S+)")
_WAIVER = re.compile(
    rf"@lower (?P<path>{_WORD}) (?P<key>\S+) {_COUNTS} "
    r"until=(?P<until>\d{4}-\d\d-\d\d) reason=(?P<reason>.+)"
)
_OURS, _BASE, _MIDDLE, _THEIRS = (re.compile(rf"{re.escape(mark * 7)}(?: .*)?") for mark in "<|=>")


def parse(text: str, name: str) -> Baseline:
    """The baseline that ``text`` of the file ``name`` holds; of several lines for one file, the strictest.

    Reads what merges leave behind: of a conflict, both sides count and the ancestor does not. Raises
    InputError naming the line.
    """
    environments: set[Environment] = set()
    rows: dict[tuple[str, str], Row] = {}
    waivers: set[Waiver] = set()
    for number, line in _lines(text):
        try:
            if match := _ENVIRONMENT.fullmatch(line):
                environments.add(Environment(**match.groupdict()))
            elif match := _WAIVER.fullmatch(line):
                waivers.add(_waiver(match))
            elif match := _ROW.fullmatch(line):
                place, row = (match["key"], _unquoted(match["path"])), _parsed_row(match)
                rows[place] = strictest(rows[place], row) if place in rows else row
            else:
                raise ValueError("is no line of a coverage baseline")
        except ValueError as error:
            shown = shorten(printable(line), 80)
            raise InputError(f"{name}:{number}: {shown!r}: {error}; restore it from git") from None
    return Baseline(
        environments=tuple(sorted(environments)),
        rows=rows,
        waivers=tuple(sorted(waivers, key=_waiver_line)),
    )


def formatted(baseline: Baseline) -> str:
    """The text of ``baseline``: the same for equal baselines, whatever order they were built in."""
    environments = [
        f"@env {one.key} coverage={one.coverage} exclusions={one.exclusions}" for one in baseline.environments
    ]
    rows = [_row_line(path, key, row) for (key, path), row in baseline.rows.items()]
    written = [
        HEADER,
        *sorted(environments),
        *sorted(map(_waiver_line, baseline.waivers)),
        *sorted(rows),
    ]
    return "\n".join(written) + "\n"


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that hold something, numbered from 1, without conflict markers and the ancestor's side."""
    in_base = False
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip()
        if _OURS.fullmatch(line) or _THEIRS.fullmatch(line) or _MIDDLE.fullmatch(line):
            in_base = False
        elif _BASE.fullmatch(line):
            in_base = True
        elif line and not in_base and not line.startswith("#"):
            yield number, line


def _parsed_row(match: re.Match[str]) -> Row:
    counts = _counts(match)
    if match["bc"] is None:
        return Row(counts)
    best = Ratio(int(match["bc"]), int(match["bt"]))
    if best.covered > best.total:
        raise ValueError("covers more than there is")
    return Row(counts, best if counts.ratio.is_under(best) else None)


def _waiver(match: re.Match[str]) -> Waiver:
    reason = json.loads(match["reason"])
    if not isinstance(reason, str):
        raise ValueError("its reason is no string")
    return Waiver(
        path=_unquoted(match["path"]),
        key=match["key"],
        counts=_counts(match),
        until=date.fromisoformat(match["until"]),
        reason=reason,
    )


def _counts(match: re.Match[str]) -> Counts:
    found = Counts(*(int(match[name] or 0) for name in ("s", "m", "b", "mb", "p")))
    if found.missing > found.statements or not found.partial <= found.missing_branches <= found.branches:
        raise ValueError("misses more than there is")
    return found


def _row_line(path: str, key: str, row: Row) -> str:
    best = f" best={row.best.covered}/{row.best.total}" if row.best else ""
    return f"{_quoted(path)} {key} {_counts_text(row.counts)}{best}"


def _waiver_line(one: Waiver) -> str:
    counted = f"{_quoted(one.path)} {one.key} {_counts_text(one.counts)}"
    return f"@lower {counted} until={one.until.isoformat()} reason={json.dumps(one.reason)}"


def _counts_text(counts: Counts) -> str:
    text = f"s={counts.statements} m={counts.missing}"
    if counts.branches:
        text += f" b={counts.branches} mb={counts.missing_branches} p={counts.partial}"
    return text


def _quoted(path: str) -> str:
    plain = path.isprintable() and not any(map(str.isspace, path)) and path[:1] not in '#@<=>|"'
    return path if plain and path else json.dumps(path)


def _unquoted(word: str) -> str:
    return str(json.loads(word)) if word.startswith('"') else word
