"""How often each linter is right on broad handlers: a seeded sample, read and labelled by hand.

    python benchmarks/e900_sample.py draw HANDLERS.jsonl ... > sample.jsonl
    python benchmarks/e900_sample.py show sample.jsonl --sources FOLDER
    python benchmarks/e900_sample.py score sample.jsonl labels.jsonl

``draw`` takes the rows of ``e900_side_by_side.py``. A stratum is a code base and whether E900 and ruff agree;
each gives handlers in proportion to the square root of its size, so that neither small code bases nor
disagreements are lost among the many handlers on which all agree. ``weight`` is the size of the stratum over
the number drawn from it. ``show`` prints handlers in random order with their context and without any verdict.
``score`` gives precision and recall on the sample as drawn and weighted back to the code bases, with Wilson
intervals.
"""

from __future__ import annotations

import argparse
import collections
import json
import math
import random
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

TOOLS = ("E900", "ruff", "pylint", "bugbear", "blind-except")
JUDGED = frozenset({"E900", "ruff"})
WEAK = frozenset({"logs the traceback"})
Z_95 = 1.959964

Row = dict[str, Any]


class Share(NamedTuple):
    """A weighted share of ``rows`` handlers with its interval; they weigh as much as ``size`` equal ones."""

    value: float
    low: float
    high: float
    rows: int
    size: float


def read(paths: Iterable[Path]) -> list[Row]:
    return [json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines()]


def draw(rows: list[Row], number: int, seed: int) -> list[Row]:
    """About ``number`` handlers.

    The population: handlers that name something broad, or that E900 or ruff reports, in files that parse,
    without a noqa. A comment for pylint excludes nothing; it was asked without those, too.
    """
    strata = collections.defaultdict(list)
    for row in sorted(rows, key=lambda row: (row["path"], row["line"])):
        judged = JUDGED & set(row["reports"])
        if (
            row["line_is"] == "handler"
            and "noqa" not in row["comment"]
            and (judged or row["header"] != "typed")
        ):
            strata[row["base"], "disagree" if len(judged) == 1 else "agree"].append(row)
    sizes = allocate({key: len(members) for key, members in strata.items()}, number)
    chosen, generator = [], random.Random(seed)
    for key in sorted(strata):
        for row in generator.sample(strata[key], sizes[key]):
            reports = [tool for tool in TOOLS if tool in row["reports"] or f"{tool}, asked" in row["reports"]]
            weight = len(strata[key]) / sizes[key]
            place = {"path": row["path"], "line": row["line"]}
            chosen.append({**place, "stratum": "/".join(key), "weight": weight, "reports": reports})
    return sorted(chosen, key=lambda row: (row["path"], row["line"]))


def allocate(sizes: dict[Any, int], number: int) -> dict[Any, int]:
    """Parts of ``number`` in proportion to the square roots, by largest remainder; all are at least 1."""
    scale = number / sum(math.sqrt(size) for size in sizes.values())
    parts = {key: min(size, max(1.0, scale * math.sqrt(size))) for key, size in sizes.items()}
    given = {key: int(part) for key, part in parts.items()}
    by_remainder = sorted(parts, key=lambda key: (given[key] - parts[key], key))
    for key in by_remainder[: number - sum(given.values())]:
        given[key] += 1
    return given


def show(sample: list[Row], sources: Path, before: int, after: int) -> None:
    """Each handler in its file, in an order that tells nothing."""
    for row in random.Random(0).sample(sample, len(sample)):
        lines = (sources / row["path"]).read_text(encoding="utf-8", errors="replace").splitlines()
        print(f"\n===== {row['path']}:{row['line']}")
        for number in range(max(1, row["line"] - before), min(len(lines), row["line"] + after) + 1):
            print(f"{'>' if number == row['line'] else ' '}{number:5} {lines[number - 1]}")


def wilson(hits: list[tuple[bool, float]]) -> Share:
    """The weighted share of True; the interval uses Kish's effective size, (sum w)^2 / sum w^2."""
    if not hits:
        return Share(math.nan, math.nan, math.nan, 0, 0.0)
    total = sum(weight for _, weight in hits)
    share = sum(weight for hit, weight in hits if hit) / total
    size = total**2 / sum(weight**2 for _, weight in hits)
    middle = (share + Z_95**2 / (2 * size)) / (1 + Z_95**2 / size)
    half = Z_95 / (1 + Z_95**2 / size) * math.sqrt(share * (1 - share) / size + Z_95**2 / (4 * size**2))
    return Share(share, max(0.0, middle - half), middle + half, len(hits), size)


def score(sample: list[Row], labels: dict[tuple[str, int], Row], weak: bool, weighted: bool) -> None:
    """A line a tool. Under the weak definition a handler that logs the traceback is no swallower."""
    cells = []
    for row in sample:
        label = labels[row["path"], row["line"]]
        bad = label["label"] == "swallow" and not (weak and label["how"] in WEAK)
        cells.append((bad, row["weight"] if weighted else 1.0, row["reports"]))
    for tool in TOOLS:
        precision = wilson([(bad, weight) for bad, weight, reports in cells if tool in reports])
        recall = wilson([(tool in reports, weight) for bad, weight, reports in cells if bad])
        print(f"| {tool} | {_cell(precision)} | {_cell(recall)} |")


def _cell(share: Share) -> str:
    if not share.rows:
        return "none reported"
    return f"{share.value:.0%} ({share.low:.0%} .. {share.high:.0%}) of {share.rows}"


def report(sample: list[Row], labels: list[Row]) -> None:
    """The tables of the evidence page, and every handler on which E900 and the label differ."""
    by_place = {(row["path"], row["line"]): row for row in labels}
    missing = [row for row in sample if (row["path"], row["line"]) not in by_place]
    if missing or len(by_place) != len(sample):
        raise SystemExit(f"{len(missing)} handlers of the sample have no label, {len(by_place)} labels")
    print(collections.Counter((row["label"], row["how"]) for row in labels).most_common())
    for weak in (False, True):
        for weighted in (False, True):
            question = "a logged traceback is fine" if weak else "logging is no excuse"
            print(f"\n{question}, {'weighted' if weighted else 'as drawn'}")
            print("| tool | precision | recall |\n|---|---|---|")
            score(sample, by_place, weak, weighted)
    for tool in ("E900", "ruff", "pylint"):
        print(f"\n{tool} differs from the label at")
        for row in sample:
            label = by_place[row["path"], row["line"]]
            if (label["label"] == "swallow") != (tool in row["reports"]):
                print(f"  {row['path']}:{row['line']} {label['label']}, {label['how']}: {label['reason']}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("verb", choices=("draw", "show", "score"))
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--number", type=int, default=100)
    parser.add_argument("--seed", type=int, default=900)
    parser.add_argument("--sources", type=Path, default=Path())
    parser.add_argument("--before", type=int, default=14)
    parser.add_argument("--after", type=int, default=16)
    arguments = parser.parse_args()
    if arguments.verb == "draw":
        rows = draw(read(arguments.files), arguments.number, arguments.seed)
        sys.stdout.writelines(json.dumps(row) + "\n" for row in rows)
    elif arguments.verb == "show":
        show(read(arguments.files), arguments.sources, arguments.before, arguments.after)
    else:
        report(read(arguments.files[:1]), read(arguments.files[1:]))


if __name__ == "__main__":
    main()
