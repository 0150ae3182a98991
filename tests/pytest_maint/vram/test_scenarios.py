"""The verdict of every scenario, to the letter, in a serial session and in one over workers."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import fake_nvml
import pytest

HERE = Path(__file__).parent


def _scenarios() -> Any:
    spec = importlib.util.spec_from_file_location("vram_scenarios", HERE / "scenarios.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TABLE = _scenarios()
MODES = {"serial": (), "workers": ("-n4",)}


class Session(NamedTuple):
    """What one session over all scenarios said, and the folder of its project."""

    said: str
    code: int
    root: Path


@pytest.fixture(scope="module")
def sessions(fake_library: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Session]:
    """One session over all scenarios for each mode."""
    return {mode: _session(fake_library, tmp_path_factory.mktemp(mode), more) for mode, more in MODES.items()}


def _session(library: Path, root: Path, more: tuple[str, ...]) -> Session:
    (root / "conftest.py").write_text((HERE / "scenario_conftest.py").read_text(encoding="utf-8"))
    for one in TABLE.SCENARIOS:
        (root / f"test_{one.name}.py").write_text(TABLE.HEAD + one.body, encoding="utf-8")
        one.prepare(fake_nvml.create(root / f"test_{one.name}.state", one.devices))
    folder = Path(fake_nvml.__file__).parent
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment |= {
        "PYTHONPATH": os.pathsep.join((str(folder), str(folder / "fakes"))),
        "FAKE_NVML_LIBRARY": str(library),
        "LD_LIBRARY_PATH": str(library.parent),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    # Admission keeps one connection to the driver for the session; here every test has a driver of its own.
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-p",
        "xdist",
        "-p",
        "pytest_maint.plugin",
        "-p",
        "no:maint-vram-admission",
        *more,
    ]
    done = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    return Session(done.stdout + done.stderr, done.returncode, root)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", TABLE.BY_NAME)
def test_a_scenario_gets_its_verdict(sessions: dict[str, Session], name: str, mode: str) -> None:
    scenario, session = TABLE.BY_NAME[name], sessions[mode]
    notes = {
        when: json.loads(path.read_text(encoding="utf-8"))
        for when in ("setup", "call", "teardown")
        if (path := session.root / f"test_{name}.{when}.json").exists()
    }
    assert notes, session.said
    outcomes = [note["outcome"] for note in notes.values()]
    worst = next((one for one in ("failed", "skipped") if one in outcomes), "passed")
    said = notes["teardown"]["text"] or notes["setup"]["text"]
    if notes["teardown"]["told"]:
        told = notes["teardown"]["told"]
        said = told["problems"][0][1] if told["problems"] else told["headline"]
    assert scenario.message in re.sub(r"sampled \d+ times", "sampled N times", said)
    assert worst == scenario.outcome, session.said


@pytest.mark.parametrize("mode", MODES)
def test_the_session_says_and_writes_what_fell_short(sessions: dict[str, Session], mode: str) -> None:
    session = sessions[mode]
    assert session.code == 1, session.said
    document = json.loads((session.root / ".maint/out/findings.json").read_text(encoding="utf-8"))
    found = {(one["location"]["path"], one["code"]) for one in document["findings"]}
    expected = set()
    for one in TABLE.SCENARIOS:
        code = re.search(r"; (VRAM\d+)$", one.message)
        if code is not None and one.outcome != "skipped":
            expected.add((f"test_{one.name}.py", code[1]))
    assert {pair for pair in found if pair[1].startswith("VRAM")} == expected
    [run] = [run for run in document["runs"] if run["guardrail"] == "vram"]
    judged = sum("not judged" not in one.message and one.outcome != "skipped" for one in TABLE.SCENARIOS)
    assert len(run["judged"]) == judged
    assert "Traceback" not in session.said
