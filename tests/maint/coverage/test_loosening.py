"""A committed baseline that was loosened by hand does not go unseen."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import msgspec
import pytest

from maint.coverage.baseline import Baseline, Row, Waiver
from maint.coverage.counts import Counts
from maint.coverage.lines import formatted
from maint.coverage.loosening import loosened, loosened_since
from maint.coverage.settings import CoverageSettings
from maint.errors import BaselineError, ConfigError

from .conftest import HERE, baseline, share

if TYPE_CHECKING:
    from tests.maint.conftest import Checkout

WAS = baseline(a=(100, 10), b=(100, 10))
WAIVER = Waiver(
    path="src/a.py", key=HERE.key, counts=Counts(100, 20), until=date(2027, 1, 1), reason="the importer"
)


def found(new: Baseline, present: set[str] | None = None, **renames: str) -> list[str | None]:
    there = {"src/a.py", "src/b.py"} if present is None else present
    moved = {f"src/{after}.py": f"src/{before}.py" for after, before in renames.items()}
    findings = loosened(WAS, new, present=there, renames=moved, ref="main")
    assert {finding.code for finding in findings} <= {"COV012"}
    return [finding.location.path for finding in findings]


def test_the_same_and_a_tighter_baseline_pass() -> None:
    assert found(WAS) == []
    assert found(baseline(a=(100, 9), b=(200, 12), c=(5, 5))) == []


def test_a_lower_share_is_found() -> None:
    assert found(baseline(a=(100, 11), b=(100, 10))) == ["src/a.py"]


def test_smaller_counts_with_the_old_share_kept_pass() -> None:
    assert found(baseline(a=Row(Counts(50, 10), share(90, 100)), b=(100, 10))) == []


def test_a_row_taken_out_is_found_unless_its_file_is_gone() -> None:
    assert found(baseline(a=(100, 10))) == ["src/b.py"]
    assert found(baseline(a=(100, 10)), present={"src/a.py"}) == []
    assert found(Baseline()) == ["src/a.py", "src/b.py"]


def test_a_renamed_file_must_keep_its_row() -> None:
    assert found(baseline(a=(100, 10), c=(100, 10)), {"src/a.py"}, c="b") == []
    assert found(baseline(a=(100, 10), c=(100, 11)), {"src/a.py"}, c="b") == ["src/c.py"]


def test_a_recorded_exception_is_the_reason_asked_for() -> None:
    lowered = msgspec.structs.replace(baseline(a=(100, 20), b=(100, 10)), waivers=(WAIVER,))
    assert found(lowered) == []


def test_an_environment_that_was_pinned_anew_is_not_compared_and_that_is_said() -> None:
    newer = msgspec.structs.replace(HERE, coverage="8.0")
    looser = baseline(newer, a=(100, 50), b=(100, 50))
    (finding,) = loosened(WAS, looser, present={"src/a.py", "src/b.py"}, renames={}, ref="main")
    assert (finding.code, finding.severity) == ("COV090", "medium")
    assert "pinned anew (coverage 8.0 instead of 7.17.3)" in finding.message


def test_an_environment_added_beside_the_old_one_hides_nothing() -> None:
    newer = msgspec.structs.replace(HERE, coverage="8.0")
    looser = baseline(a=(100, 50), b=(100, 10))
    both = msgspec.structs.replace(looser, environments=(HERE, newer))
    assert found(both) == ["src/a.py"]


def test_a_baseline_outside_the_repository_is_refused(checkout: Checkout) -> None:
    checkout.commit({"src/a.py": ""})
    with pytest.raises(ConfigError, match="not in the repository"):
        loosened_since(checkout.top, CoverageSettings(baseline="../coverage.txt"), WAS, "main")


def test_it_is_compared_with_where_the_branch_began(checkout: Checkout) -> None:
    settings = CoverageSettings()
    files = {"src/a.py": "", "src/b.py": "", settings.baseline: formatted(WAS)}
    checkout.commit(files)
    checkout.git("switch", "--quiet", "--create", "topic")
    looser = baseline(a=(100, 30), b=(100, 10))
    checkout.commit({settings.baseline: formatted(looser)})
    (finding,) = loosened_since(checkout.top, settings, looser, "main")
    assert finding.message == (
        "src/a.py: the baseline demands 70.00 %, at main 90.00 %; restore the line, or record why: "
        "maint coverage lower; COV012"
    )
    assert loosened_since(checkout.top, settings, WAS, "main") == []


def test_a_project_that_had_no_baseline_then_has_loosened_nothing(checkout: Checkout) -> None:
    checkout.commit({"src/a.py": ""})
    assert loosened_since(checkout.top, CoverageSettings(), WAS, "main") == []


def test_an_unknown_ref_is_refused(checkout: Checkout) -> None:
    checkout.commit({"src/a.py": ""})
    with pytest.raises(BaselineError, match="no such branch"):
        loosened_since(checkout.top, CoverageSettings(), WAS, "nowhere")
