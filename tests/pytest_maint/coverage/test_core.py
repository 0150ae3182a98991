"""Which tracer measures: fast where that is complete, and never one that coverage would warn of."""

from __future__ import annotations

import pytest

from maint.errors import ConfigError
from pytest_maint.coverage.core import Conditions, chosen_core

PYTHONS = [(3, 11), (3, 12), (3, 13), (3, 14)]
LINES = Conditions(python=(3, 12))
INCOMPLETE = [
    Conditions(python=(3, 11)),
    Conditions(python=(3, 13), branch=True),
    Conditions(python=(3, 14), contexts=True),
    Conditions(python=(3, 14), plugins=True),
    Conditions(python=(3, 14), concurrency=frozenset({"thread", "gevent"})),
]


@pytest.mark.parametrize("python", PYTHONS[1:])
def test_lines_are_measured_by_sys_monitoring_where_there_is_one(python: tuple[int, int]) -> None:
    assert chosen_core("auto", Conditions(python=python)) == "sysmon"


@pytest.mark.parametrize("python", PYTHONS)
def test_branches_are_measured_by_the_c_tracer(python: tuple[int, int]) -> None:
    assert chosen_core("auto", Conditions(python=python, branch=True)) == "ctrace"


@pytest.mark.parametrize("conditions", INCOMPLETE)
def test_what_sys_monitoring_would_miss_is_left_to_the_c_tracer(conditions: Conditions) -> None:
    assert chosen_core("auto", conditions) == "ctrace"
    assert chosen_core("auto", conditions._replace(configured="sysmon")) == "ctrace"


@pytest.mark.parametrize("conditions", INCOMPLETE)
def test_sys_monitoring_by_name_is_refused_where_it_would_miss_something(conditions: Conditions) -> None:
    with pytest.raises(ConfigError, match=r"'sysmon': .+; leave it at auto"):
        chosen_core("sysmon", conditions)


def test_without_the_c_tracer_the_python_one_measures() -> None:
    built = Conditions(python=(3, 11), has_c_tracer=False)
    assert chosen_core("auto", built) == "pytrace"
    assert chosen_core("ctrace", built) == "pytrace"
    assert chosen_core("auto", built._replace(configured="ctrace")) == "pytrace"


@pytest.mark.parametrize("core", ["ctrace", "pytrace", "sysmon"])
def test_the_core_of_coverages_own_settings_is_kept_where_it_can_measure(core: str) -> None:
    assert chosen_core("auto", LINES._replace(configured=core)) == core


@pytest.mark.parametrize("core", ["ctrace", "pytrace", "sysmon"])
def test_a_core_by_name_is_taken(core: str) -> None:
    assert chosen_core(core, LINES._replace(configured="pytrace")) == core
