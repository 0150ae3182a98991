"""``report.html`` in a real browser: the filter works under the page's policy, and axe finds nothing."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from maint.report.html import report_html
from maint.report.section import Section

Browse = Callable[..., str]
SCHEMES = pytest.mark.parametrize("scheme", [1, 0], ids=["light", "dark"])


def title(dumped: str) -> Any:
    """What a script left in the title as JSON."""
    found = re.search(r"<title>(.*?)</title>", dumped, re.DOTALL)
    assert found is not None
    return json.loads(html.unescape(found[1]))


OUTSIDE = """
onload = async () => {
  const page = document.querySelector('iframe').contentDocument, form = page.getElementById('filter');
  const rows = [...page.querySelectorAll('#findings tbody tr')];
  const visible = () => rows.filter(row => row.checkVisibility()).length;
  const change = () => form.dispatchEvent(new Event('input'));
  let seen = [];
  try { SCRIPT } catch (error) { seen = String(error) }
  document.title = JSON.stringify(seen);
};
"""


def framed(page: str, script: str, attributes: str = 'width="1200"') -> str:
    """A page around ``page``, which keeps its policy, with a script that looks at it from outside."""
    frame = f'<iframe {attributes} height="900" style="border:0" srcdoc="{html.escape(page)}"></iframe>'
    outside = OUTSIDE.replace("SCRIPT", script)
    return f"<!doctype html><title>0</title><body>{frame}<script>{outside}</script></body>"


WORKED = """
seen.push(form.checkVisibility(), visible(), page.getElementById('shown').textContent);
form.querySelector('[value=high]').checked = false; change(); seen.push(visible());
form.elements.category.value = 'tests'; change(); seen.push(visible());
form.elements.category.value = 'lint'; change(); seen.push(visible());
form.elements.text.value = 'A B.PY f401'; change(); seen.push(visible());
seen.push(page.getElementById('shown').textContent);
form.reset(); await new Promise(done => setTimeout(done)); seen.push(visible());
"""


def test_the_filter_narrows_by_severity_category_and_text(browse: Browse, mixed: list[Section]) -> None:
    seen = title(browse(framed(report_html(mixed), WORKED)))
    assert seen == [True, 5, "5 of 5 shown", 2, 0, 2, 1, "1 of 5 shown", 5]


def test_the_filter_works_on_a_page_that_is_full(browse: Browse, many: list[Section]) -> None:
    script = "form.querySelector('[value=low]').checked = false; change(); seen = visible();"
    assert title(browse(framed(report_html(many), script))) == 50


def test_without_javascript_the_tables_stay_and_the_filter_is_not_shown(
    browse: Browse, mixed: list[Section]
) -> None:
    script = "seen = [visible(), form.checkVisibility(), page.querySelectorAll('table').length];"
    page = framed(report_html(mixed), script, 'sandbox="allow-same-origin" width="1200"')
    assert title(browse(page)) == [5, False, 3]


def axe_report(page: str, axe: str) -> str:
    """The page without its policy, with axe run in it."""
    bare = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    run = (
        "axe.run().then(found => { document.title = JSON.stringify({"
        "broken: found.violations.map(one => [one.id, one.nodes.map(node => node.html).slice(0, 3)]),"
        "passed: found.passes.map(one => one.id)}) })"
    )
    return bare.replace("</body>", f"<script>{axe}</script><script>{run}</script></body>")


@SCHEMES
def test_axe_finds_nothing(scheme: int, browse: Browse, axe: str, mixed: list[Section]) -> None:
    flag = f"--blink-settings=preferredColorScheme={scheme}"
    seen = title(browse(axe_report(report_html(mixed), axe), flag, "--window-size=1200,1600"))
    assert seen["broken"] == []
    assert {"color-contrast", "label", "select-name"} <= set(seen["passed"])


def test_axe_would_find_something(browse: Browse, axe: str, mixed: list[Section]) -> None:
    broken = (
        report_html(mixed).replace("--soft: #5b5f66", "--soft: #c9c9c9").replace('<html lang="en">', "<html>")
    )
    seen = title(browse(axe_report(broken, axe), "--blink-settings=preferredColorScheme=1"))
    assert {"color-contrast", "html-has-lang"} <= {name for name, _ in seen["broken"]}


def test_the_page_fits_a_phone(browse: Browse, mixed: list[Section]) -> None:
    script = "seen = [page.documentElement.scrollWidth, page.documentElement.clientWidth];"
    outer = framed(report_html(mixed), script, 'width="400"')
    wide, view = title(browse(outer, "--window-size=1400,1000"))
    assert wide <= view <= 400
