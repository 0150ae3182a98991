"""However a run ends, no process, worktree, lock or half-written file is left behind."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

# Each worker holds a pipe open for as long as it lives; the test sees the last one hang up.
TESTS = """
import os

def test_a(benchmark):
    if "_maint_worker" in __import__("sys").modules:
        globals()["alive"] = open({fifo!r}, "w")
        alive.write("x")
        alive.flush()
    benchmark(sum, range(1000))
"""


class RunningGate:
    """A gate under way, its workers suspended or measuring."""

    def __init__(self, project, tmp_path: Path) -> None:
        self.fifo = tmp_path / "alive"
        os.mkfifo(self.fifo)
        project.write({"test_a.py": TESTS.format(fifo=str(self.fifo)), ".gitignore": ".maint/\n"})
        project.commit()
        self.project = project
        self._reader = os.open(self.fifo, os.O_RDONLY | os.O_NONBLOCK)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--maint-baseline", "main"],
            cwd=project.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=project.environment(),
        )

    def wait_for_workers(self) -> None:
        """Return once a worker is inside its test."""
        poll = select.poll()
        poll.register(self._reader, select.POLLIN)
        assert poll.poll(60_000), "no worker came"

    def end(self, number: signal.Signals) -> tuple[int, str]:
        """Send a signal; the exit status and the output."""
        self.process.send_signal(number)
        output, _ = self.process.communicate(timeout=60)
        return self.process.returncode, output

    def workers_are_gone(self) -> bool:
        """Whether every worker has hung up."""
        poll = select.poll()
        poll.register(self._reader, select.POLLIN)
        while True:
            events = poll.poll(20_000)
            if not events:
                return False
            if not os.read(self._reader, 65536):
                return True

    def leftovers(self) -> list[Path]:
        """Trees and locks in the cache, and worktrees git knows of."""
        listed = self.project.git("worktree", "list", "--porcelain").split("worktree ")[2:]
        trees = [path for path in self.project.cache.rglob("*") if path.parent.parent.name == "trees"]
        return [*trees, *map(Path, listed)]

    def close(self) -> None:
        """End what a failed test left running."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
        os.close(self._reader)


@pytest.fixture
def gate(project, tmp_path):
    running = RunningGate(project, tmp_path)
    yield running
    running.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_an_interrupted_gate_leaves_nothing_and_says_so(gate, number: signal.Signals) -> None:
    gate.wait_for_workers()
    code, output = gate.end(number)
    assert code == 2, output
    assert "benchmarks not judged: interrupted" in output
    assert "INTERNALERROR" not in output
    assert gate.workers_are_gone()
    assert gate.leftovers() == []


def test_a_killed_gate_takes_its_workers_along_and_the_next_one_tidies_up(gate) -> None:
    gate.wait_for_workers()
    code, _ = gate.end(signal.SIGKILL)
    assert code == -signal.SIGKILL
    assert gate.workers_are_gone()
    assert gate.leftovers() != [], "a killed process cannot tidy up, so the test would prove nothing"
    gate.project.gate("--maint-budget=0.1")
    assert gate.leftovers() == []
