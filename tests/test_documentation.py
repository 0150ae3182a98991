"""The documentation is true where a machine can tell: README blocks run, others parse, links resolve."""

from __future__ import annotations

import ast
import importlib.util
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest

from maint.config import load
from maint.options.table import BY_NAME

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
GATE_TIMEOUT_S = 300


class Block(NamedTuple):
    """One fenced block; ``line`` is where it starts."""

    path: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT).as_posix()}:{self.line}"


def blocks(paths: list[Path], *languages: str) -> list[Block]:
    found = []
    for path in paths:
        text = path.read_text(encoding="utf-8")
        for match in FENCE.finditer(text):
            if not languages or match[1] in languages:
                found.append(Block(path, text.count("\n", 0, match.start()) + 1, match[1], match[2]))
    return found


README = [ROOT / "README.md"]
INSTALL = "pip install pytest-maint"


def commands() -> list[tuple[str, str]]:
    """The commands of the README in their order, each with what is said to be printed."""
    shown = "\n".join(block.text for block in blocks(README, "console"))
    return re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n?)*)", shown, re.MULTILINE)


@pytest.fixture(scope="module")
def demo() -> ModuleType:
    spec = importlib.util.spec_from_file_location("demo", ROOT / "examples" / "demo.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Demo(NamedTuple):
    output: str
    reports: Path


@pytest.fixture(scope="module")
def demo_run(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """``make demo``, whole: builds its history, runs the gate, checks the verdicts.

    Once more where it fails: on a busy machine the gate misses one +15 % in twenty (docs/evidence/gate.md).
    """
    for _ in range(2):
        reports = tmp_path_factory.mktemp("reports")
        command = [sys.executable, str(ROOT / "examples" / "demo.py"), str(reports)]
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=GATE_TIMEOUT_S, check=False
        )
        if done.returncode == 0:
            break
    assert done.returncode == 0, done.stdout + done.stderr
    if "too busy to settle" in done.stdout:
        pytest.skip(
            f"no wrong verdict, but not all of them: {done.stdout.partition('no verdict is wrong')[2]}"
        )
    return Demo(done.stdout, reports)


def test_the_demo_reaches_its_verdicts_and_says_where_the_report_is(demo_run: Demo) -> None:
    assert "the verdicts are the expected ones" in demo_run.output
    report = demo_run.reports / "report.html"
    assert str(report) in demo_run.output
    assert "test_accept_order" in report.read_text(encoding="utf-8")


@pytest.fixture
def intake(tmp_path: Path) -> Path:
    """A copy of the example that the README's commands are about."""
    return Path(shutil.copytree(ROOT / "examples" / "intake", tmp_path / "intake"))


def test_the_gates_block_shows_what_the_demo_prints(demo: ModuleType, demo_run: Demo) -> None:
    (documented,) = [shown for command, shown in commands() if command == demo.COMMAND]
    assert missing(documented, demo_run.output.partition(f"$ {demo.COMMAND}\n")[2]) == []


def test_the_console_blocks_show_what_their_commands_print_one_after_another(
    demo: ModuleType, intake: Path
) -> None:
    for command, documented in commands():
        if command not in (demo.COMMAND, INSTALL):
            assert missing(documented, run_module(command, intake, 0, 1)) == [], command


@pytest.mark.parametrize("block", blocks(README, "python"), ids=str)
def test_a_python_block_is_a_test_that_passes(block: Block, tmp_path: Path) -> None:
    (tmp_path / "test_readme.py").write_text(block.text, encoding="utf-8")
    tests = block.text.count("def test_")
    output = run_module("pytest -q --strict-markers -p no:cacheprovider -p no:asyncio", tmp_path)
    assert f"{tests} passed" in output


@pytest.mark.parametrize("block", blocks(PAGES, "toml"), ids=str)
def test_a_toml_block_is_accepted(block: Block, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(block.text, encoding="utf-8")
    config = load(tmp_path, {})
    ours = tomllib.loads(block.text).get("tool", {}).get("maint")
    assert ours is None or "pyproject.toml" in {config.source(name) for name in BY_NAME}


@pytest.mark.parametrize("block", blocks(PAGES, "python"), ids=str)
def test_a_python_block_parses(block: Block) -> None:
    assert ast.parse(block.text).body


def test_every_readme_block_is_of_a_kind_that_is_tested() -> None:
    assert {block.language for block in blocks(README)} == {"console", "python", "toml"}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_relative_links_lead_somewhere(path: Path) -> None:
    assert broken_links(path) == []


def test_the_checks_can_fail(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# One `two`\n[a](page.md#one-two) [b](#three) [c](gone.md) [d](https://x.test/y)\n", encoding="utf-8"
    )
    assert broken_links(page) == ["#three", "gone.md"]
    actual = "noise\ntest_a   1.50 ms  +3 %   PASS\ndone in 12 s\n"
    assert missing("test_a  900 ns  -1 %  PASS\n...\ndone in 7 s\n", actual) == []
    assert missing("test_a  900 ns  -1 %  WARNING\n", actual) == ["test_a # time # % WARNING"]
    assert missing("done in 7 s\ntest_a  900 ns  -1 %  PASS\n", actual) == ["test_a # time # % PASS"]


def run_module(command: str, folder: Path, *codes: int) -> str:
    """Run ``command`` as ``python -m`` would; its output, which must end with one of ``codes``, or 0."""
    done = subprocess.run(
        [sys.executable, "-m", *command.split()],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=GATE_TIMEOUT_S,
        check=False,
    )
    assert done.returncode in (codes or (0,)), done.stdout + done.stderr
    return done.stdout


def missing(documented: str, actual: str) -> list[str]:
    """Shapes of documented lines that ``actual`` lacks, in this order; ``...`` stands for any lines."""
    lines = iter([shape(line) for line in actual.splitlines()])
    wanted = [shape(line) for line in documented.splitlines() if line.strip() not in ("", "...")]
    return [line for line in wanted if line not in lines]


def shape(line: str) -> str:
    """A line of output without what differs from run to run: numbers, units of time, column widths."""
    masked = re.sub(r"[-+]?\d[\d.]*", "#", line)
    return " ".join(re.sub(r"# (ns|µs|ms|s)\b", "# time", masked).split())


def broken_links(path: Path) -> list[str]:
    """Targets of the relative links of a page that are no file, folder or heading."""
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    return [target for target in LINK.findall(text) if "://" not in target and not resolves(path, target)]


def resolves(path: Path, target: str) -> bool:
    name, _, anchor = target.partition("#")
    page = path.parent / name if name else path
    if not anchor:
        return page.exists()
    return page.is_file() and anchor in anchors(page.read_text(encoding="utf-8"))


def anchors(text: str) -> set[str]:
    """The anchors that GitHub gives a page's headings."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
