"""Error rates and cost of the gate beside ``pytest-benchmark --benchmark-compare-fail``, same benchmarks.

    python benchmarks/gate_power.py run --suites 100 --load bursty --slower 0 --results aa-bursty.jsonl
    python benchmarks/gate_power.py summary aa-bursty.jsonl …

One suite run is: pytest-benchmark on the baseline, pytest-benchmark on head, then the gate, each over the
same fourteen benchmarks of ``power/workload.py``. With ``--slower 35`` half of head's benchmarks, another
half in each run, do 35 % more work. Results are one JSON object a line, so an interrupted campaign goes on
where it stopped.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from power.noise import load

HERE = Path(__file__).parent
NAMES = (
    *("arithmetic", "bytes", "closures", "dictionary", "exceptions", "generator", "json", "objects"),
    *("recursion", "regex", "sets", "sorting", "statistics", "strings"),
)
TESTS = """\
import pytest
from workload import UNIT, work

@pytest.mark.parametrize("name", sorted(UNIT))
def test_work(benchmark, name):
    benchmark(work, name)
"""
FIELDS = ("min", "median", "mean")


def main() -> int:
    """Parse the command line and do what it says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    run = verbs.add_parser("run", help="run suites and append their results")
    run.add_argument("--suites", type=int, default=100)
    run.add_argument("--load", choices=("quiet", "bursty"), default="bursty")
    run.add_argument(
        "--slower", type=float, default=0.0, help="percent more work in half of head's benchmarks"
    )
    run.add_argument("--seed", type=int, default=1)
    run.add_argument("--skip-peer", action="store_true", help="run the gate alone")
    run.add_argument("--results", type=Path, required=True)
    run.set_defaults(do=campaign)
    summary = verbs.add_parser("summary", help="tables of the results so far")
    summary.add_argument("results", type=Path, nargs="+")
    summary.set_defaults(do=summarise)
    arguments = parser.parse_args()
    return int(arguments.do(arguments))


def campaign(arguments: argparse.Namespace) -> int:
    """Run suites until there are enough in the results file."""
    done = len(_read([arguments.results])) if arguments.results.exists() else 0
    for number in range(done, arguments.suites):
        seed = arguments.seed * 100_003 + number
        with tempfile.TemporaryDirectory(prefix="gate-power-") as folder, load(arguments.load, seed):
            record = suite_run(Path(folder), seed, arguments.slower, peer=not arguments.skip_peer)
        record |= {"load": arguments.load, "slower": arguments.slower, "seed": seed}
        with arguments.results.open("a") as file:
            file.write(json.dumps(record) + "\n")
        print(
            f"{number + 1}/{arguments.suites}",
            record["gate"]["wall_s"],
            Counter(record["gate"]["verdicts"].values()),
        )
    return 0


def suite_run(folder: Path, seed: int, slower: float, *, peer: bool) -> dict[str, Any]:
    """One suite on a repository made for it: pytest-benchmark on both sides, then the gate."""
    affected = sorted(random.Random(seed).sample(NAMES, len(NAMES) // 2)) if slower else []
    repository = _repository(folder / "project", affected, slower)
    record: dict[str, Any] = {"affected": affected, "load_before": os.getloadavg()[0]}
    if peer:
        record["peer"] = _peer(repository, folder)
    began = time.monotonic()
    done = _pytest(repository, "--maint-baseline", "main", "-q", cache=folder)
    report = repository / ".maint/out/comparison_report.json"
    if not report.exists():
        raise SystemExit(done.stdout + done.stderr)
    rows = json.loads(report.read_text())["benchmarks"]
    record["gate"] = {
        "wall_s": round(time.monotonic() - began, 2),
        "exit": done.returncode,
        "verdicts": {_name(row["name"]): row["status"] for row in rows},
        "change_pct": {_name(row["name"]): row["change_pct"] for row in rows},
        "blocks": {_name(row["name"]): row["blocks"] for row in rows},
    }
    return record


def _repository(root: Path, affected: Iterable[str], slower: float) -> Path:
    root.mkdir()
    _git(root, "init", "--quiet", "--initial-branch=main")
    shutil.copy(HERE / "power" / "workload.py", root / "workload.py")
    (root / "test_workload.py").write_text(TESTS)
    (root / "pyproject.toml").write_text("[tool.pytest.ini_options]\npythonpath = ['.']\n")
    (root / ".gitignore").write_text(".maint/\n__pycache__/\n")
    _commit(root, dict.fromkeys(NAMES, 100))
    _git(root, "checkout", "--quiet", "-b", "head")
    more = round(100 + slower)
    _commit(root, {name: more if name in set(affected) else 100 for name in NAMES})
    return root


def _commit(root: Path, units: dict[str, int]) -> None:
    (root / "units.py").write_text(f"UNITS = {units!r}\n")
    _git(root, "add", "--all")
    _git(root, "commit", "--quiet", "--allow-empty", "-m", "units")


def _git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=power", "-c", "user.email=power@example.invalid")
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)


def _pytest(root: Path, *arguments: str, cache: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
        cwd=root,
        capture_output=True,
        text=True,
        env={**os.environ, "XDG_CACHE_HOME": str(cache / "cache")},
        check=False,
    )


def _peer(repository: Path, folder: Path) -> dict[str, Any]:
    """Run pytest-benchmark on the baseline, then on head, as its users do; keep what its checks look at."""
    stats, walls = {}, []
    for side, branch in (("baseline", "main"), ("head", "head")):
        _git(repository, "checkout", "--quiet", branch)
        began = time.monotonic()
        _pytest(repository, "--benchmark-only", "-q", f"--benchmark-json={folder / side}.json", cache=folder)
        walls.append(round(time.monotonic() - began, 2))
        benchmarks = json.loads((folder / f"{side}.json").read_text())["benchmarks"]
        stats[side] = {_name(b["fullname"]): {f: b["stats"][f] for f in FIELDS} for b in benchmarks}
    slowdown = {
        field: {
            name: 100 * (stats["head"][name][field] / stats["baseline"][name][field] - 1) for name in NAMES
        }
        for field in FIELDS
    }
    return {"wall_s": walls, "slowdown_pct": slowdown}


def _name(node_id: str) -> str:
    return node_id.partition("[")[2].rstrip("]")


def _read(paths: Iterable[Path]) -> list[dict[str, Any]]:
    return [json.loads(line) for path in paths for line in path.read_text().splitlines()]


def summarise(arguments: argparse.Namespace) -> int:
    """Print one table a file: rates with Wilson 95 % intervals, and the cost."""
    for path in arguments.results:
        records = _read([path])
        first = records[0]
        print(f"\n{path.name}: {len(records)} suites, load {first['load']}, slower {first['slower']:g} %")
        titles = ("suites with alarm >25 %", "suites with alarm >10 %", "found", "false")
        print(f"{'contestant':38}", *(f"{title:>26}" for title in titles))
        for title, alarms in _contestants(records):
            _line(title, records, alarms)
        _cost(records)
    return 0


def _contestants(records: Sequence[dict[str, Any]]) -> Iterable[tuple[str, list[dict[str, int]]]]:
    """Title, and for each suite the level of alarm by benchmark: 2 over 25 %, 1 over 10 %, 0 none."""
    level = {"CRITICAL": 2, "WARNING": 1}
    yield (
        "pytest --maint-baseline",
        [{name: level.get(verdict, 0) for name, verdict in r["gate"]["verdicts"].items()} for r in records],
    )
    with_peer = [r for r in records if "peer" in r]
    for field in FIELDS if with_peer else ():
        yield (
            f"--benchmark-compare-fail={field}",
            [
                {name: (pct > 25) + (pct > 10) for name, pct in r["peer"]["slowdown_pct"][field].items()}
                for r in with_peer
            ],
        )


def _line(title: str, records: Sequence[dict[str, Any]], suites: list[dict[str, int]]) -> None:
    critical = sum(any(a == 2 for a in alarms.values()) for alarms in suites)
    warning = sum(any(a >= 1 for a in alarms.values()) for alarms in suites)
    needed = 2 if records[0]["slower"] > 25 else 1
    found = [alarms[n] >= needed for r, alarms in zip(records, suites, strict=False) for n in r["affected"]]
    others = [
        a >= 1
        for r, alarms in zip(records, suites, strict=False)
        for n, a in alarms.items()
        if n not in r["affected"]
    ]
    print(
        f"{title:38} {_rate(critical, len(suites)):>26} {_rate(warning, len(suites)):>26} "
        f"{_rate(sum(found), len(found)):>26} {_rate(sum(others), len(others)):>26}"
    )


def _rate(hits: int, total: int) -> str:
    """``hits/total`` with the Wilson 95 % interval in percent."""
    if not total:
        return "-"
    z, p = 1.96, hits / total
    centre, spread = p + z * z / (2 * total), z * math.sqrt(p * (1 - p) / total + z * z / (4 * total * total))
    low, high = ((centre + sign * spread) / (1 + z * z / total) for sign in (-1, 1))
    return f"{hits}/{total} ({100 * max(0, low):.1f}..{100 * high:.1f} %)"


def _cost(records: Sequence[dict[str, Any]]) -> None:
    gate = sorted(r["gate"]["wall_s"] for r in records)
    verdicts = Counter(v for r in records for v in r["gate"]["verdicts"].values())
    blocks = [b for r in records for b in r["gate"]["blocks"].values()]
    print(f"verdicts {dict(verdicts)}; blocks a benchmark {sum(blocks) / len(blocks):.2f}")
    print(f"gate {_spread(gate)} s; here and below median (5th..95th percentile)")
    ratios = sorted(r["gate"]["wall_s"] / (sum(r["peer"]["wall_s"]) / 2) for r in records if "peer" in r)
    if ratios:
        plain = sorted(sum(r["peer"]["wall_s"]) / 2 for r in records if "peer" in r)
        print(f"one plain run {_spread(plain)} s")
        print(f"ratio of each gate run to the plain runs beside it: {_spread(ratios)}")


def _spread(values: Sequence[float]) -> str:
    def at(q: float) -> float:
        return values[min(len(values) - 1, int(q * len(values)))]

    return f"{at(0.5):.2f} ({at(0.05):.2f}..{at(0.95):.2f})"


if __name__ == "__main__":
    sys.exit(main())
