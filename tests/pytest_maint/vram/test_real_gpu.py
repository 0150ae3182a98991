"""What only a GPU can show: torch, its driver and budgets on real memory. Skipped where there is none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from maint.gpu.nvml import Nvml, open_nvml

HAS_DRIVER = Path("/proc/driver/nvidia/version").exists()
pytestmark = pytest.mark.skipif(not HAS_DRIVER, reason="no NVIDIA driver on this machine")

PROGRAM = """
import pytest
torch = pytest.importorskip("torch")
if not torch.cuda.is_available():
    pytest.skip("torch sees no GPU", allow_module_level=True)
torch.cuda.init()
MiB = 2**20

def bytes_on_card(size):
    return torch.empty(size, dtype=torch.uint8, device="cuda")

@pytest.mark.vram_budget("256MiB")
def test_peak_is_that_of_torch_to_the_byte(vram):
    bytes_on_card(100 * MiB + 1)
    assert vram.peak == torch.cuda.max_memory_allocated()
    assert vram.source == "torch allocator"

@pytest.mark.vram_budget("256MiB")
def test_over():
    bytes_on_card(300 * MiB)

@pytest.mark.vram_budget("256MiB", enforce=True)
def test_enforced():
    bytes_on_card(200 * MiB)
    with pytest.raises(torch.OutOfMemoryError):
        bytes_on_card(300 * MiB)

def test_the_limit_is_off_again():
    bytes_on_card(300 * MiB)

KEPT = []

@pytest.mark.vram_budget("256MiB", leak="16MiB")
def test_leaks():
    KEPT.append(bytes_on_card(64 * MiB))

@pytest.mark.vram_budget("256MiB", leak="16MiB")
@pytest.mark.parametrize("number", range(200))
def test_clean(number):
    left = torch.rand(512, 512, device="cuda")
    (left @ left).sum().item()
"""


def test_the_driver_is_read() -> None:
    with_driver = open_nvml()
    assert isinstance(with_driver, Nvml), with_driver
    with with_driver as nvml:
        assert nvml.devices
        assert nvml.memory(nvml.devices[0])


@pytest.mark.parametrize("mode", [(), ("-n2",)], ids=["serial", "workers"])
def test_budgets_hold_on_real_memory(tmp_path: Path, mode: tuple[str, ...]) -> None:
    (tmp_path / "test_gpu.py").write_text(PROGRAM, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rs", *mode],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    if "could not import 'torch'" in done.stdout or "torch sees no GPU" in done.stdout:
        pytest.skip("torch with CUDA is not installed")
    said = done.stdout
    assert "test_over peaked at" in said, said
    assert "test_leaks left 64.00 MiB behind" in said, said
    assert said.count("VRAM002") <= 2, f"a clean test was called a leak:\n{said}"
    assert "test_peak_is_that_of_torch_to_the_byte" not in said
    assert "test_enforced" not in said
