"""What several rooms' tests need: packages from npm, and a GPU's driver where there is no GPU."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

InstallNpm = Callable[..., Path]
FAKE_DRIVER = Path(__file__).parent / "gpu"


@pytest.fixture(scope="session")
def npm(pytestconfig: pytest.Config) -> InstallNpm:
    """Install packages (``name@version``) on first use and return their ``node_modules``.

    ``trim`` takes out of the folder what is not worth its room. Skips where Node.js, npm or its registry are
    missing.
    """

    def install(*packages: str, trim: Callable[[Path], None] = lambda folder: None) -> Path:
        place = pytestconfig.rootpath / ".maint" / "cache" / "npm" / "-".join(packages).replace("/", "_")
        if not place.is_dir():
            if shutil.which("node") is None or shutil.which("npm") is None:
                pytest.skip(f"Node.js with npm is not installed, and this needs {', '.join(packages)}")
            _install(place, packages, trim)
        return place / "node_modules"

    return install


def _install(place: Path, packages: tuple[str, ...], trim: Callable[[Path], None]) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent, ignore_cleanup_errors=True) as folder:
        fresh = Path(folder) / "fresh"
        argv = ["npm", "install", "--prefix", str(fresh), "--no-audit", "--no-fund", "--ignore-scripts"]
        # By itself npm tries for minutes where its registry cannot be reached.
        patience = ["--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"]
        done = subprocess.run([*argv, *patience, *packages], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"npm could not install {', '.join(packages)}: {done.stderr[-300:]}")
        trim(fresh / "node_modules")
        try:
            fresh.rename(place)
        except OSError:
            assert place.is_dir()  # another worker was faster


@pytest.fixture(scope="session")
def fake_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The driver library of `tests/gpu/fake_nvml.c`; skips where there is no C compiler."""
    import fake_nvml

    try:
        return fake_nvml.build(tmp_path_factory.mktemp("driver"))
    except FileNotFoundError as error:
        pytest.skip(str(error))


@pytest.fixture
def fake_driver(
    fake_library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Any]]:
    """``fake_driver(devices=[Gpu(...)])``: this process and all that it starts have that NVIDIA driver.

    Returns the live `fake_nvml.FakeDriver`. ``import fake_nvml`` works here and in those processes, which
    script it through ``fake_nvml.FakeDriver.here()``.
    """
    import fake_nvml

    def start(devices: Any = None) -> fake_nvml.FakeDriver:
        state = tmp_path / "driver.state"
        driver = fake_nvml.create(state, devices or [fake_nvml.Gpu()])
        fake_nvml.attach(fake_library, state)
        monkeypatch.setenv(fake_nvml.VARIABLE, str(state))
        for name, folder in (("LD_LIBRARY_PATH", fake_library.parent), ("PYTHONPATH", FAKE_DRIVER)):
            monkeypatch.setenv(name, str(folder), prepend=os.pathsep)
        return driver

    yield start
    fake_nvml.detach(fake_library)
