"""The reader of NVML through the real bindings, against a scripted driver."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import fake_nvml
import pytest
from fake_nvml import GiB, Gpu, MiB

from maint.gpu import nvml
from maint.gpu.downgrade import Downgrade
from maint.gpu.nvml import Memory, Nvml, Process, open_nvml


def opened() -> Nvml:
    found = open_nvml()
    assert isinstance(found, Nvml), found
    return found


def named(found: object) -> str:
    assert isinstance(found, Downgrade), found
    return f"{found.code} {found.name}"


def test_devices_memory_processes_and_utilisation_are_read(fake_driver) -> None:
    driver = fake_driver([Gpu(80 * GiB, "H100", reserved=600 * MiB), Gpu(24 * GiB)])
    driver[0].hold(2 * GiB)
    driver[0].hold(GiB, pid=77, graphics=True)
    driver[0].set(gpu=42, memory=7)
    with opened() as reader:
        first, second = reader.devices
        assert (first.label, first.name, reader.driver) == ("0", "H100", "570.86.10")
        assert reader.memory(first) == Memory(80 * GiB, 3 * GiB, 77 * GiB - 600 * MiB, 600 * MiB)
        assert reader.used(first).used == 3 * GiB + 600 * MiB
        assert reader.processes(first) == (
            Process(os.getpid(), 2 * GiB, "compute"),
            Process(77, GiB, "graphics"),
        )
        assert reader.processes(second) == ()
        assert reader.utilisation(first) == (42, 7)
        driver[1].hold(5 * MiB)
        assert reader.processes(second) == (Process(os.getpid(), 5 * MiB, "compute"),)


def test_mig_instances_stand_for_their_card_which_may_not_be_asked(fake_driver) -> None:
    driver = fake_driver([Gpu(80 * GiB, mig=(20 * GiB, 10 * GiB)), Gpu()])
    driver[1].hold(GiB)
    with opened() as reader:
        assert [device.label for device in reader.devices] == ["0:0", "0:1", "1"]
        assert reader.devices[1].uuid.startswith("MIG-")
        assert reader.memory(reader.devices[0]) == Memory(20 * GiB, GiB, 19 * GiB, 0)
        assert [named(note) for note in reader.notes] == ["VRAM022 mig"]


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (fake_nvml.GPU_IS_LOST, "VRAM026 gpu-lost"),
        (fake_nvml.RESET_REQUIRED, "VRAM026 gpu-lost"),
        (fake_nvml.NO_PERMISSION, "VRAM027 no-permission"),
        (fake_nvml.UNKNOWN, "VRAM028 driver-failed"),
        (fake_nvml.MISMATCH, "VRAM025 driver-mismatch"),
    ],
)
def test_a_failure_has_a_name(fake_driver, code: int, name: str) -> None:
    driver = fake_driver()
    with opened() as reader:
        driver[0].fail("nvmlDeviceGetMemoryInfo_v2", code)
        driver[0].fail("nvmlDeviceGetComputeRunningProcesses", code)
        assert named(reader.memory(reader.devices[0])) == name
        assert named(reader.processes(reader.devices[0])) == name


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (fake_nvml.DRIVER_NOT_LOADED, "VRAM020 no-driver"),
        (fake_nvml.MISMATCH, "VRAM025 driver-mismatch"),
        (fake_nvml.NO_PERMISSION, "VRAM027 no-permission"),
    ],
)
def test_a_driver_that_cannot_be_opened_is_named(fake_driver, code: int, name: str) -> None:
    fake_driver().fail("nvmlInitWithFlags", code)
    assert named(open_nvml()) == name


def test_a_lost_card_leaves_the_others(fake_driver) -> None:
    driver = fake_driver([Gpu(), Gpu()])
    driver[0].lose()
    with opened() as reader:
        assert [device.label for device in reader.devices] == ["1"]
        assert [named(note) for note in reader.notes] == ["VRAM026 gpu-lost"]


def test_na_of_wsl_is_told_from_a_figure(fake_driver) -> None:
    driver = fake_driver()
    driver[0].hold(GiB)
    driver[0].set(not_available=1)
    with opened() as reader:
        assert reader.processes(reader.devices[0]) == (Process(os.getpid(), None, "compute"),)


def test_accounting_gives_the_peak_of_a_process_and_zero_for_a_stranger(fake_driver) -> None:
    driver = fake_driver()
    driver[0].hold(3 * GiB)
    driver[0].hold(GiB)
    with opened() as reader:
        device = reader.devices[0]
        assert reader.accounts(device) is False
        assert named(reader.accounted(device, os.getpid())) == "VRAM023 not-reported"
        driver[0].set(accounting=1)
        assert reader.accounts(device) is True
        assert reader.accounted(device, os.getpid()) == 3 * GiB
        assert reader.accounted(device, 1) == 0


PROBE = """
from maint.gpu.nvml import Nvml, open_nvml
found = open_nvml()
if isinstance(found, Nvml):
    print([found.memory(found.devices[0]), found.processes(found.devices[0])])
else:
    print(found)
"""


def answer(**environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROBE],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_another_process_sees_the_same_driver(fake_driver) -> None:
    fake_driver()[0].hold(GiB, pid=4711)
    assert "Process(pid=4711, used=1073741824" in answer()


@pytest.mark.skipif(Path("/proc/driver/nvidia").exists(), reason="this machine has a driver")
def test_a_machine_without_a_driver_is_said_to_have_none() -> None:
    assert "VRAM020" in answer()


def test_functions_that_an_old_driver_lacks(fake_driver, tmp_path: Path) -> None:
    fake_driver()
    old = tmp_path / "old"
    old.mkdir()
    fake_nvml.build(old, "MEMORY_V2", "PROCESSES")
    said = answer(LD_LIBRARY_PATH=str(old))
    assert "Memory(total=25769803776, used=0, free=25769803776, reserved=None)" in said
    assert "VRAM028" in said


def test_the_package_that_only_bears_the_name_is_refused_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    metadata = tmp_path / "pynvml-13.0.1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: pynvml\nVersion: 13.0.1\n")
    (tmp_path / "pynvml.py").write_text(
        "import warnings\nwarnings.warn('the pynvml package is deprecated', FutureWarning)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "pynvml", raising=False)
    found = nvml.bindings()
    assert named(found) == "VRAM020 no-driver"
    assert found.detail == (
        "the package pynvml 13.0.1 is installed, which is not the driver's bindings; "
        "run: pip uninstall pynvml && pip install nvidia-ml-py"
    )


def test_memory_that_the_driver_does_not_tell_is_no_figure(fake_driver) -> None:
    driver = fake_driver()
    with opened() as reader:
        driver[0].set(reserved=2**64 - 1)
        memory = reader.memory(reader.devices[0])
        assert isinstance(memory, Memory)
        assert memory.reserved is None
        driver[0].set(total=2**64 - 1)
        assert named(reader.memory(reader.devices[0])) == "VRAM023 not-reported"
        assert named(reader.used(reader.devices[0])) == "VRAM023 not-reported"
