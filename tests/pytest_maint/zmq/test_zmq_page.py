"""The examples of the how-to page on testing ZeroMQ code run as they are printed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "zmq.md"


def test_the_examples_of_the_page_pass(session: Callable) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    source = "\n\n".join(blocks)
    result = session(source, "--maint-zmq", "-W", "error")
    assert result.code == 0, result.output
    assert f"{source.count('def test_')} passed" in result.output
    assert result.findings == {}
