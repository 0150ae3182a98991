"""Marked tests share the cards: never more at once than fits; what cannot fit, or waits too long, is said."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fake_nvml import NO_PERMISSION, FakeDriver, GiB, Gpu

from maint.gpu.ledger import Ledger, ledger_folder

# What a test holds it writes to a file under a lock, and takes off again: an account of its own. It holds on
# until another test has come to ask, or until it is clear that none will.
ACCOUNT = """
import fcntl, os, time
import pytest
from maint.gpu.ledger import ledger_folder, peek

def linger():
    end = time.monotonic() + 1
    while len(peek(ledger_folder()).tickets) < 2 and time.monotonic() < end:
        os.sched_yield()

def write(size):
    with open(os.path.join(os.path.dirname(__file__), "account"), "a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        held = sum(map(int, file))
        assert held + size <= 23, (held, size)
        file.write(f"{size}\\n")

@pytest.fixture
def use():
    given = []
    yield lambda size: (write(size), given.append(size), linger())
    for size in given:
        write(-size)
"""


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the ledger is made."""
    folder = tmp_path / "run"
    folder.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    for name in [name for name in os.environ if name.startswith(("PYTEST_XDIST", "CUDA_"))]:
        monkeypatch.delenv(name)
    return folder


@pytest.fixture
def driver(runtime: Path, fake_driver: Callable[..., FakeDriver]) -> FakeDriver:
    """One card of 24 GiB, of which 1 GiB is kept free by default."""
    return fake_driver(devices=[Gpu(total=24 * GiB)])


def marked(*budgets: str, body: str = "pass", fixtures: str = "") -> str:
    """A test for each marker's arguments."""
    tests = (
        f"@pytest.mark.vram_budget({budget})\ndef test_{number}({fixtures}):\n    {body}\n"
        for number, budget in enumerate(budgets)
    )
    return "import os, pytest\n" + "\n".join(tests)


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_inprocess(*arguments)


def findings(pytester: pytest.Pytester) -> list[dict[str, Any]]:
    """What stands in the report of the session."""
    return list(json.loads((pytester.path / ".maint/out/findings.json").read_text())["findings"])


def test_tests_of_several_workers_fit_the_card(
    pytester: pytest.Pytester, driver: FakeDriver, runtime: Path
) -> None:
    sizes = [12, 3, 20, 9, 16, 11]
    tests = "\n".join(
        f"@pytest.mark.vram_budget('{size}GiB')\ndef test_{size}(use):\n    use({size})\n" for size in sizes
    )
    pytester.makeconftest(ACCOUNT)
    pytester.makepyfile("import pytest\n" + tests)
    result = pytester.runpytest_subprocess("-n2")
    result.assert_outcomes(passed=6)
    assert len((pytester.path / "account").read_text().splitlines()) == 12
    assert list(runtime.iterdir()) == []


def test_a_worker_that_is_killed_gives_back(
    pytester: pytest.Pytester, driver: FakeDriver, runtime: Path
) -> None:
    body = "os.path.exists('killed') or (open('killed', 'w'), os.kill(os.getpid(), 9))"
    pytester.makepyfile(marked("'20GiB'", "'20GiB'", "'20GiB'", body=body))
    result = pytester.runpytest_subprocess("-n2")
    result.assert_outcomes(passed=2, failed=1)
    assert list(runtime.iterdir()) == []


def test_a_session_gives_back_all_it_took(
    pytester: pytest.Pytester, driver: FakeDriver, runtime: Path
) -> None:
    pytester.makepyprojecttoml("[tool.maint.vram]\nwait = 5\n")
    pytester.makepyfile(marked("'23GiB'", "'23GiB'", "'1GiB', exclusive=True"))
    run(pytester).assert_outcomes(passed=3)
    assert list(runtime.iterdir()) == []


@pytest.mark.parametrize(
    ("missing", "outcome"), [("skip", {"skipped": 1}), ("fail", {"errors": 1}), ("run", {"passed": 1})]
)
def test_a_budget_above_the_card_is_handled_as_missing_says(
    pytester: pytest.Pytester, driver: FakeDriver, missing: str, outcome: dict[str, int]
) -> None:
    pytester.makepyprojecttoml(f"[tool.maint.vram]\nmissing = '{missing}'\nreserve = '2GiB'\n")
    pytester.makepyfile(test_a=marked("'22GiB'", "'22.5GiB'"))
    result = run(pytester, "-rs")
    result.assert_outcomes(**({"passed": 1} | {key: n + (key == "passed") for key, n in outcome.items()}))
    said = "test_a.py::test_1: 22.50 GiB asked for, and the GPU has at most 22.00 GiB to give; VRAM010"
    result.stdout.fnmatch_lines(["*= maint: vram admission =*", said])
    assert [(one["code"], one["message"]) for one in findings(pytester)] == [("VRAM010", said)]
    assert "Traceback" not in result.stdout.str()
    assert result.ret == (1 if missing == "fail" else 0)


def test_what_other_programs_hold_at_the_start_is_not_given_out(
    pytester: pytest.Pytester, driver: FakeDriver
) -> None:
    driver[0].set(tenants=10 * GiB)
    pytester.makepyfile(marked("'13GiB'", "'14GiB'"))
    result = run(pytester)
    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.fnmatch_lines(["*14.00 GiB asked for, and the GPU has at most 13.00 GiB to give; VRAM010"])


def test_a_test_that_waits_too_long_fails_with_who_holds_the_card(
    pytester: pytest.Pytester, driver: FakeDriver
) -> None:
    other = Ledger(ledger_folder(), lambda: {driver[0].uuid: 24 * GiB})
    other.acquire(20 * GiB, owner="gw7 other.py::test_train", wait_s=1)
    pytester.makepyprojecttoml("[tool.maint.vram]\nwait = 0.1\n")
    pytester.makepyfile(test_a=marked("'3GiB'", "'4GiB'"))
    result = run(pytester)
    result.assert_outcomes(passed=1, errors=1)
    held = "held by gw7 other.py::test_train (pid *, 20.00 GiB) for*"
    result.stdout.fnmatch_lines([f"test_a.py::test_1: waited 0.1 s for 4.00 GiB: {held}"])
    assert [one["code"] for one in findings(pytester)] == ["VRAM011"]
    assert "admission.py" not in result.stdout.str()
    other.leave()


def test_a_ledger_that_cannot_be_kept_stops_no_test_and_is_said(
    pytester: pytest.Pytester, driver: FakeDriver, runtime: Path
) -> None:
    (runtime / f"pytest-maint-{os.getuid()}").write_text("a file")
    pytester.makepyfile(marked("'1GiB'", "'2GiB'"))
    result = run(pytester)
    result.assert_outcomes(passed=2)
    said = "budgets were not admitted: * the ledger of GPU memory cannot be kept there (*VRAM012"
    result.stdout.fnmatch_lines([said])
    assert [one["code"] for one in findings(pytester)] == ["VRAM012"]


def test_the_emptiest_of_several_cards_is_shown_to_cuda_alone(
    pytester: pytest.Pytester, runtime: Path, fake_driver: Callable[..., FakeDriver]
) -> None:
    driver = fake_driver(devices=[Gpu(total=24 * GiB), Gpu(total=24 * GiB)])
    driver[0].set(tenants=8 * GiB)
    check = f"assert os.environ['CUDA_VISIBLE_DEVICES'] == '{driver[1].uuid}'"
    pytester.makepyfile(marked("'2GiB'", "'20GiB'", body=check))
    run(pytester).assert_outcomes(passed=2)
    assert "CUDA_VISIBLE_DEVICES" not in os.environ


def test_cards_stay_as_they_are_where_a_test_names_one(
    pytester: pytest.Pytester,
    runtime: Path,
    fake_driver: Callable[..., FakeDriver],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fake_driver(devices=[Gpu(total=8 * GiB), Gpu(total=24 * GiB), Gpu(total=16 * GiB)])
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,1")
    check = "assert os.environ['CUDA_VISIBLE_DEVICES'] == '2,1'"
    pytester.makepyfile(
        marked("'20GiB', device=1", "'14GiB', device=0", "'16GiB'", "'1GiB', device=2", body=check)
    )
    result = run(pytester)
    result.assert_outcomes(passed=2, skipped=2)
    result.stdout.fnmatch_lines(["*16.00 GiB asked for*at most 15.00 GiB*", "*there is no such GPU; VRAM010"])


def test_a_nearly_full_card_is_a_finding_that_fails_nothing(
    pytester: pytest.Pytester, driver: FakeDriver
) -> None:
    body = f"import fake_nvml; fake_nvml.FakeDriver.here()[0].set(tenants={23 * GiB})"
    pytester.makepyfile(test_a=marked("'2GiB', measure='delta'", body=body))
    result = run(pytester, "--maint-vram=report")
    said = "GPU 0: 96% full while test_a.py::test_0 ran (23.00 GiB of 24.00 GiB), alert above 90%; VRAM030"
    result.stdout.fnmatch_lines([said])
    assert "VRAM030" in [one["code"] for one in findings(pytester)]
    assert result.ret == 0


@pytest.mark.parametrize("mode", [(), ("-n2",)], ids=["serial", "xdist"])
def test_a_session_writes_its_metrics_once(
    pytester: pytest.Pytester, driver: FakeDriver, mode: tuple[str, ...]
) -> None:
    pytester.makepyprojecttoml(
        "[tool.maint.vram]\ntextfile = 'gpu.prom'\npushgateway = 'http://me:secret@127.0.0.1:1'\n"
    )
    body = f"import fake_nvml; card = fake_nvml.FakeDriver.here()[0]; card.hold({GiB}); card.hold({GiB})"
    pytester.makepyfile(test_a=marked("'2GiB'", "'3GiB'", body=body))
    result = pytester.runpytest_subprocess(*mode) if mode else run(pytester)
    text = (pytester.path / "gpu.prom").read_text()
    assert 'pytest_vram_test_budget_bytes{test="test_a.py::test_1"} 3.221225472e+09' in text
    assert f'pytest_vram_device_total_bytes{{uuid="{driver[0].uuid}",writer="session"}}' in text
    result.stdout.fnmatch_lines(
        ["metrics not written: http://127.0.0.1:1: the Pushgateway cannot be reached *"]
    )
    assert "secret" not in result.stdout.str()
    assert result.ret == 0


def test_dry_sessions_and_unmarked_suites_write_nothing(
    pytester: pytest.Pytester, driver: FakeDriver
) -> None:
    pytester.makepyprojecttoml("[tool.maint.vram]\ntextfile = 'gpu.prom'\n")
    pytester.makepyfile(test_a=marked("'2GiB'"), test_b="def test_b(): pass")
    run(pytester, "--collect-only")
    run(pytester, "test_b.py")
    assert not (pytester.path / "gpu.prom").exists()


def test_off_admits_nothing(pytester: pytest.Pytester, driver: FakeDriver, runtime: Path) -> None:
    (runtime / f"pytest-maint-{os.getuid()}").write_text("a file")
    pytester.makepyfile(marked("'99GiB'"))
    result = run(pytester, "--maint-vram=off")
    result.assert_outcomes(passed=1)
    assert "VRAM" not in result.stdout.str()


def test_a_card_whose_size_nobody_knows_is_no_missing_card(
    pytester: pytest.Pytester, driver: FakeDriver, runtime: Path
) -> None:
    driver[0].fail("nvmlDeviceGetMemoryInfo_v2", NO_PERMISSION)
    pytester.makepyfile(marked("'2GiB'"))
    run(pytester).assert_outcomes(passed=1)
    said = [one["message"] for one in findings(pytester) if one["code"] == "VRAM012"]
    assert said == ["budgets were not admitted: the driver does not tell how large the card is; VRAM012"]
    assert list(runtime.iterdir()) == []


def test_a_test_that_is_marked_to_be_skipped_waits_for_nothing(
    pytester: pytest.Pytester, driver: FakeDriver
) -> None:
    other = Ledger(ledger_folder(), lambda: {driver[0].uuid: 24 * GiB})
    other.acquire(20 * GiB, owner="another session", wait_s=1)
    pytester.makepyprojecttoml("[tool.maint.vram]\nwait = 0.1\n")
    pytester.makepyfile(marked("'9GiB'").replace("@", "@pytest.mark.skip(reason='not now')\n@"))
    run(pytester).assert_outcomes(skipped=1)
    assert findings(pytester) == []
    other.leave()


def test_only_a_card_that_is_fuller_than_before_is_asked_for_its_processes(
    pytester: pytest.Pytester, driver: FakeDriver
) -> None:
    pytester.makepyprojecttoml("[tool.maint.vram]\ntextfile = 'gpu.prom'\n")
    body = "import fake_nvml; fake_nvml.FakeDriver.here()[0].set(tenants=(1, 3, 2, 3)[{}] << 30)"
    tests = [f"def test_{n}():\n    {body.format(n)}\n" for n in range(4)]
    mark = "@pytest.mark.vram_budget('9GiB', measure='delta')\n"
    pytester.makepyfile("import pytest\n" + "".join(mark + one for one in tests))
    run(pytester).assert_outcomes(passed=4)
    assert driver.calls("nvmlDeviceGetUtilizationRates") == 3  # at the start, and the two that were fuller
    assert f"{3 * GiB:.9e}".replace("e+09", "") in (pytester.path / "gpu.prom").read_text()
