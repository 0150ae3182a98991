"""The examples of the how-to pages on remapping and faults run as they are printed."""

import re
from pathlib import Path

import pytest
import zmq  # noqa: F401 - pytester would drop it from sys.modules, and it cannot be imported twice

PAGES = Path(__file__).parents[3] / "docs" / "how-to"


@pytest.mark.parametrize("page", ["zmq-remap.md", "zmq-faults.md"])
def test_the_examples_of_a_page_pass(pytester, monkeypatch, page):
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    blocks = re.findall(
        r"^```python\n(.*?)^```$", (PAGES / page).read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    pytester.makepyprojecttoml('[tool.maint.zmq]\nleaks = "error"\n')
    pytester.makepyfile("\n\n".join(blocks))
    result = pytester.runpytest_inprocess("-p", "pytest_maint.plugin")
    result.assert_outcomes(passed="\n".join(blocks).count("def test_"))
