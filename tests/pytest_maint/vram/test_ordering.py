"""Under xdist, tests with budgets come first and the largest of them before the others; nobody else moves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fake_nvml import GiB, Gpu

from pytest_maint.vram.ordering import largest_first
from pytest_maint.vram.workers import at_most

SUITE = """
import pytest

def test_plain_1(): pass

@pytest.mark.vram_budget("1GiB")
def test_small(): pass

@pytest.mark.vram_budget("5GiB")
def test_large(): pass

def test_plain_2(): pass

@pytest.mark.vram_budget("5GiB")
def test_large_too(): pass

@pytest.mark.vram_budget("1GiB", exclusive=True)
def test_whole(): pass
"""

SHARED = """
import pytest

@pytest.fixture(scope="module", params=["a", "b"])
def model(request): return request.param

@pytest.mark.vram_budget("1GiB")
def test_one(model): pass

@pytest.mark.vram_budget("4GiB")
def test_two(model): pass

@pytest.mark.vram_budget("2GiB")
def test_three(): pass
"""


def ordered(pytester: pytest.Pytester, source: str) -> list[str]:
    """The names of the tests of ``source`` in the new order."""
    items = pytester.getitems(source)
    return [item.name for item in largest_first(items)]


def test_largest_first_and_everything_else_as_it_was(pytester: pytest.Pytester) -> None:
    names = ["test_whole", "test_large", "test_large_too", "test_small", "test_plain_1", "test_plain_2"]
    assert ordered(pytester, SUITE) == names


def test_tests_on_one_value_of_a_wider_fixture_stay_together(pytester: pytest.Pytester) -> None:
    names = ["test_one[a]", "test_two[a]", "test_one[b]", "test_two[b]", "test_three"]
    assert ordered(pytester, SHARED) == names


def test_a_suite_without_budgets_keeps_its_order(pytester: pytest.Pytester) -> None:
    assert ordered(pytester, "def test_b(): pass\ndef test_a(): pass\n") == ["test_b", "test_a"]


def test_workers_order_alike_and_a_serial_session_does_not(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    pytester.makepyfile(SUITE)
    pytester.makeconftest("""
import pytest

@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session):
    if hasattr(session.config, "workerinput"):
        with open(session.config.rootpath / session.config.workerinput["workerid"], "w") as file:
            file.write(" ".join(item.name for item in session.items))
""")
    pytester.runpytest_subprocess("-n2")
    expected = "test_whole test_large test_large_too test_small test_plain_1 test_plain_2"
    assert [(pytester.path / name).read_text() for name in ("gw0", "gw1")] == [expected, expected]
    serial = pytester.runpytest_inprocess("--collect-only", "-q").stdout.str()
    assert serial.index("test_plain_1") < serial.index("test_small") < serial.index("test_large")


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("default = '6GiB'", 3),
        ("default = '6GiB'\nreserve = '7GiB'", 2),
        ("default = '90GiB'", 1),
        ("default = '1MiB'", 8),
        ("default = '6GiB'\nmode = 'off'", 8),
        ("reserve = '1GiB'", 8),
    ],
)
def test_auto_is_as_many_workers_as_budgets_fit(
    pytester: pytest.Pytester,
    fake_driver: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    table: str,
    expected: int,
) -> None:
    for name in ("CUDA_VISIBLE_DEVICES", "PYTEST_XDIST_AUTO_NUM_WORKERS"):
        monkeypatch.delenv(name, raising=False)
    fake_driver(devices=[Gpu(total=20 * GiB)])
    pytester.makepyprojecttoml(f"[tool.maint.vram]\n{table}\n")
    config = pytester.parseconfig()
    assert at_most(config, 8) == expected


def test_auto_adds_up_the_cards_that_cuda_shows_and_heeds_the_users_number(
    pytester: pytest.Pytester, fake_driver: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = fake_driver(devices=[Gpu(total=20 * GiB)] * 3)
    pytester.makepyprojecttoml("[tool.maint.vram]\ndefault = '9GiB'\n")
    config = pytester.parseconfig()
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", f"2,{driver[0].uuid}")
    monkeypatch.delenv("PYTEST_XDIST_AUTO_NUM_WORKERS", raising=False)
    assert at_most(config, 8) == 4
    monkeypatch.setenv("PYTEST_XDIST_AUTO_NUM_WORKERS", "8")
    assert at_most(config, 8) == 8


def test_auto_on_the_command_line_is_bounded_by_the_card(
    pytester: pytest.Pytester, fake_driver: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CUDA_VISIBLE_DEVICES", "PYTEST_XDIST_AUTO_NUM_WORKERS"):
        monkeypatch.delenv(name, raising=False)
    fake_driver(devices=[Gpu(total=20 * GiB)])
    pytester.makepyprojecttoml("[tool.maint.vram]\ndefault = '19GiB'\n")
    pytester.makeconftest("def pytest_xdist_auto_num_workers(config): return 2\n")
    pytester.makepyfile("def test_a(): pass\n")
    result = pytester.runpytest_subprocess("-nauto")
    result.stdout.fnmatch_lines(["created: 1/1 worker"])
