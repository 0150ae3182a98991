"""What VRAM budgets cost: a marked test without sampling, and the sampler; and what the sampler misses.

    python benchmarks/bench_vram.py [ROUNDS]

Runs on the fake driver and the fake torch of ``tests/gpu``, so what it measures is this project's own part
and that of nvidia-ml-py; a real driver takes its time for every question on top of that. Sessions with and
without the marker alternate; the figure is the difference over the number of tests, median and range.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GPU = Path(__file__).parents[1] / "tests" / "gpu"
sys.path.insert(0, str(GPU))

import fake_nvml  # noqa: E402

from maint.gpu.nvml import Nvml, open_nvml  # noqa: E402
from pytest_maint.vram.sampler import INTERVAL_S, Sampler  # noqa: E402

TESTS = 1000
SUITE = """
import pytest, torch
torch.cuda.init()
KEPT = torch.empty(2**20)

@pytest.mark.parametrize("number", range({tests}))
{marker}
def test_it(number):
    pass
"""
PLAIN, MARKED = "", '@pytest.mark.vram_budget("2GiB")'
BARE = ("-p", "no:maint-vram-admission")


def session(root: Path, marker: str, *arguments: str) -> float:
    """CPU seconds of one session; raises CalledProcessError where it is not green."""
    (root / "test_it.py").write_text(SUITE.format(tests=TESTS, marker=marker), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def per_test(root: Path, rounds: int, *arguments: str) -> list[float]:
    """Milliseconds of CPU that the marker adds to a test, once a round."""
    pairs = [(session(root, MARKED, *arguments), session(root, PLAIN, *arguments)) for _ in range(rounds)]
    return [(marked - plain) / TESTS * 1000 for marked, plain in pairs]


def sampling(seconds: float, changing: bool) -> float:
    """The share of one core that the sampler takes; ``changing``: the processes are listed at each sample."""
    nvml = open_nvml()
    assert isinstance(nvml, Nvml)
    driver = fake_nvml.FakeDriver.here()
    for pid in range(1, 9):
        driver[0].hold(fake_nvml.GiB, pid=pid)
    sampler = Sampler(nvml, {0: nvml.devices[0]})
    without = busy(seconds, driver, changing)
    sampler.start()
    with_it = busy(seconds, driver, changing)
    sampler.stop()
    return (with_it - without) / seconds


def missed(length: float, times: int) -> int:
    """How many of so many spikes of ``length`` seconds no sample saw."""
    nvml = open_nvml()
    assert isinstance(nvml, Nvml)
    driver = fake_nvml.FakeDriver.here()
    sampler = Sampler(nvml, {0: nvml.devices[0]})
    sampler.start()
    unseen = 0
    for _ in range(times):
        sampler.reset()
        driver[0].hold(fake_nvml.GiB)
        time.sleep(length)
        driver[0].hold(0)
        unseen += not sampler.seen[0].own
    sampler.stop()
    return unseen


def busy(seconds: float, driver: fake_nvml.FakeDriver, changing: bool) -> float:
    """CPU seconds of this process in which somebody changes what the driver says, or nobody does."""
    began, used = time.perf_counter(), time.process_time()
    while (elapsed := time.perf_counter() - began) < seconds:
        if changing:
            driver[0].set(tenants=int(elapsed * 1e6))
        time.sleep(INTERVAL_S / 2)
    return time.process_time() - used


def shown(values: list[float], unit: str) -> str:
    """Median and range."""
    return f"{statistics.median(values):.3f} {unit} ({min(values):.3f} to {max(values):.3f})"


def main(rounds: int) -> None:
    """Print all figures."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        library = fake_nvml.build(root)
        fake_nvml.create(root / "state", [fake_nvml.Gpu()])
        fake_nvml.attach(library, root / "state")
        os.environ[fake_nvml.VARIABLE] = str(root / "state")
        os.environ["LD_LIBRARY_PATH"] = str(root)
        os.environ["PYTHONPATH"] = os.pathsep.join((str(GPU), str(GPU / "fakes")))
        print(f"{TESTS} tests, {rounds} rounds, Python {sys.version.split()[0]}, {os.cpu_count()} cores")
        print(f"marked test, torch in use:      + {shown(per_test(root, rounds, *BARE), 'ms')}")
        print(f"the same with admission:        + {shown(per_test(root, rounds), 'ms')}")
        for changing in (False, True):
            shares = [sampling(5, changing) * 100 for _ in range(rounds)]
            state = "use changes all the time" if changing else "use stays as it is      "
            print(f"sampler at {INTERVAL_S * 1000:g} ms, {state}: {shown(shares, '% of a core')}")
        for length in (0.005, 0.020, 0.100):
            spikes = 100
            print(f"spikes of {length * 1000:g} ms that no sample saw: {missed(length, spikes)} of {spikes}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
