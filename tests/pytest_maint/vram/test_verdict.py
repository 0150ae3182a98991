"""The verdict by itself: which source settles it, and that its words never contradict it."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from maint.gpu.sizes import amount, pair
from maint.options.option import size
from pytest_maint.vram.verdict import Delta, Evidence, Figure, judge, worst

SIZES = st.integers(0, 2**40)
BUDGETS = st.integers(1, 2**40)


def evidence_of(**parts: object) -> Evidence:
    return Evidence()._replace(**parts)


@given(peak=SIZES, context=SIZES, budget=BUDGETS)
def test_an_exact_source_is_judged_to_the_byte_without_the_context(
    peak: int, context: int, budget: int
) -> None:
    evidence = evidence_of(allocators=(Figure("torch allocator", peak, "exact"),), context=context)
    verdict = judge("test_x", evidence, budget)
    assert verdict.status == ("over" if peak > budget else "ok")
    assert verdict.peak == peak
    assert ("VRAM001" in verdict.message) == (peak > budget)


@given(peak=SIZES, budget=BUDGETS)
def test_both_numbers_of_a_failure_differ_as_they_are_written(peak: int, budget: int) -> None:
    evidence = evidence_of(allocators=(Figure("torch allocator", peak, "exact"),))
    found = re.match(r"test_x peaked at (.+?), budget (.+?) \(", judge("test_x", evidence, budget).message)
    assert found is not None
    assert (found[1] == found[2]) <= (peak <= budget)


@given(first=SIZES, second=SIZES)
def test_a_pair_of_amounts_reads_alike_only_if_it_is(first: int, second: int) -> None:
    texts = pair(first, second)
    assert (texts[0] == texts[1]) == (first == second)


@given(bound=SIZES, sampled=SIZES, budget=BUDGETS)
def test_a_bound_settles_only_what_is_under_it(bound: int, sampled: int, budget: int) -> None:
    evidence = evidence_of(
        accounting=Figure("NVML accounting", bound, "at most"),
        process=Figure("NVML process", sampled, "sampled 9 times"),
    )
    verdict = judge("test_x", evidence, budget)
    if bound <= budget:
        assert (verdict.status, verdict.source) == ("ok", "NVML accounting")
    else:
        assert verdict.source == "NVML process"
        assert (verdict.status == "over") == (sampled > budget)


@given(growth=SIZES, others=BUDGETS, budget=BUDGETS)
def test_hidden_others_never_make_a_verdict(growth: int, others: int, budget: int) -> None:
    delta = Delta(growth, 0, None, others, "sampled 9 times")
    verdict = judge("test_x", evidence_of(delta=delta), budget)
    assert (verdict.status, verdict.code) == ("unjudged", "VRAM029")


def test_nothing_known_is_unjudged_and_without_a_budget_unmeasured() -> None:
    assert judge("test_x", Evidence(), 5).status == "unjudged"
    assert judge("test_x", Evidence(), None).status == "unjudged"


def test_the_worst_device_is_the_one_reported() -> None:
    figures = {"0": 5, "1": 50, "2": 7}
    verdicts = [
        judge("test_x", evidence_of(device=name, allocators=(Figure("RMM", peak, "exact"),)), 6)
        for name, peak in figures.items()
    ]
    assert worst(verdicts).device == "1"


def test_names_of_tests_cannot_start_a_line() -> None:
    assert "\n" not in judge("test_x[a\nb]", Evidence(), 5).message


def test_sizes_are_read_as_they_are_meant() -> None:
    read = {"2GiB": 2**31, "500MB": 500_000_000, "2 GB": 2 * 10**9, "0.5MiB": 2**19, "64": 64, "7 B": 7}
    assert {text: size(text) for text in read} == read
    assert size(4096) == 4096


@given(st.integers(1, 2**50))
def test_a_size_in_bytes_is_kept(value: int) -> None:
    assert size(value) == value
    assert size(f"{value}KiB") == value * 1024 or value > 2**42


@given(st.integers(1, 1023))
def test_small_amounts_are_said_in_bytes(value: int) -> None:
    assert amount(value) == f"{value} bytes"


@given(first=SIZES, second=SIZES, budget=BUDGETS)
def test_peaks_of_two_allocators_need_not_have_been_at_one_time(first: int, second: int, budget: int) -> None:
    figures = (Figure("torch allocator", first, "exact"), Figure("CuPy pool", second, "exact"))
    verdict = judge("test_x", evidence_of(allocators=figures), budget)
    if first + second <= budget:
        assert verdict.status == "ok"
    else:
        assert verdict.status == ("over" if max(first, second) > budget else "unjudged")


def test_a_pool_that_shrank_is_no_bound_where_the_driver_saw_more() -> None:
    found = evidence_of(
        allocators=(Figure("CuPy pool", 10, "at most"),),
        process=Figure("NVML process", 3000, "sampled 9 times"),
        context=100,
    )
    assert judge("test_x", found, 2000).status == "over"
    assert judge("test_x", found, 2900).status == "ok"
