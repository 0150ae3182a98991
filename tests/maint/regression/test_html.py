from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from html.parser import HTMLParser
from importlib.resources import files

import msgspec
import pytest

from maint.regression.bundle import section_of
from maint.regression.comparison import Comparison, Row, Verdict
from maint.regression.findings import findings_of
from maint.regression.forest import log_of, scale_for
from maint.regression.naming import item_name
from maint.report import html
from maint.report.cells import printable

VOID = {"meta", "line", "circle", "rect", "path"}
STRUCTURE = {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "main",
    "header",
    "section",
    "figure",
    "figcaption",
}
TEXT = {
    "h1",
    "h2",
    "h3",
    "p",
    "a",
    "span",
    "code",
    "pre",
    "details",
    "summary",
    "dl",
    "div",
    "dt",
    "dd",
    "ol",
    "ul",
    "li",
}
TABLE = {"table", "thead", "tbody", "tr", "th", "td"}
DRAWING = {"svg", "text", "line", "circle", "rect", "path"}


def report_html(comparison: Comparison) -> str:
    """The page of a session with nothing but the gate."""
    return html.report_html([section_of(comparison, findings_of(comparison))])


class Document(HTMLParser):
    """Tags, attributes and text of a page; ``open`` is empty again when every element was closed."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, name: str) -> list[str]:
        return [value or "" for _, key, value in self.attributes if key == name]


@pytest.fixture(params=["ordinary", "hostile", "selftest", "empty"])
def comparison(
    request: pytest.FixtureRequest,
    ordinary: Comparison,
    hostile: Comparison,
    comparison_of: Callable[..., Comparison],
) -> Comparison:
    selftest = msgspec.structs.replace(ordinary, mode="selftest")
    every = {"ordinary": ordinary, "hostile": hostile, "selftest": selftest, "empty": comparison_of()}
    return every[request.param]


def test_only_our_own_elements_are_in_the_page(comparison: Comparison) -> None:
    document = Document(report_html(comparison))
    assert document.open == []
    assert set(document.tags) <= STRUCTURE | TEXT | TABLE | DRAWING
    assert not [name for _, name, _ in document.attributes if name.startswith("on") or name == "style"]


def test_nothing_is_loaded_from_anywhere(comparison: Comparison) -> None:
    page = report_html(comparison)
    document = Document(page)
    assert not {name for _, name, _ in document.attributes} & {
        "src",
        "srcset",
        "data",
        "action",
        "poster",
        "xlink:href",
    }
    assert all(value.startswith("#") for value in document.values("href"))
    style = page[page.index("<style>") : page.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style


def test_every_link_leads_to_a_row(comparison: Comparison) -> None:
    document = Document(report_html(comparison))
    ids = document.values("id")
    assert len(ids) == len(set(ids))
    assert {value[1:] for value in document.values("href")} <= set(ids)
    assert set(document.values("aria-labelledby")) <= set(ids)


def test_the_policy_allows_the_one_style_sheet_and_nothing_else(ordinary: Comparison) -> None:
    page = report_html(ordinary)
    style = page[page.index("<style>") + len("<style>") : page.index("</style>")]
    digest = b64encode(sha256(style.encode()).digest()).decode()
    (policy,) = (value for value in Document(page).values("content") if "default-src" in value)
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_every_benchmark_is_in_the_table_with_its_verdict_in_words(ordinary: Comparison) -> None:
    text = Document(report_html(ordinary)).text
    for row in ordinary.benchmarks:
        assert item_name(row.name) in text
        assert row.status in text
    assert "the worker was killed by SIGSEGV" in text
    assert "Fatal Python error: Segmentation fault\n  File <unknown>" in text


def test_hostile_names_are_shown_as_text(hostile: Comparison) -> None:
    text = Document(report_html(hostile)).text
    for row in hostile.benchmarks:
        if len(row.name) < 300:
            assert printable(row.name).rpartition("::")[2][-20:] in text
    assert len(report_html(hostile)) < 300_000


def test_a_self_test_has_a_noise_column_and_no_verdicts_in_the_table(ordinary: Comparison) -> None:
    page = report_html(msgspec.structs.replace(ordinary, mode="selftest"))
    table = page[page.index("<table>") : page.index("</table>")]
    assert "noise floor" in table
    assert "±14.2" in table
    assert "CRITICAL" not in table


def test_each_strip_shows_its_blocks_by_stage_and_says_the_numbers(
    comparison_of: Callable[..., Comparison], measured_row: Callable[..., Row]
) -> None:
    page = report_html(comparison_of(measured_row("a.py::test_x", Verdict.CRITICAL, 31.2)))
    strip = page[page.index('<svg class="strip') : page.index('<span class="change">')]
    assert strip.count('class="screen"') == 4
    assert strip.count('class="confirm"') == 8
    assert strip.count('class="estimate"') == 1
    assert 'aria-label="+31.2 %, 95 % interval +29.2 to +33.2, CRITICAL"' in strip
    for line in ("zero", "limit warning", "limit critical"):
        assert strip.count(f'<line class="{line}"') == 1


def test_marks_stand_where_the_axis_says(measured_row: Callable[..., Row]) -> None:
    row = measured_row("a.py::test_x", Verdict.WARNING, 15.0)
    scale = scale_for([row])
    places = [scale.at(log_of(change)) for change in (-10.0, 0.0, 10.0, 15.0, 25.0)]
    assert places == sorted(places)
    # A logarithmic axis: twice as slow is as far from 0 as twice as fast.
    assert scale.at(log_of(21.0)) - scale.at(log_of(10.0)) == pytest.approx(
        scale.at(log_of(10.0)) - scale.at(0.0)
    )


@pytest.mark.parametrize("change", [900.0, -95.0, -99.9])
def test_what_is_off_the_scale_is_an_arrow_at_the_edge(
    change: float, comparison_of: Callable[..., Comparison], measured_row: Callable[..., Row]
) -> None:
    near = measured_row("a.py::test_near", Verdict.PASS, 0.0)
    far = measured_row("a.py::test_far", Verdict.PASS, change, half_width=0.05)
    page = report_html(comparison_of(near, far))
    assert page.count('class="arrow"') == 1
    assert page.count('cx="') == len(near.points) + 2
    assert all(0 <= float(place) <= 100 for place in re.findall(r'c?x\d?="([-\d.]+)%"', page))


def test_the_rest_of_two_thousand_is_counted_and_in_the_table(
    comparison_of: Callable[..., Comparison], measured_row: Callable[..., Row]
) -> None:
    rows = [measured_row(f"a.py::test_{number}", Verdict.PASS, 0.1) for number in range(2000)]
    page = report_html(comparison_of(*rows))
    assert "1,920 more are in the table below" in page
    assert page[: page.index('id="runs"')].count('<th scope="row">') == 2000


def luminance(colour: str) -> float:
    channels = (int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    "name", ["ink", "soft", "critical", "warning", "unsure", "improved", "pass", "quiet"]
)
def test_text_has_the_contrast_of_wcag_aa(theme: str, name: str) -> None:
    style = files("maint.report").joinpath("page.css").read_text("utf-8")
    light, dark = re.findall(r":root \{(.*?)\}", style, re.DOTALL)[:2]
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", light if theme == "light" else dark))
    for ground in ("paper", "panel"):
        high, low = sorted((luminance(colours[name]), luminance(colours[ground])), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 4.5


def test_what_many_have_to_say_is_said_once(comparison_of: Callable[..., Comparison]) -> None:
    rows = [Row(name=f"a.py::test_{n}", status=Verdict.PASS, reason="unaffected") for n in range(300)]
    page = report_html(comparison_of(*rows))
    assert page.count("<p>unaffected</p>") == 1
    assert "and 299 more</summary>" in page
    assert all(f"<code>{row.name}</code>" in page for row in rows)


def test_the_machine_is_described(comparison_of: Callable[..., Comparison]) -> None:
    text = Document(report_html(comparison_of(environment={"pinned_core": 1, "cpu": {"cores": [0, 1]}}))).text
    assert "pinned core1" in text
    assert "cpucores 0, 1" in text
