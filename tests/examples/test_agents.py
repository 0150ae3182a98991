"""The agents' own suite is green, serially and in two workers, and turns red with their defects."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

AGENTS = Path(__file__).parents[2] / "examples" / "agents"
TESTS = sum(
    len(re.findall(r"^def test_|^Test\w+ = ", path.read_text(encoding="utf-8"), re.MULTILINE))
    for path in (AGENTS / "tests").glob("test_*.py")
)


@pytest.fixture
def agents(tmp_path: Path) -> Path:
    return Path(
        shutil.copytree(AGENTS, tmp_path / "agents", ignore=shutil.ignore_patterns("__pycache__", ".*"))
    )


def run(project: Path, *options: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:asyncio", *options)
    return subprocess.run(
        command, cwd=project, env=kept, capture_output=True, text=True, timeout=120, check=False
    )


def test_the_agents_pass_without_a_port(agents: Path) -> None:
    done = run(agents)
    assert done.returncode == 0, done.stdout
    assert f"{TESTS} passed" in done.stdout


def test_two_workers_do_not_meet_at_the_ports(agents: Path) -> None:
    done = run(agents, "-n2", "tests/test_agents.py")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("file", "right", "wrong", "test", "said"),
    [
        (
            "messages.py",
            "except (msgspec.MsgspecError, UnicodeDecodeError)",
            "except msgspec.MsgspecError",
            "test_what_is_no_task_gets_an_error",
            "<not-utf8: ",
        ),
        (
            "client.py",
            "zmq.REQ_RELAXED, 1",
            "zmq.REQ_RELAXED, 0",
            "test_lost_requests_are_asked_again",
            "ZMQError",
        ),
        ("client.py", "self.context.term()", "pass", "test_without_workers_the_client_gives_up", "ZMQ001"),
        (
            "health.py",
            "if topic != TOPIC + beat.worker.encode():",
            "if False:",
            "test_the_bus_notes_heartbeats_and_nothing_else",
            "assert not ",
        ),
    ],
    ids=["unicode", "lockstep", "leak", "topic"],
)
def test_a_defect_of_the_agents_is_found(
    agents: Path, file: str, right: str, wrong: str, test: str, said: str
) -> None:
    source = agents / "agents" / file
    text = source.read_text(encoding="utf-8")
    assert right in text
    source.write_text(text.replace(right, wrong), encoding="utf-8")
    done = run(agents, "-k", test)
    assert done.returncode == 1, done.stdout
    assert said in done.stdout
