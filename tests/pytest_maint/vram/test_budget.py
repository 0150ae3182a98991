"""Budgets as a user meets them: the marker, the fixture, the options, and what a session says."""

from __future__ import annotations

import json

import pytest
from fake_nvml import DRIVER_NOT_LOADED, FakeDevice

HEAD = """
import pytest, torch
torch.cuda.init()
MiB, GiB = 2**20, 2**30
"""
GREEDY = (
    HEAD
    + """
@pytest.mark.vram_budget("1GiB")
def test_greedy():
    kept = torch.empty(1536 * MiB)
"""
)


def run(pytester: pytest.Pytester, text: str, *arguments: str) -> pytest.RunResult:
    pytester.makepyfile(text)
    return pytester.runpytest_inprocess(*arguments)


def findings(pytester: pytest.Pytester) -> list[dict]:
    return json.loads((pytester.path / ".maint/out/findings.json").read_text(encoding="utf-8"))["findings"]


def test_a_test_over_its_budget_fails_with_one_sentence(gpu: FakeDevice, pytester: pytest.Pytester) -> None:
    result = run(pytester, GREEDY)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*_ test_greedy _*",
            "test_greedy peaked at 1.80 GiB, budget 1.00 GiB "
            "(torch allocator 1.50 exact, context 0.30); VRAM001",
            "512.00 MiB over: the test's own are 1.50 GiB, without the context of the process",
            "*= maint: vram =*",
            "1 test judged, 1 over budget, 0 not judged",
            "FAILED *::test_greedy - *",
        ],
    )
    assert "Traceback" not in result.stdout.str()
    [finding] = findings(pytester)
    assert finding["code"] == "VRAM001"
    assert finding["severity"] == "high"
    assert finding["evidence"]["peak_bytes"] == 1536 * 2**20
    assert finding["evidence"]["budget_bytes"] == 2**30
    assert finding["evidence"]["source"] == "torch allocator"


def test_the_same_test_passes_with_room(gpu: FakeDevice, pytester: pytest.Pytester) -> None:
    result = run(pytester, GREEDY.replace("1GiB", "1536MiB"))
    assert result.ret == pytest.ExitCode.OK
    assert findings(pytester) == []


def test_workers_report_the_same_once(gpu: FakeDevice, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(GREEDY)
    result = pytester.runpytest_subprocess("-n2")
    assert result.ret == pytest.ExitCode.TESTS_FAILED, result.stdout.str()
    result.stdout.fnmatch_lines(["*test_greedy peaked at 1.80 GiB, budget 1.00 GiB*VRAM001"])
    assert [one["code"] for one in findings(pytester)] == ["VRAM001"]


@pytest.mark.parametrize("arguments", [(), ("-n2",), ("-p", "rerunfailures", "--reruns=1")])
def test_beside_the_findings_of_the_tests_it_stays_one(
    gpu: FakeDevice, pytester: pytest.Pytester, arguments: tuple[str, ...]
) -> None:
    pytester.makepyfile(GREEDY)
    result = pytester.runpytest_subprocess("--maint-report", *arguments)
    assert result.ret == pytest.ExitCode.TESTS_FAILED, result.stdout.str()
    assert [one["code"] for one in findings(pytester)] == ["VRAM001"]


def test_a_budget_kept_on_a_rerun_hides_no_failure(gpu: FakeDevice, pytester: pytest.Pytester) -> None:
    text = GREEDY.replace("1536 * MiB", "next(sizes)") + "\nsizes = iter([1536 * MiB, MiB])\n"
    assert (
        run(pytester, text, "--maint-report", "-p", "rerunfailures", "--reruns=1").ret == pytest.ExitCode.OK
    )
    assert [one["code"] for one in findings(pytester)] == ["TST005"]


def test_report_mode_says_and_fails_nothing(gpu: FakeDevice, pytester: pytest.Pytester) -> None:
    result = run(pytester, GREEDY, "--maint-vram=report")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["test_greedy peaked at 1.80 GiB, budget 1.00 GiB*"])


def test_off_measures_nothing(gpu: FakeDevice, pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        GREEDY + "    assert True\n\ndef test_zero(vram):\n    assert vram.source == ''\n",
        "--maint-vram=off",
    )
    result.assert_outcomes(passed=2)
    result.stdout.no_fnmatch_line("*maint: vram*")


def test_the_fixture_shows_the_peak_to_the_byte_and_forgets_it(
    gpu: FakeDevice, pytester: pytest.Pytester
) -> None:
    result = run(
        pytester,
        HEAD
        + """
@pytest.mark.vram_budget("1GiB")
def test_shown(vram):
    torch.empty(2 * GiB)
    assert (vram.peak, vram.source, vram.budget) == (2 * GiB, "torch allocator", GiB)
    assert vram.peak == torch.cuda.max_memory_allocated()
    vram.reset()
    kept = torch.empty(3 * MiB)
    assert vram.peak == 3 * MiB

def test_without_a_budget(vram):
    kept = torch.empty(3 * MiB)
    assert (vram.peak, vram.budget) == (3 * MiB, None)
""",
    )
    result.assert_outcomes(passed=2)
    assert result.ret == pytest.ExitCode.OK


def test_the_default_budget_is_that_of_a_marker_without_a_size(
    gpu: FakeDevice, pytester: pytest.Pytester
) -> None:
    pytester.makepyprojecttoml('[tool.maint.vram]\ndefault = "1GiB"\n')
    result = run(pytester, GREEDY.replace('"1GiB"', ""))
    result.stdout.fnmatch_lines(["*budget 1.00 GiB*VRAM001"])


@pytest.mark.parametrize("mode", ["serial", "workers"])
def test_a_bad_marker_names_the_test_and_every_problem(
    gpu: FakeDevice, pytester: pytest.Pytester, mode: str
) -> None:
    pytester.makepyfile(GREEDY.replace('"1GiB"', '"1 gigabyte", leek="1MiB"'))
    result = pytester.runpytest_subprocess(*(["-n1"] if mode == "workers" else []))
    said = result.stdout.str() + result.stderr.str()
    assert "vram_budget marker of " in said
    assert "test_greedy: marker argument size = '1 gigabyte': expected bytes, or a size such as" in said
    assert "unknown marker argument 'leek'; did you mean 'leak'?" in said
    if mode == "serial":
        assert result.ret == pytest.ExitCode.USAGE_ERROR
    else:
        assert result.ret == pytest.ExitCode.TESTS_FAILED
        assert "INTERNALERROR" not in said


@pytest.mark.parametrize(
    ("missing", "outcome", "code"),
    [("skip", {"skipped": 1}, 0), ("run", {"passed": 1}, 0), ("fail", {"errors": 1}, 1)],
)
def test_without_a_driver_the_setting_decides_and_nothing_is_judged_in_silence(
    gpu: FakeDevice, pytester: pytest.Pytester, missing: str, outcome: dict[str, int], code: int
) -> None:
    gpu._driver.fail("nvmlInitWithFlags", DRIVER_NOT_LOADED)
    pytester.makepyprojecttoml(f'[tool.maint.vram]\nmissing = "{missing}"\n')
    result = run(
        pytester, "import pytest\n@pytest.mark.vram_budget('1GiB')\ndef test_it():\n    pass\n", "-rs"
    )
    result.assert_outcomes(**outcome)
    assert result.ret == code
    result.stdout.fnmatch_lines(["0 tests judged, 0 over budget, 1 not judged"])
    result.stdout.fnmatch_lines(["*there is no NVIDIA driver on this machine*VRAM020*"])


def test_a_failing_test_keeps_its_own_failure(gpu: FakeDevice, pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        GREEDY.replace('"1GiB"', '"2GiB", leak="1MiB"').replace("kept =", "global kept; kept =")
        + "    assert 1 == 2\n",
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*assert 1 == 2*"])
    result.stdout.no_fnmatch_line("*VRAM002*")


def test_the_largest_blocks_are_named(gpu: FakeDevice, pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        HEAD + "KEPT = []\n" + GREEDY.removeprefix(HEAD).replace("kept =", "KEPT[:] = [torch.empty(5)],"),
    )
    result.stdout.fnmatch_lines(["*VRAM001", "*over*", "largest blocks still held:", "  1.50 GiB"])


@pytest.mark.parametrize(
    ("head", "allocate"),
    [
        ("import torch\ntorch.cuda.init()", "torch.empty({})"),
        ("import rmm, rmm.statistics\nrmm.statistics.enable_statistics()", "rmm.DeviceBuffer(size={})"),
        ("import cupy", "cupy.empty({})"),
    ],
    ids=["torch", "rmm", "cupy"],
)
def test_an_enforced_budget_fails_the_allocation_and_only_for_that_test(
    gpu: FakeDevice, pytester: pytest.Pytester, head: str, allocate: str
) -> None:
    result = run(
        pytester,
        f"""
{head}
import pytest
GiB = 2**30

@pytest.mark.vram_budget("1GiB", enforce=True)
def test_to_the_byte():
    kept = {allocate.format("GiB")}

@pytest.mark.vram_budget("1GiB", enforce=True)
def test_over():
    kept = {allocate.format("GiB + 2**21")}  # the guilty line

def test_free_again():
    kept = {allocate.format("2 * GiB")}
""",
    )
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        [
            ">*# the guilty line",
            "test_over asked for more than its budget, 1.00 GiB, which is enforced; VRAM003",
        ]
    )
    assert [one["code"] for one in findings(pytester)] == ["VRAM003"]


def test_an_unmarked_suite_imports_nothing_of_the_room(gpu: FakeDevice, pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it():\n    pass\n")
    pytester.makeconftest(
        """
import sys
def pytest_unconfigure():
    found = [name for name in sys.modules if ".vram" in name or ".gpu" in name or name == "pynvml"]
    print("FOUND", sorted(set(found) - {"maint.options.vram"}))
"""
    )
    result = pytester.runpytest_subprocess()
    assert "FOUND []" in result.stdout.str()
    assert gpu._driver.calls("nvmlInitWithFlags") == 0


def test_what_a_failed_test_held_is_not_charged_to_its_rerun_or_the_next(
    gpu: FakeDevice, pytester: pytest.Pytester
) -> None:
    pytester.makepyfile(
        HEAD
        + """
runs = []

@pytest.mark.flaky(reruns=1)
@pytest.mark.vram_budget("1GiB")
def test_settles():
    runs.append(1)
    kept = torch.empty(GiB if len(runs) == 2 else 2 * GiB)
    assert len(runs) == 2

def test_fails():
    kept = torch.empty(2 * GiB)
    assert kept is None

@pytest.mark.vram_budget("1GiB")
def test_next():
    kept = torch.empty(GiB)
"""
    )
    # In this process the recorder of hook calls would hold on to the frames of the failed test.
    result = pytester.runpytest_subprocess("-p", "rerunfailures")
    result.assert_outcomes(passed=2, failed=1)
    assert [one["code"] for one in findings(pytester)] == []
