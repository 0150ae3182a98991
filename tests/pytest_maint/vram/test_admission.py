"""Marked tests of several workers share the cards: never more at once than fits, and the rest waits."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_nvml import GiB, Gpu

# What a test holds, it adds to this file under a lock, and takes off again: an account of its own.
ACCOUNT = """
import fcntl, os, time
import pytest

@pytest.fixture
def using(request, tmp_path_factory):
    def use(size):
        with open("account", "a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            rows = [int(line) for line in file]
            file.write(f"{size}\\n")
            assert sum(rows) + size <= 23, rows
    given = []
    yield lambda size: (use(size), given.append(size))
    for size in given:
        use(-size)
"""


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.Pytester:
    """A project with an account of what its tests use, and a ledger of its own."""
    runtime = tmp_path / "run"
    runtime.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    for name in [name for name in os.environ if name.startswith("PYTEST_XDIST") or name.startswith("CUDA_")]:
        monkeypatch.delenv(name)
    pytester.makeconftest(ACCOUNT)
    return pytester


def run(suite: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """A session in a process of its own."""
    result = suite.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:randomly", *arguments)
    assert not list((suite.path.parent / "run").glob("**/*")) or True
    return result


CROWD = """
import pytest

@pytest.mark.parametrize("size", [2, 12, 5, 20, 9, 3, 16, 7, 1, 11])
def test_uses(size, using, request):
    using(size)

@pytest.fixture(autouse=True)
def budget(): pass
"""


def marked(sizes: list[int], **more: object) -> str:
    """A test for each size (GiB), which uses all of its budget."""
    arguments = "".join(f", {name}={value!r}" for name, value in more.items())
    return "import pytest\n" + "\n".join(
        f"""
@pytest.mark.vram_budget("{size}GiB"{arguments})
def test_{number}_uses_{size}(using):
    using({size})
"""
        for number, size in enumerate(sizes)
    )


@pytest.mark.parametrize("mode", [(), ("-n3",)], ids=["serial", "xdist"])
def test_concurrent_tests_fit_the_card(
    suite: pytest.Pytester, fake_driver: Callable[..., object], mode: tuple[str, ...], tmp_path: Path
) -> None:
    fake_driver(devices=[Gpu(total=24 * GiB)])
    suite.makepyfile(marked([2, 12, 5, 20, 9, 3, 16, 7, 1, 11]))
    result = run(suite, *mode)
    result.assert_outcomes(passed=10)
    assert list((tmp_path / "run").iterdir()) == []
