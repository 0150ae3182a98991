"""What git makes of two branches that both changed the baseline never lets a fall pass."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from maint.coverage.baseline import Baseline, Row, strictest
from maint.coverage.counts import Counts
from maint.coverage.environment import Environment
from maint.coverage.lines import formatted, parse

HERE = Environment("linux-cpython3.13-line", "7.17.3", "0badcafe")
Rows = dict[str, Row]


def text(rows: Mapping[str, Row]) -> str:
    return formatted(
        Baseline(environments=(HERE,), rows={(HERE.key, path): row for path, row in rows.items()})
    )


def branched(base: Rows, chance: random.Random) -> Rows:
    """``base`` after a branch that updated some rows, added files and deleted others."""
    found = dict(base)
    for path in list(found):
        what = chance.random()
        if what < 0.4:
            found[path] = found[path].tightened(measured(chance))
        elif what < 0.5:
            del found[path]
    for number in range(chance.randrange(3)):
        found[f"new/{chance.randrange(9)}{number}.py"] = Row(measured(chance))
    return found


def measured(chance: random.Random) -> Counts:
    statements = chance.randrange(1, 200)
    return Counts(statements, chance.randrange(statements + 1))


def merged(folder: Path, base: Rows, ours: Rows, theirs: Rows, option: str) -> str:
    for name, rows in (("base", base), ("ours", ours), ("theirs", theirs)):
        (folder / name).write_text(text(rows), encoding="utf-8")
    argv = ["git", "merge-file", "-p", *([option] if option else []), "ours", "base", "theirs"]
    return subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False).stdout


def demanded(path: str, base: Rows, ours: Rows, theirs: Rows) -> Row | None:
    """The strictest row of ``path`` among the sides that changed it; None where one side deleted it."""
    sides = [side.get(path) for side in (ours, theirs) if side.get(path) != base.get(path)]
    rows = [side for side in sides if side is not None] or ([] if sides else [base[path]])
    return None if not rows else rows[0] if len(rows) == 1 else strictest(*rows)


@pytest.mark.parametrize("option", ["", "--union", "--diff3"])
def test_a_hundred_random_merges_reject_what_either_branch_would_reject(tmp_path: Path, option: str) -> None:
    chance = random.Random(5)
    checked = 0
    for _ in range(100):
        base = {f"src/{number}.py": Row(measured(chance)) for number in range(chance.randrange(1, 8))}
        ours, theirs = branched(base, chance), branched(base, chance)
        found = parse(merged(tmp_path, base, ours, theirs, option), "x").pinned(HERE.key)
        for path in {*base, *ours, *theirs}:
            row = demanded(path, base, ours, theirs)
            if row is not None:
                checked += 1
                assert path in found
                assert not found[path].floor.is_under(row.floor), (path, row, found[path])
                assert found[path].counts.misses <= row.counts.misses
    assert checked > 200


@pytest.mark.parametrize("seed", range(20))
def test_the_strictest_of_two_rows_rejects_what_either_rejects(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(200):
        one, other = Row(measured(chance)), Row(measured(chance)).tightened(measured(chance))
        now, both = measured(chance), strictest(one, other)
        assert both == strictest(other, one)
        assert both.rejects(now) or not (one.rejects(now) or other.rejects(now))
