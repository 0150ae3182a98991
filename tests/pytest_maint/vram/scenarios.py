"""Twenty and more situations on a GPU, each as a test module, with the verdict that it has to get."""

from __future__ import annotations

from typing import NamedTuple

from fake_nvml import (
    FUNCTION_NOT_FOUND,
    MISMATCH,
    NO_PERMISSION,
    FakeDriver,
    GiB,
    Gpu,
    MiB,
)


class Scenario(NamedTuple):
    """``outcome`` and ``message`` are what pytest has to say; ``body`` is the module after its imports.

    ``devices`` are the cards, ``before`` what is called on the driver before the session begins.
    """

    name: str
    body: str
    outcome: str
    message: str
    devices: tuple[Gpu, ...] = (Gpu(),)
    before: tuple[tuple[str, object], ...] = ()

    def prepare(self, driver: FakeDriver) -> None:
        """Bring the driver into the state in which the test finds it."""
        for what, value in self.before:
            if what == "set":
                driver[0].set(**value)
            elif what == "other":
                driver[0].hold(value, pid=1)
            elif what == "init":
                driver.fail("nvmlInitWithFlags", value)
            else:
                driver[0].fail(what, value)


_TORCH = "import torch\n"
_WARM = "import torch\ndef warm():\n    torch.cuda.init()\n"


def _test(marker: str, *lines: str, head: str = "", arguments: str = "", name: str = "test_big") -> str:
    body = "".join(f"    {line}\n" for line in lines)
    return f"{head}@pytest.mark.vram_budget({marker})\ndef {name}({arguments}):\n{body}"


_HOLD = ("gpu.hold(3 * GiB)", "driver.sampled()", "gpu.hold(0)")
_SMALL = ("gpu.hold(GiB)", "driver.sampled()", "gpu.hold(0)")

SCENARIOS = (
    Scenario(
        "within_the_budget",
        _test("'2GiB'", "x = torch.empty(GiB)", "driver.sampled()", head=_TORCH),
        "passed",
        "test_big peaked at 1.30 GiB, budget 2.00 GiB "
        "(torch allocator 1.00 exact, NVML process 1.30 sampled N times, context 0.30)",
    ),
    Scenario(
        "over_the_budget",
        _test("'2GiB'", "x = torch.empty(2160 * MiB)", "driver.sampled()", head=_TORCH),
        "failed",
        "test_big peaked at 2.41 GiB, budget 2.00 GiB "
        "(torch allocator 2.11 exact, NVML process 2.41 sampled N times, context 0.30); VRAM001",
    ),
    Scenario(
        "the_whole_budget_to_the_byte",
        _test("'2GiB'", "x = torch.empty(2 * GiB)", head=_WARM),
        "passed",
        "test_big peaked at 2.30 GiB, budget 2.00 GiB (torch allocator 2.00 exact, context 0.30)",
    ),
    Scenario(
        "one_block_over_the_budget",
        _test("'2GiB', measure='torch'", "x = torch.empty(2 * GiB + 1)", head=_WARM),
        "failed",
        "test_big peaked at 2,469,396,992 bytes, budget 2,147,483,648 bytes "
        "(torch allocator 2,147,484,160 exact, context 321,912,832); VRAM001",
    ),
    Scenario(
        "a_spike_that_only_the_allocator_sees",
        _test("'2GiB'", "torch.empty(3 * GiB)", "torch.cuda.empty_cache()", head=_WARM),
        "failed",
        "test_big peaked at 3.30 GiB, budget 2.00 GiB (torch allocator 3.00 exact, context 0.30); VRAM001",
    ),
    Scenario(
        "a_spike_that_the_sampler_sees",
        _test("'2GiB'", *_HOLD),
        "failed",
        "test_big peaked at 3.00 GiB, budget 2.00 GiB "
        "(NVML process 3.00 sampled N times, context included); VRAM001",
    ),
    Scenario(
        "a_spike_that_accounting_mode_kept",
        _test("'2GiB', measure='accounting'", "gpu.hold(3 * GiB)", "gpu.hold(0)"),
        "failed",
        "test_big peaked at 3.00 GiB, budget 2.00 GiB "
        "(NVML accounting 3.00 exact, context included); VRAM001",
        before=(("set", {"accounting": 1}),),
    ),
    Scenario(
        "a_process_that_the_test_starts",
        "import subprocess\n"
        + _test(
            "'2GiB'",
            "with subprocess.Popen(['cat'], stdin=subprocess.PIPE) as child:",
            "    gpu.hold(3 * GiB, pid=child.pid)",
            "    driver.sampled()",
            "    gpu.hold(0, pid=child.pid)",
        ),
        "failed",
        "test_big peaked at 3.00 GiB, budget 2.00 GiB "
        "(NVML process 3.00 sampled N times, child processes included, context included); VRAM001",
    ),
    Scenario(
        "a_process_that_outlives_the_test",
        "import atexit, subprocess\n"
        + _WARM
        + _test(
            "'2GiB'",
            "child = subprocess.Popen(['cat'], stdin=subprocess.PIPE)",
            "atexit.register(child.communicate)",
            "gpu.hold(3 * GiB, pid=child.pid)",
            head="",
        ),
        "failed",
        "test_big peaked at 3.30 GiB, budget 2.00 GiB "
        "(torch allocator 0.00 exact, outside of it 3.00, context 0.30); VRAM001",
    ),
    Scenario(
        "a_peak_in_a_fixture_of_the_module",
        _TORCH + "@pytest.fixture(scope='module')\ndef model():\n    torch.empty(3 * GiB)\n"
        "    driver.sampled()\n" + _test("'2GiB'", "pass", head="", arguments="model"),
        "failed",
        "test_big peaked at 3.30 GiB, budget 2.00 GiB "
        "(torch allocator 3.00 exact, NVML process 3.30 sampled N times, context 0.30); VRAM001",
    ),
    Scenario(
        "a_peak_at_tear_down",
        _WARM
        + "@pytest.fixture\ndef export():\n    yield\n    torch.empty(3 * GiB)\n"
        + _test("'2GiB'", "pass", head="", arguments="export"),
        "failed",
        "test_big peaked at 3.30 GiB, budget 2.00 GiB (torch allocator 3.00 exact, context 0.30); VRAM001",
    ),
    Scenario(
        "a_leak",
        _WARM + "KEPT = []\n" + _test("'2GiB', leak='16MiB'", "KEPT.append(torch.empty(64 * MiB))", head=""),
        "failed",
        "test_big left 64.00 MiB behind on device 0, allowed 16.00 MiB "
        "(driver +64.00 MiB, checked 3 times); VRAM002",
    ),
    Scenario(
        "a_cache_is_no_leak",
        _test("'2GiB', leak='16MiB'", "torch.empty(64 * MiB)", head=_WARM),
        "passed",
        "test_big peaked at 0.36 GiB, budget 2.00 GiB (torch allocator 0.06 exact, context 0.30)",
    ),
    Scenario(
        "a_pid_that_the_container_hides",
        _test("'2GiB'", *_SMALL),
        "passed",
        "test_big peaked at 1.00 GiB, budget 2.00 GiB (NVML device +1.00 sampled N times, "
        "others 0.00 at the start, context included, hidden-pid VRAM021)",
        before=(("set", {"hidden": 1}),),
    ),
    Scenario(
        "a_pid_of_the_host",
        _test("'2GiB'", "x = torch.empty(GiB)", head=_WARM),
        "passed",
        "test_big peaked at 1.00 GiB, budget 2.00 GiB "
        "(torch allocator 1.00 exact, context unknown, hidden-pid VRAM021)",
        before=(("set", {"shifted": 100000}),),
    ),
    Scenario(
        "hidden_others_who_may_have_moved",
        _test("'2GiB'", *_SMALL),
        "passed",
        "test_big: budget 2.00 GiB not judged: others, who are hidden here, held 4.00 GiB of the device at "
        "the start, and may have grown or shrunk (NVML device +1.00 sampled N times, others 4.00 at the "
        "start, context included, hidden-pid VRAM021); VRAM029",
        before=(("set", {"hidden": 1, "tenants": 4 * GiB}),),
    ),
    Scenario(
        "others_who_moved_across_the_budget",
        _test(
            "'2GiB', measure='delta'",
            "gpu.hold(GiB)",
            "gpu.hold(3 * GiB, pid=1)",
            "driver.sampled()",
            "gpu.hold(0)",
        ),
        "passed",
        "test_big peaked at 1.00 GiB, budget 2.00 GiB "
        "(NVML device +1.00 sampled N times, others 1.00 at the start, context included)",
        before=(("other", GiB),),
    ),
    Scenario(
        "wsl_answers_na",
        _test("'2GiB'", *_HOLD),
        "failed",
        "test_big peaked at 3.00 GiB, budget 2.00 GiB (NVML device +3.00 sampled N times, "
        "others 0.00 at the start, context included, not-reported VRAM023); VRAM001",
        before=(("set", {"not_available": 1}),),
    ),
    Scenario(
        "an_instance_of_a_split_card",
        _test("'2GiB'", "driver[1].hold(3 * GiB)", "driver.sampled()", "driver[1].hold(0)"),
        "failed",
        "test_big peaked at 3.00 GiB, budget 2.00 GiB "
        "(NVML process 3.00 sampled N times, context included); VRAM001",
        devices=(Gpu(80 * GiB, mig=(20 * GiB,)),),
    ),
    Scenario(
        "a_split_card_without_instances",
        _test("'2GiB'", "pass"),
        "skipped",
        "test_big: device 0 is split into MIG instances, none visible; VRAM022",
        devices=(Gpu(80 * GiB),),
        before=(("set", {"mig": 1}),),
    ),
    Scenario(
        "no_driver",
        _test("'2GiB'", "raise AssertionError"),
        "skipped",
        "test_big: there is no NVIDIA driver on this machine; VRAM020",
        before=(("init", 9),),
    ),
    Scenario(
        "driver_mismatch",
        _test("'2GiB'", "raise AssertionError"),
        "skipped",
        "test_big: the driver's library and kernel module differ in version; reboot, or reload it; VRAM025",
        before=(("init", MISMATCH),),
    ),
    Scenario(
        "gpu_lost_in_the_test",
        _test("'2GiB'", "driver.sampled()", "gpu.lose()"),
        "passed",
        "test_big: budget 2.00 GiB not judged: the driver says: gpu is lost; "
        "reset the card or reboot; VRAM026",
    ),
    Scenario(
        "gpu_lost_under_torch",
        _test("'2GiB'", "gpu.lose()", head=_WARM),
        "passed",
        "test_big: budget 2.00 GiB not judged: the driver says: gpu is lost; "
        "reset the card or reboot; VRAM026",
    ),
    Scenario(
        "no_permission",
        _test("'2GiB'", *_SMALL),
        "passed",
        "test_big peaked at 1.00 GiB, budget 2.00 GiB (NVML device +1.00 sampled N times, "
        "others 0.00 at the start, context included, no-permission VRAM027)",
        before=(("nvmlDeviceGetComputeRunningProcesses", NO_PERMISSION),),
    ),
    Scenario(
        "an_old_driver_without_the_function",
        _test("'2GiB'", *_SMALL),
        "passed",
        "test_big peaked at 1.00 GiB, budget 2.00 GiB (NVML device +1.00 sampled N times, "
        "others 0.00 at the start, context included, function-missing VRAM028)",
        before=(("nvmlDeviceGetComputeRunningProcesses", FUNCTION_NOT_FOUND),),
    ),
    Scenario(
        "one_of_eight_devices",
        _test("'2GiB', device=5", "driver[5].hold(3 * GiB)", "driver.sampled()", "driver[5].hold(0)"),
        "failed",
        "test_big peaked at 3.00 GiB on device 5, budget 2.00 GiB "
        "(NVML process 3.00 sampled N times, context included); VRAM001",
        devices=(Gpu(),) * 8,
    ),
    Scenario(
        "all_of_eight_devices",
        _test("'2GiB'", "driver[6].hold(3 * GiB)", "driver.sampled(9)", "driver[6].hold(0)"),
        "failed",
        "test_big peaked at 3.00 GiB on device 6, budget 2.00 GiB "
        "(NVML process 3.00 sampled N times, context included); VRAM001",
        devices=(Gpu(),) * 8,
    ),
    Scenario(
        "rmm_keeps_statistics",
        "import rmm, rmm.statistics\ndef warm():\n    rmm.statistics.enable_statistics()\n"
        + _test("'2GiB'", "rmm.DeviceBuffer(size=3 * GiB)", head=""),
        "failed",
        "test_big peaked at 3.30 GiB, budget 2.00 GiB (RMM 3.00 exact, context 0.30); VRAM001",
    ),
    Scenario(
        "cupy_pool",
        "import cupy\n" + _test("'2GiB'", "cupy.empty(3 * GiB)", head=""),
        "failed",
        "test_big peaked at 3.30 GiB, budget 2.00 GiB "
        "(CuPy pool 3.00 exact, NVML process 3.30 sampled N times, context 0.30); VRAM001",
    ),
    Scenario(
        "managed_memory",
        "import rmm\ndef warm():\n    rmm.mr.set_current_device_resource(rmm.mr.ManagedMemoryResource())\n"
        + _test("'2GiB'", "rmm.DeviceBuffer(size=GiB)", head=""),
        "passed",
        "test_big: budget 2.00 GiB not judged: rmm hands out managed memory, of which the driver sees only "
        "what is on the card; VRAM024",
    ),
    Scenario(
        "an_allocator_plugged_into_torch",
        _WARM
        + "    torch.cuda.state().pluggable = True\n"
        + _test("'2GiB'", "gpu.add(GiB)", "driver.sampled()", "gpu.add(-GiB)"),
        "passed",
        "test_big peaked at 1.30 GiB, budget 2.00 GiB "
        "(NVML process 1.30 sampled N times, context included, driver-failed VRAM028)",
    ),
    Scenario(
        "the_allocation_itself_fails",
        _test("'2GiB', enforce=True", "torch.empty(GiB)", "torch.empty(3 * GiB)", head=_WARM),
        "failed",
        "test_big asked for more than its budget, 2.00 GiB, which is enforced; VRAM003",
    ),
)
BY_NAME = {one.name: one for one in SCENARIOS}
assert len(BY_NAME) == len(SCENARIOS)
HEAD = f"import pytest\nMiB, GiB = {MiB}, {GiB}\n"
