"""The tutorial and the how-to on strategies: their files, run as they tell it, do what they say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).parents[3] / "docs"
FILE = re.compile(r"into\s+`(\w+\.py)`:\n\n```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# the defects of the tutorial are common ones
FEWER = """
from hypothesis import settings

settings.register_profile("fewer", max_examples=20, stateful_step_count=10)
settings.load_profile("fewer")
"""


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:asyncio", *options)
    return subprocess.run(
        command, cwd=folder, env=kept, capture_output=True, text=True, timeout=120, check=False
    )


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_tutorial_goes_from_red_to_green(tmp_path: Path) -> None:
    page = (DOCS / "tutorial" / "zmq.md").read_text(encoding="utf-8")
    files = dict(FILE.findall(page))
    assert list(files) == ["station.py", "test_station.py", "test_messages.py", "test_lockstep.py"]
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "conftest.py").write_text(FEWER, encoding="utf-8")

    before = run(tmp_path, "--hypothesis-seed=1")
    assert "2 failed, 2 passed" in before.stdout
    assert "test_what_is_no_reading_is_refused" in before.stdout
    assert "<not-utf8: " in before.stdout
    assert "state.ask_malformed(" in before.stdout

    remedy = "except (msgspec.DecodeError, UnicodeDecodeError):"
    change(tmp_path / "station.py", "except msgspec.DecodeError:", remedy)
    (repaired,) = [block for block in BLOCK.findall(page) if block.startswith("def serve_one")]
    change(
        tmp_path / "station.py",
        "    def serve_one(self):\n        self.socket.send(self.take(self.socket.recv()))\n",
        "".join(f"    {line}\n" for line in repaired.splitlines()),
    )
    after = run(tmp_path)
    assert "4 passed" in after.stdout, after.stdout

    change(tmp_path / "test_station.py", "    station.close()\n", "")
    left = run(tmp_path, "test_station.py")
    assert "ZMQ001" in left.stdout
    assert re.search(r"station\.py:\d+", left.stdout)


def test_the_blocks_of_the_how_to_run(tmp_path: Path) -> None:
    page = (DOCS / "how-to" / "zmq-strategies.md").read_text(encoding="utf-8")
    for number, block in enumerate(BLOCK.findall(page)):
        (tmp_path / f"test_block_{number}.py").write_text(block, encoding="utf-8")
    done = run(tmp_path)
    assert "3 passed" in done.stdout, done.stdout
