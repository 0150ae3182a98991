"""What the verdict depends on besides the numbers: the date, the baseline file, renames."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from maint.coverage.assess import assess, load, store, today
from maint.coverage.judgement import Status
from maint.coverage.settings import CoverageSettings
from maint.errors import ConfigError, InputError, MaintError

from .conftest import baseline, codes, file, measured

if TYPE_CHECKING:
    from tests.maint.conftest import Checkout

SETTINGS = CoverageSettings()


def test_the_date_is_that_of_the_commit(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2024-02-29T23:59:59+00:00")
    checkout.commit({"a.py": ""})
    assert today(checkout.top, {}) == date(2024, 2, 29)


def test_source_date_epoch_goes_first(checkout: Checkout) -> None:
    checkout.commit({"a.py": ""})
    assert today(checkout.top, {"SOURCE_DATE_EPOCH": "0"}) == date(1970, 1, 1)


def test_without_a_commit_the_clock_decides(tmp_path: Path) -> None:
    before = datetime.now(UTC).date()
    assert before <= today(tmp_path, {}) <= datetime.now(UTC).date()


@pytest.mark.parametrize("epoch", ["yesterday", "-1", "9" * 30])
def test_an_epoch_that_is_no_number_is_refused(tmp_path: Path, epoch: str) -> None:
    with pytest.raises(ConfigError, match="SOURCE_DATE_EPOCH"):
        today(tmp_path, {"SOURCE_DATE_EPOCH": epoch})


def test_a_file_renamed_since_the_baseline_was_written_keeps_its_floor(checkout: Checkout) -> None:
    text = "".join(f"x{number} = {number}\n" for number in range(30))
    checkout.commit({"src/a.py": text})
    store(checkout.top, SETTINGS, baseline(a=(30, 0)))
    checkout.commit({})
    checkout.git("mv", "src/a.py", "src/b.py")
    judgement = assess(measured(b=file(30, 3)), checkout.top, SETTINGS)
    assert [(one.path, one.old_path, one.status) for one in judgement.files] == [
        ("src/b.py", "src/a.py", Status.FELL)
    ]
    checkout.commit({})
    assert codes(assess(measured(b=file(30, 3)), checkout.top, SETTINGS)) == ["COV002", "COV001"]
    assert codes(assess(measured(b=file(30, 0)), checkout.top, SETTINGS)) == []


def test_without_git_all_but_renames_and_patch_work(tmp_path: Path) -> None:
    store(tmp_path, SETTINGS, baseline(a=(30, 0)))
    assert codes(assess(measured(a=file(30, 3)), tmp_path, SETTINGS)) == ["COV002", "COV001"]


def test_storing_the_same_again_changes_nothing(tmp_path: Path) -> None:
    assert store(tmp_path, SETTINGS, baseline(a=(30, 0)))
    assert not store(tmp_path, SETTINGS, baseline(a=(30, 0)))
    assert load(tmp_path, SETTINGS) == baseline(a=(30, 0))


def test_no_baseline_is_none_and_an_unreadable_one_is_said(tmp_path: Path) -> None:
    assert load(tmp_path, SETTINGS) is None
    (tmp_path / ".maint").mkdir()
    path = tmp_path / SETTINGS.baseline
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="not UTF-8"):
        load(tmp_path, SETTINGS)
    path.unlink()
    path.mkdir()
    with pytest.raises(InputError, match="is a directory"):
        load(tmp_path, SETTINGS)


def test_a_baseline_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / ".maint").write_text("")
    with pytest.raises(MaintError, match="cannot be written"):
        store(tmp_path, SETTINGS, baseline(a=(30, 0)))
