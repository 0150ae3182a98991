"""Which cards CUDA shows, and whether it has looked already."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from maint.gpu.nvml import Device
from maint.gpu.visible import cuda_has_begun, visible

CARDS = [Device(0, "GPU-aa", "A", None), Device(1, "GPU-ab", "B", None), Device(2, "GPU-c", "C", None)]


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        (None, [0, 1, 2]),
        ("", []),
        ("2,0", [2, 0]),
        ("GPU-ab, 0", [1, 0]),
        ("GPU-c,7,0", [2]),
        ("-1", []),
        ("nonsense", []),
    ],
)
def test_cards_are_numbered_as_cuda_does(listed: str | None, expected: list[int]) -> None:
    assert [one.index for one in visible(CARDS, listed)] == expected


def test_cuda_has_begun_when_torch_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    begun = [False]
    cuda = SimpleNamespace(is_initialized=lambda: begun[0])
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
    assert not cuda_has_begun(tmp_path)
    begun[0] = True
    assert cuda_has_begun(tmp_path)


def test_cuda_has_begun_when_its_device_file_is_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    (tmp_path / "3").symlink_to("/dev/nvidiactl")
    (tmp_path / "4").write_text("closed meanwhile")
    assert not cuda_has_begun(tmp_path)
    (tmp_path / "5").symlink_to("/dev/nvidia-uvm")
    assert cuda_has_begun(tmp_path)
    assert not cuda_has_begun(tmp_path / "none")
