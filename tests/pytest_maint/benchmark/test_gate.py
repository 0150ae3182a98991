"""The gate as its user meets it: real commits, real processes, real verdicts."""

from __future__ import annotations

import pytest

PACKAGE = """
def parse(n):
    return sum(i * i for i in range({parse}))

def render(n):
    return "".join(str(i) for i in range({render}))

def lookup(n):
    return n in {{1, 2, 3}}
"""
TESTS = """
import pkg

def test_parse(benchmark):
    benchmark(pkg.parse, 1)

def test_render(benchmark):
    benchmark(pkg.render, 1)

def test_lookup(benchmark):
    assert benchmark(pkg.lookup, 1) is True

def test_without_a_benchmark():
    assert pkg.lookup(5) is False
"""


@pytest.fixture
def project(project):
    project.write({"pkg/__init__.py": PACKAGE.format(parse=1000, render=500), "tests/test_pkg.py": TESTS})
    project.commit("good")
    return project


def test_a_real_slow_down_fails_the_run_and_nothing_else_does(project) -> None:
    project.write({"pkg/__init__.py": PACKAGE.format(parse=1800, render=500)})
    project.commit("slow", branch="head")
    result = project.gate()
    assert result.code == 1, result.output
    assert result.status("test_parse") == "CRITICAL"
    assert result.status("test_lookup") == "PASS"
    assert result.status("test_render") == "PASS"
    assert 60 < result.row("test_parse")["change_pct"] < 110
    assert "1 failed, 3 passed" in result.output
