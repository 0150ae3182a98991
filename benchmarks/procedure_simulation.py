"""Error rates of the decision procedure on simulated blocks: verdicts by true change and block noise.

    python benchmarks/procedure_simulation.py [--suites 100] [--benchmarks 12] [--warning 0.10] [...]

A block value is the true log ratio plus Student-t noise with 3 degrees of freedom (heavy tails), its standard
deviation the column's times a log-normal factor drawn for each benchmark, plus a shift common to the block.
The readings go through the same ``Procedure`` the gate uses. No timing: the same seed prints the same tables.
"""

from __future__ import annotations

import argparse
import math
import random
from collections import Counter
from collections.abc import Sequence
from statistics import fmean, median

import msgspec

from maint.regression.comparison import Thresholds, Verdict
from maint.regression.estimation import screen_estimates
from maint.regression.judgement import Design
from maint.regression.procedure import Procedure
from maint.regression.reading import Reading

CHANGES = (0.0, 0.05, 0.10, 0.15, 0.25, 0.35, 0.50, 3.0)
NOISES = (0.015, 0.03, 0.06, 0.10)
COMMON = 0.01
UNEVENNESS = 0.4
SECONDS = 1e-3
COLUMNS = (Verdict.CRITICAL, Verdict.WARNING, Verdict.PASS, Verdict.INCONCLUSIVE, Verdict.IMPROVED)


class Tally(msgspec.Struct):
    """What happened in the suites of one cell."""

    verdicts: Counter[Verdict]
    suites: int = 0
    alarmed: int = 0
    blocks: int = 0
    rounds: int = 0

    def add(self, verdicts: Sequence[Verdict], watched: Sequence[Verdict], blocks: int, rounds: int) -> None:
        self.suites += 1
        self.verdicts.update(watched)
        self.alarmed += any(v in (Verdict.CRITICAL, Verdict.WARNING) for v in verdicts)
        self.blocks += blocks
        self.rounds += rounds

    def cell(self, benchmarks: int) -> str:
        total = self.verdicts.total()
        shares = "/".join(f"{100 * self.verdicts[v] / total:.1f}" for v in COLUMNS)
        per_benchmark = self.blocks / self.suites / benchmarks
        return f"{shares} ({per_benchmark:.1f}, {self.rounds / self.suites:.1f}) {self.alarmed}"


def heavy_tailed(rng: random.Random) -> float:
    """One draw of Student's t with 3 degrees of freedom, scaled to unit standard deviation."""
    return rng.gauss(0, 1) / math.sqrt(sum(rng.gauss(0, 1) ** 2 for _ in range(3)))


def reading(log_ratio: float) -> Reading:
    head_s = SECONDS * math.exp(log_ratio)
    return Reading(
        cpu=log_ratio,
        wall=log_ratio,
        waits=0.0,
        baseline_cpu_s=SECONDS,
        head_cpu_s=head_s,
        baseline_wall_s=SECONDS,
        head_wall_s=head_s,
        pairs=12,
        seed=0,
    )


def run_suite(
    changes: Sequence[float],
    spreads: Sequence[float],
    rng: random.Random,
    thresholds: Thresholds,
    design: Design,
) -> tuple[list[Verdict], int, int]:
    """One gate run; returns the verdicts, the readings taken and the blocks (pairs of process starts)."""
    names = [str(i) for i in range(len(changes))]
    procedure = Procedure(dict.fromkeys(names, thresholds), design)
    blocks = rounds = 0
    while wanted := procedure.wanted():
        common = COMMON * heavy_tailed(rng)
        procedure.record(
            {
                name: reading(
                    math.log1p(changes[int(name)]) + common + spreads[int(name)] * heavy_tailed(rng)
                )
                for name in wanted
            }
        )
        blocks += len(wanted)
        rounds += 1
    decisions = procedure.conclude()
    return [decisions[name].verdict for name in names], blocks, rounds


def simulate(
    change: float, noise: float, options: argparse.Namespace, design: Design, *, count: int, slowed: int
) -> Tally:
    """``slowed`` of ``count`` benchmarks, the ones watched, change by ``change``; the others do not."""
    rng = random.Random(f"{options.seed}/{change}/{noise}/{count}/{slowed}")
    tally = Tally(Counter())
    for _ in range(options.suites):
        spreads = [noise * math.exp(UNEVENNESS * rng.gauss(0, 1)) for _ in range(count)]
        changes = [change] * slowed + [0.0] * (count - slowed)
        thresholds = Thresholds(options.warning, options.critical)
        verdicts, blocks, rounds = run_suite(changes, spreads, rng, thresholds, design)
        tally.add(verdicts, verdicts[:slowed], blocks, rounds)
    return tally


def print_table(title: str, options: argparse.Namespace, design: Design, *, count: int, slowed: int) -> None:
    print(f"\n{title}: {options.suites} suites of {count} a cell")
    print("CRITICAL/WARNING/PASS/INCONCLUSIVE/IMPROVED in % (blocks a benchmark, a run) suites with an alarm")
    print("| true | " + " | ".join(f"block sd {100 * noise:.1f} %" for noise in NOISES) + " |")
    print("|---|" + "---|" * len(NOISES))
    for change in CHANGES:
        cells = (
            simulate(change, noise, options, design, count=count, slowed=slowed).cell(count)
            for noise in NOISES
        )
        print(f"| {100 * change:+.0f} % | " + " | ".join(cells) + " |", flush=True)


def without_common_shift(blocks: Sequence[Sequence[float]]) -> list[list[float]]:
    """Take each block's deviation common to all benchmarks out of their values: the rule not adopted."""
    centres = [fmean(column) for column in zip(*blocks, strict=True)]
    shifts = [median(v - c for v, c in zip(block, centres, strict=True)) for block in blocks]
    return [[v - shift + fmean(shifts) for v in block] for block, shift in zip(blocks, shifts, strict=True)]


def coverage_miss(noise: float, common: float, options: argparse.Namespace, *, remove: bool) -> float:
    """Share of 95 % intervals from four blocks of identical code that exclude "no change", in percent."""
    rng = random.Random(f"{options.seed}/{noise}/{common}")
    missed = total = 0
    for _ in range(10 * options.suites):
        spreads = [noise * math.exp(UNEVENNESS * rng.gauss(0, 1)) for _ in range(12)]
        blocks = [
            [shift + spread * heavy_tailed(rng) for spread in spreads]
            for shift in (common * rng.gauss(0, 1) for _ in range(4))
        ]
        columns = zip(*(without_common_shift(blocks) if remove else blocks), strict=True)
        values = {str(i): column for i, column in enumerate(columns)}
        for estimate in screen_estimates(values, Design().relative_floor, Design().moderate_from).values():
            missed += abs(estimate.centre) > estimate.half_width(0.025)
            total += 1
    return 100 * missed / total


def print_coverage(options: argparse.Namespace) -> None:
    print("\n95 % intervals that miss the truth, 12 benchmarks after 4 blocks, in % (5 is right)")
    print("| block sd | common sd | as measured | common block shift removed |")
    print("|---|---|---|---|")
    for noise in (0.01, 0.03):
        for common in (0.01, 0.03):
            misses = [coverage_miss(noise, common, options, remove=remove) for remove in (False, True)]
            print(f"| {noise:.0%} | {common:.0%} | {misses[0]:.1f} | {misses[1]:.1f} |")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--suites", type=int, default=100, help="suites simulated in each cell")
    parser.add_argument("--benchmarks", type=int, default=12, help="benchmarks in a suite")
    parser.add_argument("--warning", type=float, default=Thresholds().warning)
    parser.add_argument("--critical", type=float, default=Thresholds().critical)
    parser.add_argument("--looks", type=int, nargs="+", default=list(Design().looks))
    parser.add_argument("--confirm-looks", type=int, nargs="+", default=list(Design().confirm_looks))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    design = Design(looks=tuple(options.looks), confirm_looks=tuple(options.confirm_looks))
    count = options.benchmarks
    print_table("all benchmarks change", options, design, count=count, slowed=count)
    print_table("one benchmark changes", options, design, count=count, slowed=1)
    print_table("a suite of one benchmark", options, design, count=1, slowed=1)
    print_coverage(options)


if __name__ == "__main__":
    main()
