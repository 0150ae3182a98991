"""The ratchet's part of the report: both formats, the trend, and what it says of itself."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from markdown_it import MarkdownIt

from maint.coverage.assess import store
from maint.coverage.baseline import Baseline
from maint.coverage.counts import Counts
from maint.coverage.history import Point, trend
from maint.coverage.html import coverage_html
from maint.coverage.section import section, unjudged_section
from maint.coverage.settings import CoverageSettings
from maint.report.bundle import write_session
from maint.report.documents import FindingsDocument

from .conftest import HERE, baseline, file, measured, verdict

if TYPE_CHECKING:
    import pytest

    from tests.maint.conftest import Checkout

SETTINGS = CoverageSettings()
WAS = baseline(a=(100, 10), b=(100, 10))
FELL = verdict(measured(a=file(100, 12), b=file(100, 8)), WAS)
POINTS = [Point(date(2026, 1, 1), Counts(100, 40)), Point(date(2026, 2, 1), Counts(100, 10))]


def html(*arguments: object) -> ElementTree.Element:
    """The part as a tree: it is well-formed, so nothing in it was left open."""
    return ElementTree.fromstring(coverage_html(*arguments))


def test_every_file_has_a_bar_with_its_baseline_marked() -> None:
    tree = html(FELL, POINTS)
    labels = [svg.get("aria-label") for svg in tree.iter("svg") if svg.get("class") == "bar"]
    assert labels == ["88.00 %, baseline 90.00 %", "92.00 %, baseline 90.00 %"]
    (fallen, risen) = (svg for svg in tree.iter("svg") if svg.get("class") == "bar")
    assert [rect.get("width") for rect in fallen.iter("rect")] == ["160", "140.8"]
    (tick,) = fallen.iter("line")
    assert tick.get("x1") == "144.0"
    assert risen is not None


def test_the_trend_goes_from_the_first_to_the_last_commit_of_the_baseline() -> None:
    (line,) = html(FELL, POINTS).iter("polyline")
    assert line.get("points") == "0.0,120.0 640.0,30.0"
    assert list(html(FELL, POINTS[:1]).iter("polyline")) == []


def test_the_trend_is_read_from_git(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    for day, missing in (("2026-01-01", 40), ("2026-02-01", 10)):
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"{day}T12:00:00+00:00")
        store(checkout.top, SETTINGS, baseline(a=(100, missing)))
        checkout.commit({})
    (checkout.top / SETTINGS.baseline).write_text("<garbage>\n")
    checkout.commit({})
    assert trend(checkout.top, SETTINGS, HERE.key) == POINTS
    assert trend(checkout.top, SETTINGS, "another-key") == []


def test_there_is_no_trend_without_git(tmp_path: Path) -> None:
    assert trend(tmp_path, SETTINGS, HERE.key) == []


def test_text_from_outside_is_text_in_both_formats() -> None:
    evil = "<img src=x>|`@everyone`"
    judged = verdict(measured(**{evil: file(100, 12)}), baseline(**{evil: (100, 10)}))
    found = section(judged, Path("/nowhere"), SETTINGS)
    assert list(ElementTree.fromstring(found.html).iter("img")) == []
    assert "<img src=x>" not in MarkdownIt("gfm-like", {"linkify": False}).render(found.markdown)


def test_the_markdown_shows_what_moved() -> None:
    judged = verdict(measured(a=file(100, 12), b=file(100, 10)), WAS)
    text = section(judged, Path("/nowhere"), SETTINGS).markdown
    assert "| `src/a.py` | fell | 90.00 % | 88.00 % | 10 to 12 |" in text
    assert "src/b.py" not in text


def test_a_section_says_what_was_judged_and_by_which_codes() -> None:
    run = section(FELL, Path("/nowhere"), SETTINGS).run
    assert (run.guardrail, run.partial) == ("coverage", "")
    assert set(run.judged) == {"src/a.py", "src/b.py"}
    assert "COV001" in run.codes


def test_an_unjudged_session_says_why_and_fails_nothing() -> None:
    found = unjudged_section("-k foo", Path("/nowhere"))
    assert found.run.partial == "-k foo"
    (finding,) = found.findings
    assert finding.message == "coverage: not judged: partial run (-k foo); run the whole suite; COV080"
    assert finding.severity == "info"


def test_the_files_written_hold_the_findings(tmp_path: Path) -> None:
    judged = verdict(measured(a=file(100, 12)), Baseline(), settings=CoverageSettings(min=Decimal(90)))
    write_session([section(judged, tmp_path, SETTINGS)], tmp_path / "out")
    document = msgspec.json.decode((tmp_path / "out/findings.json").read_bytes(), type=FindingsDocument)
    assert [finding.code for finding in document.findings] == ["COV010", "COV090"]
    for name in ("report.md", "report.html"):
        assert "88.00 % covered" in (tmp_path / "out" / name).read_text(encoding="utf-8")
