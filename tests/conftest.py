"""What several rooms' tests need: packages from npm, installed once into the project's cache."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

InstallNpm = Callable[..., Path]


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
        done = subprocess.run([*argv, *packages], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"npm could not install {', '.join(packages)}: {done.stderr[-300:]}")
        trim(fresh / "node_modules")
        try:
            fresh.rename(place)
        except OSError:
            assert place.is_dir()  # another worker was faster
