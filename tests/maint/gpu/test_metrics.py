"""Readings as Prometheus's own tools see them: base units, bounded labels, alerts that fire."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from fake_nvml import GPU_IS_LOST, GiB, Gpu
from prometheus_client.parser import text_string_to_metric_families

from maint.gpu import alert
from maint.gpu.metrics import PROCESSES, SESSION, TESTS, TestReading, exposition, registry
from maint.gpu.reading import CardReading, ProcessUse, Reading, read_now


@pytest.fixture(scope="session")
def promtool() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Prometheus's own checker (Debian: prometheus)."""
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("promtool is not installed (package prometheus)")
    return lambda *arguments, **more: subprocess.run(
        [found, *arguments], capture_output=True, text=True, timeout=60, check=False, **more
    )


def samples(content: bytes) -> dict[tuple[str, ...], float]:
    """(name, label values in the order of the labels' names...) -> value."""
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(content.decode())
        for sample in family.samples
    }


def card(**more: Any) -> CardReading:
    return CardReading(**{"uuid": "GPU-a", "label": "0", "name": "Card", "total": 25, "used": 18, **more})


def test_cards_are_told_in_bytes_and_ratios(fake_driver: Callable[..., Any]) -> None:
    driver = fake_driver(devices=[Gpu(total=24 * GiB, reserved=4 * GiB), Gpu(total=16 * GiB)])
    driver[0].hold(10 * GiB, pid=77)
    driver[0].set(gpu=40)
    found = samples(exposition(registry(read_now())))
    first, second = driver[0].uuid, driver[1].uuid
    assert found["pytest_vram_driver_up", "exporter"] == 1
    assert found["pytest_vram_device_total_bytes", first, "exporter"] == 24 * GiB
    assert found["pytest_vram_device_used_bytes", first, "exporter"] == 10 * GiB
    assert found["pytest_vram_device_reserved_bytes", first, "exporter"] == 4 * GiB
    assert found["pytest_vram_device_used_ratio", first, "exporter"] == 0.5
    assert found["pytest_vram_device_utilization_ratio", first, "exporter"] == 0.4
    assert found["pytest_vram_process_used_bytes", "77", first, "exporter"] == 10 * GiB
    assert found["pytest_vram_device_used_bytes", second, "exporter"] == 0


def test_a_card_that_is_lost_is_left_out_and_said(fake_driver: Callable[..., Any]) -> None:
    driver = fake_driver(devices=[Gpu(), Gpu()])
    for function in ("nvmlDeviceGetMemoryInfo", "nvmlDeviceGetMemoryInfo_v2"):
        driver[1].fail(function, GPU_IS_LOST)
    reading = read_now()
    assert [one.label for one in reading.cards] == ["0"]
    assert [problem.rpartition("; ")[2] for problem in reading.problems] == ["VRAM026"]
    assert reading.problems[0].startswith("GPU 1: ")
    assert samples(exposition(registry(reading)))["pytest_vram_driver_up", "exporter"] == 0


def test_labels_stay_bounded_and_nothing_is_dropped_unsaid() -> None:
    rows = tuple(ProcessUse(pid, pid) for pid in range(1, PROCESSES + 4))
    tests = [TestReading(test=f"t{n}", source="torch", peak=n, budget=5) for n in range(TESTS + 7)]
    found = samples(exposition(registry(Reading((card(processes=rows),)), tests)))
    processes = {key: value for key, value in found.items() if key[0] == "pytest_vram_process_used_bytes"}
    assert len(processes) == PROCESSES + 1
    assert sum(processes.values()) == sum(one.used for one in rows)
    assert sum(key[0] == "pytest_vram_test_peak_bytes" for key in found) == TESTS
    assert ("pytest_vram_test_peak_bytes", "torch", "t6") not in found
    assert found["pytest_vram_test_peak_bytes", "torch", "t7"] == 7
    assert found["pytest_vram_tests_left_out", "exporter"] == 7


def test_what_the_driver_does_not_say_is_absent_rather_than_zero() -> None:
    found = samples(exposition(registry(Reading((card(processes=(ProcessUse(1, None),)),)))))
    absent = {
        "pytest_vram_device_reserved_bytes",
        "pytest_vram_device_utilization_ratio",
        "pytest_vram_process_used_bytes",
    }
    assert not absent & {key[0] for key in found}


def test_a_session_and_the_exporter_can_write_side_by_side() -> None:
    reading = Reading((card(),))
    both = (
        samples(exposition(registry(reading))).keys()
        & samples(exposition(registry(reading, writer=SESSION))).keys()
    )
    assert both == set()


def full() -> bytes:
    """Every metric there is."""
    reading = Reading((card(reserved=1, busy=0.5, processes=(ProcessUse(1, 2),)),), ("GPU 1: lost",))
    test = TestReading(test='test_"\n\udcff', source="torch allocator", peak=9, budget=8, leaked=1)
    return exposition(registry(reading, [test]))


def test_promtool_accepts_the_metrics(promtool: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    assert b"pytest_vram_test_leaked_bytes{" in full()
    done = promtool("check", "metrics", input=full().decode())
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_promtool_accepts_the_alerts(promtool: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = promtool("check", "rules", str(files("maint.gpu") / "alerts.yml"))
    assert done.returncode == 0, done.stderr
    assert "5 rules found" in done.stdout


ALERTS = """
rule_files: [{rules}]
evaluation_interval: 15s
tests:
  - interval: 15s
    input_series:
      - {{series: 'pytest_vram_device_used_ratio{{{exporter}, uuid="GPU-a"}}', values: '{ratio}x40'}}
      - {{series: 'pytest_vram_driver_up{{{exporter}}}', values: '{up}x40'}}
      - {{series: 'pytest_vram_exporter_timestamp_seconds{{{exporter}}}', values: '{stamp}x40'}}
      - {{series: 'DCGM_FI_DEV_FB_USED{{UUID="GPU-b", Hostname="h"}}', values: '{dcgm}x40'}}
      - {{series: 'DCGM_FI_DEV_FB_FREE{{UUID="GPU-b", Hostname="h"}}', values: '1000x40'}}
      - {{series: 'pytest_vram_test_peak_bytes{{test="t", source="torch"}}', values: '{peak}x40'}}
      - {{series: 'pytest_vram_test_budget_bytes{{test="t"}}', values: '1024x40'}}
    alert_rule_test:
      - {{eval_time: 9m, alertname: VramNearlyFull, exp_alerts: [{nearly}]}}
      - {{eval_time: 9m, alertname: VramNearlyFullDcgm, exp_alerts: [{dcgm_alert}]}}
      - {{eval_time: 9m, alertname: VramDriverSilent, exp_alerts: [{silent}]}}
      - {{eval_time: 9m, alertname: VramExporterSilent, exp_alerts: [{stale}]}}
      - {{eval_time: 9m, alertname: VramTestOverBudget, exp_alerts: [{over}]}}
"""


def expected(severity: str, summary: str, description: str, **labels: str) -> str:
    """One alert as promtool wants it."""
    marks = ", ".join(f"{name}: {value}" for name, value in {"severity": severity, **labels}.items())
    said = f'summary: "{summary}", description: "{description}"'
    return f"{{exp_labels: {{{marks}}}, exp_annotations: {{{said}}}}}"


def unit_test(folder: Path, **values: str) -> Path:
    """A file for ``promtool test rules``."""
    quiet = dict.fromkeys(("nearly", "dcgm_alert", "silent", "stale", "over"), "")
    calm = {
        "exporter": 'writer="exporter", instance="m"',
        "ratio": "0.9+0",
        "up": "1+0",
        "stamp": "300+0",
        "dcgm": "9000+0",
        "peak": "1024+0",
    }
    file = folder / "test.yml"
    rules = str(files("maint.gpu") / "alerts.yml")
    file.write_text(ALERTS.format(rules=rules, **(quiet | calm | values)))
    return file


def test_no_alert_fires_at_its_threshold(
    promtool: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    done = promtool("test", "rules", str(unit_test(tmp_path)))
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_fires_above_its_threshold(
    promtool: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    look = "`maint gpu top` on {} shows which processes and tests hold the memory."
    writer = {"writer": "exporter", "instance": "m"}
    loud = {
        "ratio": "0.95+0",
        "up": "0+0",
        "stamp": "0+0",
        "dcgm": "19000+0",
        "peak": "2048+0",
        "nearly": expected("warning", "GPU GPU-a is 95% full", look.format("m"), uuid="GPU-a", **writer),
        "dcgm_alert": expected(
            "warning", "GPU GPU-b is 95% full", look.format("h"), UUID="GPU-b", Hostname="h"
        ),
        "silent": expected(
            "warning",
            "the NVIDIA driver on m does not answer for every GPU",
            "`maint gpu export` on that machine says why.",
            **writer,
        ),
        "stale": expected(
            "warning",
            "maint gpu export on m has written nothing for 9m 0s",
            "start it again, or delete the file that it wrote.",
            **writer,
        ),
        "over": expected(
            "info",
            "t used 2kiB of GPU memory, over its budget",
            "its last session on  reported VRAM001.",
            test="t",
        ),
    }
    done = promtool("test", "rules", str(unit_test(tmp_path, **loud)))
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_card_above_the_alert_is_a_sentence_and_a_finding() -> None:
    fuller = card(total=20 * GiB, used=18 * GiB, reserved=GiB)
    sentence = "GPU 0: 95% full (18.00 GiB of 19.00 GiB), alert above 90%; VRAM030"
    assert alert.over([fuller, card(total=20, used=18)], 0.9) == [sentence]
    found = alert.finding(fuller, 0.9, "tests/test_a.py::test_b")
    assert found.message == sentence.replace("full (", "full while tests/test_a.py::test_b ran (")
    assert found.location.path == "tests/test_a.py"
