"""Tests that do not run to their end: skipped, failed, interrupted; and what is left then."""

from __future__ import annotations

import json
import threading

import pytest
from fake_nvml import DRIVER_NOT_LOADED, FakeDevice

HEAD = """
import gc, pytest, torch
torch.cuda.init()
MiB, GiB = 2**20, 2**30
"""


def run(pytester: pytest.Pytester, text: str, *arguments: str) -> pytest.RunResult:
    pytester.makepyfile(HEAD + text)
    return pytester.runpytest_inprocess(*arguments)


def document(pytester: pytest.Pytester) -> dict:
    return json.loads((pytester.path / ".maint/out/findings.json").read_text(encoding="utf-8"))


def test_only_tests_that_ran_to_their_end_are_judged_to_be_within_their_budget(
    gpu: FakeDevice, pytester: pytest.Pytester
) -> None:
    result = run(
        pytester,
        """
@pytest.mark.skip(reason="not now")
@pytest.mark.vram_budget("1GiB")
def test_marked_skip(): ...

@pytest.mark.vram_budget("1GiB")
def test_skips():
    pytest.skip("not here")

@pytest.mark.vram_budget("1GiB")
def test_fails():
    assert False

@pytest.mark.xfail(reason="known")
@pytest.mark.vram_budget("1GiB")
def test_expected_to_fail():
    assert False

@pytest.mark.xfail(run=False, reason="crashes")
@pytest.mark.vram_budget("1GiB")
def test_not_run(): ...

@pytest.mark.vram_budget("1GiB")
def test_fails_over_budget():
    kept = torch.empty(2 * GiB)
    assert False

@pytest.mark.vram_budget("1GiB")
def test_ends():
    kept = torch.empty(GiB)
""",
    )
    result.assert_outcomes(passed=1, failed=2, skipped=2, xfailed=2)
    [judged] = [run["judged"] for run in document(pytester)["runs"] if run["guardrail"] == "vram"]
    assert [one.rpartition("::")[2] for one in judged] == ["test_fails_over_budget", "test_ends"]
    assert [one["code"] for one in document(pytester)["findings"]] == ["VRAM001"]


def test_a_test_that_is_skipped_anyway_does_not_fail_for_a_missing_gpu(
    gpu: FakeDevice, pytester: pytest.Pytester
) -> None:
    gpu._driver.fail("nvmlInitWithFlags", DRIVER_NOT_LOADED)
    pytester.makepyprojecttoml('[tool.maint.vram]\nmissing = "fail"\n')
    pytester.makepyfile(
        """
import pytest
@pytest.mark.skipif(True, reason="no GPU here")
@pytest.mark.vram_budget("1GiB")
def test_it(): ...
"""
    )
    result = pytester.runpytest_inprocess("-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*no GPU here*"])


def test_what_an_expected_failure_holds_by_its_traceback_is_no_leak(
    gpu: FakeDevice, pytester: pytest.Pytester
) -> None:
    result = run(
        pytester,
        """
@pytest.mark.xfail(reason="known")
@pytest.mark.vram_budget("1GiB", leak="1MiB")
def test_it():
    kept = torch.empty(64 * MiB)
    assert kept is None
""",
    )
    result.assert_outcomes(xfailed=1)
    assert document(pytester)["findings"] == []


@pytest.mark.parametrize("end", ["raise KeyboardInterrupt", "pytest.exit('enough')"])
def test_an_interrupted_test_leaves_no_sampler_and_no_limit_behind(
    gpu: FakeDevice, pytester: pytest.Pytester, end: str
) -> None:
    pytester.makepyfile(
        f"""
import fake_nvml, pytest, torch
torch.cuda.init()

@pytest.mark.vram_budget("1GiB", enforce=True, measure="nvml")
def test_it():
    fake_nvml.FakeDriver.here().sampled()
    {end}
"""
    )
    result = pytester.inline_run(no_reraise_ctrlc=True)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert not [one.name for one in threading.enumerate() if one.name == "maint-vram-sampler"]
    import torch

    kept = torch.empty(2 * 2**30)
    del kept


def test_failed_tests_without_a_budget_are_not_kept_alive_one_after_the_other(
    gpu: FakeDevice, pytester: pytest.Pytester
) -> None:
    pytester.makepyfile(
        HEAD
        + """
@pytest.mark.vram_budget("1GiB")
def test_first(): ...

@pytest.mark.parametrize("number", range(5))
def test_fails(number):
    kept = torch.empty(GiB)
    assert kept is None

def test_last():
    gc.collect()
    assert torch.cuda.memory_allocated() == 0
"""
    )
    # In this process the recorder of hook calls would hold on to the frames of the failed tests.
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=2, failed=5)


def test_a_peak_before_the_test_reset_torchs_statistics_counts(
    gpu: FakeDevice, pytester: pytest.Pytester
) -> None:
    result = run(
        pytester,
        """
from torch.cuda import reset_peak_memory_stats

@pytest.mark.vram_budget("1GiB")
def test_it():
    torch.empty(2 * GiB)
    reset_peak_memory_stats()
    kept = torch.empty(MiB)
    assert torch.cuda.max_memory_allocated() == MiB

@pytest.mark.vram_budget("1GiB")
def test_next():
    kept = torch.empty(GiB)
""",
    )
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["test_it peaked at 2.30 GiB, budget 1.00 GiB*VRAM001"])


def test_a_limit_that_the_project_gave_torch_is_put_back(gpu: FakeDevice, pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
@pytest.mark.vram_budget("1GiB", enforce=True)
def test_it():
    kept = torch.empty(GiB)

def test_next():
    assert torch.cuda.get_per_process_memory_fraction(0) == 0.5
""".replace("@pytest", "torch.cuda.set_per_process_memory_fraction(0.5, 0)\n@pytest", 1),
    )
    result.assert_outcomes(passed=2)


def test_a_leak_that_cannot_be_told_from_others_is_said_not_passed_in_silence(
    gpu: FakeDevice, pytester: pytest.Pytester
) -> None:
    pytester.makepyfile(
        """
import fake_nvml, pytest
gpu = fake_nvml.FakeDriver.here()[0]

@pytest.mark.vram_budget("1GiB", leak="1MiB")
def test_it():
    gpu.hold(64 * 2**20)

@pytest.mark.vram_budget("1GiB", leak="1MiB")
def test_clean():
    gpu.add(2**20)
"""
    )
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(passed=2)
    [finding] = document(pytester)["findings"]
    assert finding["code"] == "VRAM029"
    assert "test_it: leak not judged: " in finding["message"]
    result.stdout.fnmatch_lines(["*test_it: leak not judged: *64.00 MiB*VRAM029*"])


def test_a_marker_that_asks_for_nothing_is_a_mistake(gpu: FakeDevice, pytester: pytest.Pytester) -> None:
    result = run(pytester, "@pytest.mark.vram_budget\ndef test_it(): ...\n")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*test_it: names no budget; give a size such as '2GiB', or set default*"])


def test_a_marker_without_a_size_may_ask_for_the_whole_card_or_for_the_fixture(
    gpu: FakeDevice, pytester: pytest.Pytester
) -> None:
    result = run(
        pytester,
        """
@pytest.mark.vram_budget(exclusive=True)
def test_alone(): ...

@pytest.mark.vram_budget(device=0)
def test_shown(vram): ...
""",
    )
    result.assert_outcomes(passed=2)
