"""Benchmarks that only the baseline has are found by reading both versions of a file."""

from __future__ import annotations

import pytest

from maint.regression.comparison import Verdict
from maint.regression.removed import benchmark_names, removed_rows

SOURCE = """
import pytest

def test_plain(benchmark): ...
def test_other(tmp_path): ...
async def test_async(*, benchmark): ...
def helper(benchmark): ...

class TestX:
    class TestY:
        def test_inner(self, benchmark_weave): ...
    def test_method(self, benchmark): ...
"""


def test_names_are_qualified_as_in_node_ids() -> None:
    expected = {"test_plain", "test_async", "TestX::TestY::test_inner", "TestX::test_method"}
    assert benchmark_names(SOURCE) == expected


def test_the_configured_prefixes_count() -> None:
    assert benchmark_names("def bench_a(benchmark): ...", ("test", "bench_*")) == {"bench_a"}
    assert benchmark_names("def bench_a(benchmark): ...") == set()


@pytest.mark.parametrize("broken", ["def f(:", "\0"])
def test_a_file_that_does_not_parse_has_none(broken: str) -> None:
    assert benchmark_names(broken) == set()


def test_what_head_lacks_is_removed_and_nothing_else() -> None:
    head = SOURCE.replace("def test_plain(benchmark)", "def test_plain(tmp_path)")
    rows = removed_rows({"tests/test_a.py": (SOURCE, head), "tests/test_b.py": ("", SOURCE)})
    assert [(row.name, row.status) for row in rows] == [("tests/test_a.py::test_plain", Verdict.REMOVED)]
