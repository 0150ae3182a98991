"""Sections to render, and a real browser to look at the result."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from maint.findings import Finding, Location, Severity
from maint.report.documents import Run
from maint.report.section import Section

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
AXE = "axe-core@4.14.1"
HOSTILE = "<img src=x onerror=alert(1)>`|@you #1 [a](javascript:x)\x1b[31m\n\u202eevil"
MakeFinding = Callable[..., Finding]
Browse = Callable[..., str]


@pytest.fixture
def make_finding() -> MakeFinding:
    """A finding with what a test cares for."""

    def make(severity: str = "high", code: str = "TST001", **told: object) -> Finding:
        place = {key: told.pop(key) for key in ("path", "line", "column", "node_id") if key in told}
        fields = {"category": "tests", "title": "fails", "message": "it fails", "remedy": "mend it", **told}
        return Finding(code=code, severity=Severity(severity), location=Location(**place), **fields)  # type: ignore[arg-type]

    return make


@pytest.fixture
def mixed(make_finding: MakeFinding) -> list[Section]:
    """Three guardrails: failed tests, a foreign linter, and one with parts of its own."""
    tests = tuple(
        make_finding(path="tests/test_a.py", line=n, node_id=f"tests/test_a.py::test_{n}", title=f"t{n}")
        for n in range(1, 4)
    )
    lint = (
        make_finding("medium", "ruff:F401", path="a b.py", line=2, column=8, category="lint", title="unused"),
        make_finding("low", "ruff:E501", path=HOSTILE, category="lint", title=HOSTILE, message=HOSTILE),
    )
    own = make_finding("critical", "BEN001", category="performance", title="slower", message="slower; BEN001")
    return [
        Section(
            run=Run(guardrail="tests", version="1", codes=("TST001",), partial="-k a", judged=("a", "b")),
            findings=tests,
        ),
        Section(run=Run(guardrail="ruff", version="0.17", codes=("ruff:F401", "ruff:E501")), findings=lint),
        Section(
            run=Run(guardrail="benchmark", version="1", codes=("BEN001",)),
            findings=(own,),
            title="Benchmarks",
            markdown="## Benchmarks: 1 critical\n\nits own table",
            html="<section><h2>Benchmarks</h2><p>its own plot</p></section>",
        ),
    ]


@pytest.fixture
def many(make_finding: MakeFinding) -> list[Section]:
    """10,000 findings of one tool, 50 of them high."""
    found = tuple(
        make_finding(
            "low" if n % 200 else "high", "lint:X1", path=f"src/m{n % 97}.py", line=n + 1, title=f"case {n}"
        )
        for n in range(10_000)
    )
    return [Section(run=Run(guardrail="lint", version="1", codes=("lint:X1",)), findings=found)]


@pytest.fixture
def browse(tmp_path: Path) -> Browse:
    """Open a page with flags in a fresh profile; return the document as it is after its scripts."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")

    def open_page(page: str, *flags: str) -> str:
        source = tmp_path / "page.html"
        source.write_text(page, "utf-8")
        # Virtual time: the browser waits for the scripts, however slow the machine is.
        always = (*QUIET, "--virtual-time-budget=10000", f"--user-data-dir={tmp_path / 'profile'}")
        command = [CHROMIUM, *always, *flags, "--dump-dom", source.as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
        shutil.rmtree(tmp_path / "profile")
        return done.stdout

    return open_page


@pytest.fixture(scope="session")
def axe(pytestconfig: pytest.Config) -> str:
    """The source of axe-core, installed on first use; skips where that cannot be done."""
    place = pytestconfig.rootpath / ".maint" / "cache" / "npm" / AXE
    if not place.is_dir():
        if shutil.which("npm") is None:
            pytest.skip("npm is not installed: axe-core, which checks the page for accessibility, needs it")
        _install(place)
    return (place / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


def _install(place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent, ignore_cleanup_errors=True) as folder:
        fresh = Path(folder) / "fresh"
        argv = ["npm", "install", "--prefix", str(fresh), "--no-audit", "--no-fund", "--ignore-scripts", AXE]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"npm could not install {AXE}: {done.stderr[-300:]}")
        try:
            fresh.rename(place)
        except OSError:
            assert place.is_dir()  # another worker was faster
