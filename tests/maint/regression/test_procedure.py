"""The procedure tells a slow-down from noise, measures no more than it must, and never guesses."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Mapping

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maint.regression.comparison import Thresholds, Verdict
from maint.regression.estimation import Estimate
from maint.regression.judgement import Standing, blocks_needed, bounds, confirmed, screened
from maint.regression.procedure import Decision, Design, Procedure
from maint.regression.reading import Reading

Source = Callable[[str, Procedure], float | None]

RANK = {Verdict.IMPROVED: 0, Verdict.PASS: 1, Verdict.WARNING: 2, Verdict.CRITICAL: 3}
WOBBLE = (0.004, -0.006, 0.002, -0.001, 0.005, -0.004, 0.001, -0.003)
LIMITS = bounds(Thresholds(), 1e-3, 0.0)


def reading(
    log_ratio: float, *, baseline_s: float = 1e-3, wall: float | None = None, waits: float = 0.0
) -> Reading:
    head_s = baseline_s * math.exp(log_ratio)
    return Reading(
        cpu=log_ratio,
        wall=log_ratio if wall is None else wall,
        waits=waits,
        baseline_cpu_s=baseline_s,
        head_cpu_s=head_s,
        baseline_wall_s=baseline_s,
        head_wall_s=head_s,
        pairs=12,
        seed=0,
    )


def suite(count: int, thresholds: Thresholds | None = None) -> Procedure:
    return Procedure(dict.fromkeys((f"b{i}" for i in range(count)), thresholds or Thresholds()))


def drive(procedure: Procedure, source: Source, most: int = 100) -> int:
    """Feed blocks until all is settled, or ``most`` blocks; a source that gives None failed in that block."""
    for block in range(most):
        wanted = procedure.wanted()
        if not wanted:
            return block
        values = {name: source(name, procedure) for name in wanted}
        procedure.record({name: reading(v) for name, v in values.items() if v is not None})
    return most


def noisy(changes: Mapping[str, float], sd: float, seed: int) -> Source:
    """Heavy-tailed block noise (Student's t, 3 df), scaled to ``sd``, around each benchmark's true change."""
    rng = random.Random(seed)

    def source(name: str, procedure: Procedure) -> float:
        scale = math.sqrt(sum(rng.gauss(0, 1) ** 2 for _ in range(3)))
        return math.log1p(changes.get(name, 0.0)) + sd * rng.gauss(0, 1) / scale

    return source


def steady(change: float) -> Source:
    """The same change in every block, but for a small wobble that is the same in every run."""
    counts: Counter[str] = Counter()

    def source(name: str, procedure: Procedure) -> float:
        counts[name] += 1
        return math.log1p(change) + WOBBLE[counts[name] % len(WOBBLE)]

    return source


def swinging(centre: float, swing: float) -> Source:
    """Log ratios that alternate between ``centre`` plus and minus ``swing``."""
    counts: Counter[str] = Counter()

    def source(name: str, procedure: Procedure) -> float:
        counts[name] += 1
        return centre + (swing if counts[name] % 2 else -swing)

    return source


def only(procedure: Procedure, cut_short: str = "") -> Decision:
    (decision,) = procedure.conclude(cut_short).values()
    return decision


def verdicts_of_suites(
    changes: Mapping[str, float], *, count: int, sd: float, suites: int
) -> Counter[Verdict]:
    """Verdicts of the benchmarks in ``changes`` over seeded suites; of all benchmarks if it is empty."""
    seen: Counter[Verdict] = Counter()
    for seed in range(suites):
        procedure = suite(count)
        drive(procedure, noisy(changes, sd, seed))
        seen.update(d.verdict for name, d in procedure.conclude().items() if not changes or name in changes)
    return seen


def test_identical_code_raises_no_alarm_under_heavy_tailed_noise() -> None:
    seen = verdicts_of_suites({}, count=12, sd=0.03, suites=200)
    assert seen[Verdict.CRITICAL] == seen[Verdict.WARNING] == 0
    assert seen[Verdict.PASS] >= 0.995 * seen.total()


def test_one_noisy_benchmark_in_a_quiet_suite_raises_no_alarm() -> None:
    alarms = 0
    for seed in range(100):
        procedure, rng = suite(12), random.Random(seed)
        drive(procedure, lambda name, _, rng=rng: rng.gauss(0.0, 0.15 if name == "b0" else 0.01))
        alarms += procedure.conclude()["b0"].verdict in (Verdict.CRITICAL, Verdict.WARNING)
    assert alarms <= 1


def test_a_third_slower_is_critical_nearly_always() -> None:
    seen = verdicts_of_suites({"b3": 0.35}, count=12, sd=0.03, suites=150)
    assert seen[Verdict.CRITICAL] >= 0.97 * seen.total()


def test_fifteen_percent_slower_is_a_warning_nearly_always() -> None:
    seen = verdicts_of_suites({"b3": 0.15}, count=12, sd=0.03, suites=150)
    assert seen[Verdict.WARNING] >= 0.93 * seen.total()
    assert seen[Verdict.CRITICAL] == 0


@pytest.mark.parametrize("count", [1, 3])
def test_few_benchmarks_are_judged_as_well(count: int) -> None:
    assert verdicts_of_suites({"b0": 0.35}, count=count, sd=0.02, suites=60)[Verdict.CRITICAL] >= 58
    assert verdicts_of_suites({"b0": 0.0}, count=count, sd=0.02, suites=60)[Verdict.PASS] == 60


@pytest.mark.parametrize(
    ("change", "verdict", "blocks"),
    [
        (0.0, Verdict.PASS, 4),
        (-0.5, Verdict.IMPROVED, 4),
        (0.15, Verdict.WARNING, 8),
        (0.35, Verdict.CRITICAL, 8),
        (3.0, Verdict.CRITICAL, 8),
    ],
)
def test_the_obvious_is_settled_at_the_first_looks(change: float, verdict: Verdict, blocks: int) -> None:
    procedure = suite(2)
    assert drive(procedure, steady(change)) == blocks
    for decision in procedure.conclude().values():
        assert decision.verdict is verdict
        assert decision.change_pct == pytest.approx(100 * change, abs=1.0 + change)
        low, high = decision.ci_pct or (math.nan, math.nan)
        assert low < 100 * change < high


def test_only_the_undecided_are_measured_on() -> None:
    procedure = suite(3)
    source = steady(0.0)
    drive(procedure, lambda name, p: math.log1p(0.5) if name == "b1" else source(name, p), most=4)
    assert procedure.stage == "confirm"
    assert procedure.wanted() == procedure.undecided() == ("b1",)


def test_suspects_wait_until_the_screen_is_over() -> None:
    procedure, scattered = suite(2), swinging(0.0, 0.2)
    drive(procedure, lambda name, p: math.log1p(0.5) if name == "b0" else scattered(name, p), most=4)
    assert procedure.stage == "screen"
    assert procedure.wanted() == ("b1",)
    assert procedure.undecided() == ("b0", "b1")


def test_a_suspicion_that_fresh_blocks_do_not_bear_out_passes() -> None:
    procedure, later = suite(1), steady(0.0)
    drive(procedure, lambda name, p: math.log1p(0.5) if p.stage == "screen" else later(name, p))
    decision = only(procedure)
    assert decision.verdict is Verdict.PASS
    assert decision.stage == "confirm"
    assert decision.change_pct == pytest.approx(0.0, abs=1.0)
    assert [point.stage for point in decision.points] == ["screen"] * 4 + ["confirm"] * 4


def test_a_suspect_is_never_decided_on_its_screen_blocks() -> None:
    procedure = suite(1)
    drive(procedure, steady(0.5), most=4)
    for _ in range(2):
        decision = only(procedure, "budget of 60 s spent")
        assert decision.verdict is Verdict.INCONCLUSIVE
        assert decision.reason == "suspected, not confirmed: budget of 60 s spent"
        assert decision.more_blocks is not None
        assert decision.more_blocks >= 3
        procedure.record({"b0": reading(math.log1p(0.5))})


def test_a_suspect_stays_one_when_its_clock_turns_out_not_to_count() -> None:
    procedure = suite(1)
    for _ in range(4):
        procedure.record({"b0": reading(math.log1p(0.5), wall=0.0)})
    coarse = msgspec.structs.replace(reading(0.0, wall=0.0), baseline_cpu_s=0.0, head_cpu_s=0.0)
    procedure.record({"b0": coarse})
    decision = only(procedure)
    assert decision.clock == "wall"
    assert decision.verdict is Verdict.INCONCLUSIVE


@given(st.lists(st.floats(-0.3, 0.6), min_size=17, max_size=17), st.integers(0, 17))
def test_the_screen_alone_never_convicts(values: list[float], cut: int) -> None:
    procedure, remaining = suite(1), iter(values)
    drive(procedure, lambda name, _: next(remaining), most=cut)
    decision = only(procedure, "stopped")
    if decision.verdict in (Verdict.CRITICAL, Verdict.WARNING):
        assert decision.stage == "confirm"
        assert decision.blocks >= 2


@given(st.lists(st.floats(-0.4, 0.4), min_size=17, max_size=17), st.integers(1, 17))
def test_the_same_readings_give_the_same_decisions(values: list[float], cut: int) -> None:
    def decide() -> dict[str, Decision]:
        procedure, remaining = suite(1), iter(values)
        drive(procedure, lambda name, _: next(remaining), most=cut)
        assert procedure.conclude("x") == procedure.conclude("x")
        return procedure.conclude("x")

    assert decide() == decide()


@given(st.lists(st.floats(-0.05, 0.05), min_size=9, max_size=9), st.floats(-0.6, 0.09))
def test_exchanging_the_sides_mirrors_what_is_decided_without_suspicion(
    values: list[float], shift: float
) -> None:
    plain, mirrored = suite(1), suite(1)
    for procedure, sign in ((plain, 1), (mirrored, -1)):
        remaining = iter(values)
        drive(procedure, lambda name, _, s=sign, r=remaining: s * (next(r) + shift), most=4)
    forward, backward = only(plain), only(mirrored)
    assert backward.estimate == pytest.approx(-(forward.estimate or 0.0))
    assert backward.half_width == pytest.approx(forward.half_width)
    if forward.verdict is Verdict.IMPROVED:
        assert backward.reason == "suspected, not confirmed: stopped early"


@given(st.floats(-1.0, 1.0), st.floats(0.0, 0.5), st.floats(0.003, 0.2), st.integers(4, 9))
def test_a_slower_head_is_never_judged_milder(centre: float, more: float, spread: float, blocks: int) -> None:
    def judge(log_ratio: float) -> Verdict:
        estimate = Estimate(log_ratio, spread, blocks - 1.0, blocks)
        p_warning, p_critical = (
            estimate.p_above(LIMITS.warning_proof),
            estimate.p_above(LIMITS.critical_proof),
        )
        return confirmed(estimate, LIMITS, 0.005, p_warning, p_critical)

    before, after = judge(centre), judge(centre + more)
    if Verdict.INCONCLUSIVE not in (before, after):
        assert RANK[before] <= RANK[after]


@given(st.floats(-1.0, 1.0), st.floats(0.003, 0.3), st.integers(4, 9))
def test_the_last_look_of_the_screen_leaves_nothing_open(centre: float, spread: float, blocks: int) -> None:
    estimate = Estimate(centre, spread, blocks - 1.0, blocks)
    early, last = (screened(estimate, LIMITS, 0.007, final=final) for final in (False, True))
    assert last is not Standing.OPEN
    assert early in (last, Standing.OPEN)


def test_the_estimate_picks_the_class_and_the_proof_has_to_hold() -> None:
    def judge(centre: float, p_warning: float, p_critical: float) -> Verdict:
        return confirmed(Estimate(centre, 0.02, 7.0, 8), LIMITS, 0.005, p_warning, p_critical)

    assert judge(0.35, 0.001, 0.001) is Verdict.CRITICAL
    assert judge(0.35, 0.001, 0.02) is Verdict.WARNING
    assert judge(0.35, 0.02, 0.02) is Verdict.INCONCLUSIVE
    assert judge(0.15, 0.001, 0.001) is Verdict.WARNING
    assert judge(0.15, 0.02, 0.02) is Verdict.PASS
    assert judge(0.06, 0.001, 0.001) is Verdict.PASS
    assert judge(-0.15, 1.0, 1.0) is Verdict.IMPROVED


def test_the_last_look_suspects_what_it_cannot_tell_from_critical() -> None:
    assert screened(Estimate(0.0, 0.4, 8.0, 9), LIMITS, 0.007, final=True) is Standing.SUSPECT
    assert screened(Estimate(0.08, 0.05, 8.0, 9), LIMITS, 0.007, final=True) is Standing.CLEAR


def test_benchmarks_lend_each_other_certainty_from_six_on() -> None:
    def half_width(count: int) -> float:
        procedure = suite(count)
        drive(procedure, steady(0.0))
        return procedure.conclude()["b0"].half_width or math.nan

    assert half_width(1) == half_width(5) > 1.3 * half_width(6)


def test_holm_asks_more_of_a_suspect_among_many() -> None:
    def verdict_of_b0(count: int) -> Verdict:
        procedure = suite(count)
        scattered = swinging(0.14, 0.09)

        def source(name: str, p: Procedure) -> float:
            if p.stage == "screen":
                return math.log1p(0.35)
            return scattered(name, p) if name == "b0" else 0.02 + scattered(name, p) - 0.14

        drive(procedure, source)
        return procedure.conclude()["b0"].verdict

    assert verdict_of_b0(1) is Verdict.WARNING
    assert verdict_of_b0(40) is not Verdict.WARNING


def test_each_benchmark_has_its_own_thresholds() -> None:
    procedure = Procedure(
        {"strict": Thresholds(0.03, 0.08), "usual": Thresholds(), "lax": Thresholds(0.3, 0.6)}
    )
    drive(procedure, steady(0.15))
    verdicts = {name: decision.verdict for name, decision in procedure.conclude().items()}
    assert verdicts == {"strict": Verdict.CRITICAL, "usual": Verdict.WARNING, "lax": Verdict.PASS}


@pytest.mark.parametrize(("baseline_s", "verdict"), [(50e-9, Verdict.PASS), (1e-6, Verdict.CRITICAL)])
def test_nanoseconds_are_no_slow_down(baseline_s: float, verdict: Verdict) -> None:
    procedure = suite(1)
    source = steady(0.3)
    while procedure.wanted():
        procedure.record({"b0": reading(source("b0", procedure), baseline_s=baseline_s)})
    decision = only(procedure)
    assert decision.verdict is verdict
    if verdict is Verdict.PASS:
        assert decision.reason == "slower by less than the absolute floor per call"


def test_a_head_that_waits_is_judged_on_wall_time_from_the_block_that_shows_it() -> None:
    procedure = suite(1)
    source = steady(0.0)
    for block in range(12):
        if not procedure.wanted():
            break
        value = source("b0", procedure)
        procedure.record({"b0": reading(value, wall=math.log1p(0.5) + value, waits=0.3 if block else 0.0)})
    decision = only(procedure)
    assert decision.verdict is Verdict.CRITICAL
    assert decision.clock == "wall"
    assert decision.cpu_change_pct == pytest.approx(0.0, abs=1.0)
    assert decision.wall_change_pct == pytest.approx(50.0, abs=2.0)


def test_a_forced_clock_decides() -> None:
    for clock, verdict in (("cpu", Verdict.PASS), ("wall", Verdict.CRITICAL)):
        procedure = Procedure({"b0": Thresholds()}, clocks={"b0": clock})
        while procedure.wanted():
            procedure.record({"b0": reading(0.0, wall=math.log1p(0.5))})
        assert (only(procedure).clock, only(procedure).verdict) == (clock, verdict)


@pytest.mark.parametrize("blocks", [0, 1])
def test_too_few_blocks_settle_nothing(blocks: int) -> None:
    procedure = suite(1)
    drive(procedure, steady(0.0), most=blocks)
    decision = only(procedure, "budget of 1 s spent")
    assert decision.verdict is Verdict.INCONCLUSIVE
    assert decision.reason == "too few blocks measured: budget of 1 s spent"
    assert decision.half_width is decision.ci_pct is None
    assert (decision.change_pct is None) is (blocks == 0)
    assert decision.more_blocks == 4 - blocks


def test_a_budget_that_ends_between_looks_still_decides_what_the_data_settle() -> None:
    procedure = suite(12)
    drive(procedure, steady(0.0), most=3)
    assert {d.verdict for d in procedure.conclude("budget spent").values()} == {Verdict.PASS}


def test_what_noise_leaves_open_is_inconclusive_with_the_blocks_that_would_settle_it() -> None:
    procedure = suite(1)
    drive(procedure, swinging(0.0, 0.3))
    decision = only(procedure)
    assert decision.verdict is Verdict.INCONCLUSIVE
    assert decision.reason.startswith("up to +")
    assert decision.reason.endswith(" % not excluded")
    assert decision.more_blocks is not None
    assert decision.more_blocks > 8


def test_the_blocks_needed_follow_the_distance_to_the_bound() -> None:
    near, far = Estimate(0.20, 0.1, 8.0, 9), Estimate(0.0, 0.1, 8.0, 9)
    n_near, n_far = blocks_needed(near, LIMITS, 0.005), blocks_needed(far, LIMITS, 0.005)
    assert n_near is not None
    assert n_far is not None
    assert n_near > n_far
    settled = msgspec.structs.replace(far, blocks=n_far)
    assert (
        settled.p_below(LIMITS.critical)
        <= 0.005
        < msgspec.structs.replace(far, blocks=n_far - 1).p_below(LIMITS.critical)
    )
    assert blocks_needed(Estimate(LIMITS.critical - 1e-9, 5.0, 8.0, 9), LIMITS, 0.005) is None


def test_a_pass_that_leaves_the_warning_open_says_so() -> None:
    procedure = suite(1)
    drive(procedure, swinging(0.075, 0.04))
    decision = only(procedure)
    assert decision.verdict is Verdict.PASS
    assert decision.reason == "at least +10 % not excluded"
    assert decision.blocks == 9


@given(st.lists(st.one_of(st.none(), st.floats(-0.5, 0.8)), max_size=60), st.integers(1, 3))
def test_any_sequence_ends_within_the_promised_blocks(values: list[float | None], count: int) -> None:
    procedure, remaining, taken = suite(count), iter(values), 0
    promised = procedure.blocks_left() + 2 * count * (Design().misses + 1)
    while procedure.wanted():
        left = procedure.blocks_left()
        drive(procedure, lambda name, _: next(remaining, 0.0), most=1)
        assert 0 <= procedure.blocks_left() <= left
        taken += 1
        assert taken <= promised
    assert len(procedure.conclude()) == count


def test_a_benchmark_that_keeps_failing_is_given_up_and_said_so() -> None:
    procedure = suite(2)
    source = steady(0.0)
    drive(procedure, lambda name, p: None if name == "b1" else source(name, p))
    decisions = procedure.conclude()
    assert decisions["b0"].verdict is Verdict.PASS
    assert decisions["b1"].verdict is Verdict.INCONCLUSIVE
    assert decisions["b1"].reason == "too few blocks measured: failed in 4 blocks"


def test_a_benchmark_missing_once_catches_up() -> None:
    procedure = suite(2)
    source, failures = steady(0.0), iter([None])
    blocks = drive(
        procedure, lambda name, p: next(failures, source(name, p)) if name == "b1" else source(name, p)
    )
    assert blocks == 5
    assert {d.verdict for d in procedure.conclude().values()} == {Verdict.PASS}


def test_a_dropped_benchmark_is_forgotten() -> None:
    procedure = suite(2)
    procedure.drop("b0")
    procedure.drop("b0")
    procedure.record({"b0": reading(0.5), "b1": reading(0.0)})
    assert procedure.wanted() == ("b1",)
    assert set(procedure.conclude()) == {"b1"}


def test_dropping_the_last_of_a_screen_block_does_not_count_against_the_suspects() -> None:
    procedure, scattered = (
        Procedure(dict.fromkeys(("b0", "b1"), Thresholds()), Design(misses=0)),
        swinging(0.0, 0.2),
    )
    drive(procedure, lambda name, p: math.log1p(0.5) if name == "b0" else scattered(name, p), most=4)
    assert procedure.wanted() == ("b1",)
    procedure.drop("b1")
    procedure.record({})
    assert drive(procedure, steady(0.5)) == 4
    assert only(procedure).verdict is Verdict.CRITICAL


def test_readings_nobody_wanted_are_ignored() -> None:
    procedure = suite(2)
    drive(procedure, steady(0.0))
    before = procedure.conclude()
    procedure.record({"b0": reading(9.0), "stranger": reading(0.0)})
    assert procedure.conclude() == before


def test_a_suite_of_nothing_has_nothing_to_decide() -> None:
    procedure = suite(0)
    assert procedure.wanted() == ()
    assert procedure.blocks_left() == 0
    assert procedure.conclude() == {}


def test_intervals_cover_the_truth_when_a_whole_block_is_shifted() -> None:
    missed = total = 0
    for seed in range(250):
        procedure, rng = suite(12), random.Random(seed)
        for _ in range(4):
            common = rng.gauss(0.0, 0.01)
            procedure.record({name: reading(common + rng.gauss(0.0, 0.02)) for name in procedure.wanted()})
        for decision in procedure.conclude().values():
            missed += abs(decision.estimate or 0.0) > (decision.half_width or 0.0)
            total += 1
    assert 0.02 < missed / total < 0.08


def test_the_least_number_of_blocks_is_the_way_to_the_next_look() -> None:
    procedure = Procedure({"a": Thresholds()})
    assert procedure.blocks_to_look() == Design().looks[0]
    for blocks in range(Design().looks[0] + Design().confirm_looks[0]):
        assert 1 <= procedure.blocks_to_look() <= procedure.blocks_left()
        procedure.record({"a": reading(0.3 + 0.01 * (blocks % 2))})
    assert procedure.blocks_to_look() == 0
