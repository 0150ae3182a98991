"""A project whose tests use a GPU that is not there: a fake driver under fakes of torch, rmm and CuPy."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import fake_nvml
import pytest

import pytest_maint.vram.budget  # noqa: F401 - or each session in this process would load part of it anew

FAKES = Path(fake_nvml.__file__).parent / "fakes"


@pytest.fixture(autouse=True)
def _few_plugins(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    # The others have no part in this and take most of the time of a run; pytester clears the variable first.
    if "pytester" in request.fixturenames:
        request.getfixturevalue("pytester")
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        monkeypatch.setenv("PYTEST_ADDOPTS", "-p xdist -p pytest_maint.plugin -p no:cacheprovider")


@pytest.fixture
def gpu(
    fake_driver: Callable[..., fake_nvml.FakeDriver], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> fake_nvml.FakeDevice:
    """The first of two cards; ``import torch``, ``rmm`` and ``cupy`` find the fakes, here and in workers."""
    driver = fake_driver([fake_nvml.Gpu(), fake_nvml.Gpu()])
    runtime = tmp_path / "run"
    runtime.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    for name in [name for name in os.environ if name.startswith("PYTEST_XDIST")]:
        monkeypatch.delenv(name)
    monkeypatch.syspath_prepend(FAKES)
    monkeypatch.setenv("PYTHONPATH", str(FAKES), prepend=os.pathsep)
    return driver[0]
