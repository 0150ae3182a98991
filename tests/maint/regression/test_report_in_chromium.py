"""The page in a real browser: no script runs, nothing is loaded, it follows the theme and fits a phone."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from maint.regression.bundle import section_of
from maint.regression.comparison import Comparison
from maint.regression.findings import findings_of
from maint.report.html import report_html as page_of

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")

QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
Browse = Callable[..., str]


def report_html(comparison: Comparison) -> str:
    """The page of a session with nothing but the gate."""
    return page_of([section_of(comparison, findings_of(comparison))])


@pytest.fixture
def browse(tmp_path: Path) -> Browse:
    """Open a page with flags in a fresh profile; return what the browser prints."""

    def open_page(page: str, *flags: str) -> str:
        assert CHROMIUM is not None
        source = tmp_path / "page.html"
        source.write_text(page, "utf-8")
        command = [CHROMIUM, *QUIET, f"--user-data-dir={tmp_path / 'profile'}", *flags, source.as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        shutil.rmtree(tmp_path / "profile")
        return done.stdout

    return open_page


def asked_by_the_page(log: Path) -> list[str]:
    """Addresses in the browser's own network log, less what it asks for itself (updates, time, accounts)."""
    network = json.loads(log.read_text())
    started = network["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"]
    events = [
        event["params"] for event in network["events"] if event["type"] == started and "params" in event
    ]
    return [asked["url"] for asked in events if "url" in asked and asked.get("initiator") != "not an origin"]


def first_pixel(png: bytes) -> str:
    """Colour of the top left pixel; every PNG filter leaves the first pixel of the first line as it is."""
    chunks, at = b"", 8
    while at < len(png):
        size, kind = int.from_bytes(png[at : at + 4]), png[at + 4 : at + 8]
        chunks += png[at + 8 : at + 8 + size] if kind == b"IDAT" else b""
        at += size + 12
    return "#" + zlib.decompress(chunks)[1:4].hex()


def scripted(page: str, script: str) -> str:
    """The page without its policy, and with a script that writes what it measured into the title."""
    bare = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    return bare.replace("</body>", f"<script>{script}</script></body>")


def title(dumped: str) -> str:
    found = re.search(r"<title>(.*?)</title>", dumped, re.DOTALL)
    assert found is not None
    return html.unescape(found[1])


@pytest.mark.parametrize(("scheme", "colour"), [("1", "#fcfcfa"), ("0", "#15171a")], ids=["light", "dark"])
def test_the_page_follows_the_theme(
    scheme: str, colour: str, browse: Browse, tmp_path: Path, ordinary: Comparison
) -> None:
    shot = tmp_path / "shot.png"
    flag = f"--blink-settings=preferredColorScheme={scheme}"
    browse(report_html(ordinary), flag, f"--screenshot={shot}", "--window-size=1000,900")
    assert first_pixel(shot.read_bytes()) == colour


INTRUDER = '<img src="http://127.0.0.1:9/seen.png"><script>document.title = "run"</script>'


@pytest.mark.parametrize("policy", [True, False], ids=["with its policy", "without, to see the check fail"])
def test_even_markup_that_slipped_in_neither_runs_nor_loads(
    policy: bool, browse: Browse, tmp_path: Path, ordinary: Comparison
) -> None:
    page = report_html(ordinary).replace("</body>", f"{INTRUDER}</body>")
    page = page if policy else scripted(page, "")
    log = tmp_path / "net.json"
    dumped = browse(page, "--dump-dom", f"--log-net-log={log}")
    ran = title(dumped) == "run"
    asked = asked_by_the_page(log)
    assert (ran, asked) == ((False, []) if policy else (True, ["http://127.0.0.1:9/seen.png"]))


def test_the_page_asks_for_nothing_but_itself(browse: Browse, tmp_path: Path, hostile: Comparison) -> None:
    log = tmp_path / "net.json"
    dumped = browse(report_html(hostile), "--dump-dom", f"--log-net-log={log}")
    assert "test_pipe" in dumped
    assert title(dumped).startswith("2 critical, 1 high, ")
    assert asked_by_the_page(log) == []


MEASURE = """
const wide = e => Math.round(e.getBoundingClientRect().width), left = e => e.getBoundingClientRect().left;
const axis = document.querySelector('svg.axis'), strips = [...document.querySelectorAll('svg.strip')];
const words = [...document.querySelectorAll('.line .verdict, .line .change')];
document.title = JSON.stringify({
  page: document.documentElement.scrollWidth, view: document.documentElement.clientWidth,
  aligned: strips.every(s => left(s) === left(axis) && wide(s) === wide(axis)),
  strips: strips.length, narrowest: Math.min(...strips.map(wide)),
  cut: words.filter(e => e.scrollWidth > e.clientWidth).length,
});
"""


@pytest.mark.parametrize(("width", "kind"), [(400, "ordinary"), (400, "hostile"), (1200, "ordinary")])
def test_the_page_fits_its_window_and_strips_share_the_axis(
    width: int, kind: str, browse: Browse, request: pytest.FixtureRequest
) -> None:
    page = scripted(report_html(request.getfixturevalue(kind)), MEASURE)
    # A window of the browser has a least width; a frame has none.
    script = "onload = () => { document.title = document.querySelector('iframe').contentDocument.title }"
    frame = f'<iframe width="{width}" height="900" style="border:0" srcdoc="{html.escape(page)}"></iframe>'
    outer = f"<!doctype html><title></title><body>{frame}<script>{script}</script></body>"
    seen = json.loads(title(browse(outer, "--dump-dom", "--window-size=1400,1000")))
    assert seen["view"] == width
    assert seen["page"] <= width
    assert seen["aligned"]
    assert seen["strips"] > 0
    assert seen["narrowest"] >= 300
    assert seen["cut"] == 0
