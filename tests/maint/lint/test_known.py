"""What a run means for its baseline: whatever happened to the files, it only shrinks."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maint.lint.baseline import Baseline, Entry, line_digest, numbered
from maint.lint.findings import entries
from maint.lint.known import judge, shrunk
from maint.lint.run import Found, Result
from maint.lint.settings import Settings
from maint.lint.violation import Violation

EXCEPT = line_digest("except Exception:")
PATHS = ("a.py", "b.py", "x/a.py", "x/b.py", "y/a.py")


def found(path: str, symbol: str, code: str = "E900") -> Found:
    return Found(path, Violation(code, 1, 1, 1, 7, "m", symbol), "" if code == "MNT020" else EXCEPT)


findings = st.lists(
    st.builds(found, st.sampled_from(PATHS), st.sampled_from("fg"), st.sampled_from(["E900", "MNT010"])),
    max_size=8,
)


@pytest.fixture(scope="module")
def nowhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("nowhere")


@given(
    before=findings,
    here=findings,
    gone=st.sets(st.sampled_from(PATHS)),
    whole=st.booleans(),
    select=st.sampled_from([(), ("E900",), ("MNT010",)]),
)
def test_an_update_never_grows(
    nowhere: Path,
    before: list[Found],
    here: list[Found],
    gone: set[str],
    whole: bool,
    select: tuple[str, ...],
) -> None:
    settings = Settings({"select": select})
    shown = sorted(one for one in here if one.path not in gone and settings.is_on(one.violation.code))
    baseline = Baseline(entries(before), lambda path: path not in gone)
    verdict = judge(shown, baseline)
    result = Result(sorted({one.path for one in shown}), shown, [])
    after = shrunk(verdict, baseline, result, settings, nowhere, whole)
    assert len(after) <= len(before)
    assert len(verdict.new) == len(shown) - len(verdict.kept)
    assert len(verdict.kept) <= len(before)


def test_a_known_backup_file_stays_one_entry(nowhere: Path) -> None:
    (nowhere / "core.py.bak").touch()
    shown = [found("core.py.bak", "", "MNT020")]
    baseline = Baseline(entries(shown), lambda path: True)
    after = shrunk(judge(shown, baseline), baseline, Result([], shown, []), Settings(), nowhere, whole=True)
    assert after == [Entry("core.py.bak", "MNT020", "", "")]


def test_a_part_of_the_project_takes_over_a_renamed_file(nowhere: Path) -> None:
    known = [found("old.py", "f"), found("old.py", "g", "MNT010"), found("old.py", "h")]
    shown = [found("x/old.py", "f")]
    baseline = Baseline(entries(known), lambda path: path != "old.py")
    settings = Settings({"select": ("E900",)})
    after = shrunk(
        judge(shown, baseline), baseline, Result(["x/old.py"], shown, []), settings, nowhere, False
    )
    # what is fixed is gone, what was not asked for moved with the file
    assert after == sorted(numbered([*entries(shown), Entry("x/old.py", "MNT010", "g", EXCEPT)]))
