"""The baseline: what is known when lines move, functions and files get new names, and code is copied."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maint.errors import InputError
from maint.lint.baseline import Baseline, Entry, line_digest, new_in_file, numbered, read, text
from maint.lint.violation import Violation

EXCEPT = line_digest("except Exception:")


def entry(path: str = "a.py", symbol: str = "f", code: str = "E900", digest: str = EXCEPT) -> Entry:
    return Entry(path, code, symbol, digest)


def known(here: list[Entry], before: list[Entry]) -> list[bool]:
    return Baseline(numbered(before), lambda path: True).knows(here)


def test_a_finding_is_known_wherever_its_line_went() -> None:
    assert known([entry()], [entry()]) == [True]


def test_indentation_and_spacing_do_not_matter() -> None:
    assert line_digest("        except  Exception:\n") == EXCEPT


def test_a_second_one_in_the_same_function_is_new() -> None:
    assert known([entry(), entry()], [entry()]) == [True, False]


def test_one_in_another_function_is_new() -> None:
    assert known([entry(), entry(symbol="g")], [entry()]) == [True, False]


def test_a_renamed_function_keeps_its_findings() -> None:
    assert known([entry(symbol="new")], [entry(symbol="old")]) == [True]


def test_another_code_at_the_same_line_is_new() -> None:
    assert known([entry(code="MNT010")], [entry()]) == [False]


def alone(here: list[Entry], before: list[Entry], gone: tuple[str, ...] = ()) -> list[bool]:
    """What is known to a caller that sees one file at a time, as flake8 does."""
    baseline = Baseline(numbered(before), lambda path: path not in gone)
    return baseline.knows(here, baseline.former(here))


def test_alone_a_moved_file_keeps_its_findings() -> None:
    before = [entry("x/one.py", "f"), entry("x/two.py", "f"), entry("x/two.py", "g")]
    here = [entry("y/two.py", "f"), entry("y/two.py", "g")]
    assert alone(here, before, gone=("x/one.py", "x/two.py")) == [True, True]


def test_alone_a_file_of_another_name_or_with_another_finding_is_new() -> None:
    before = [entry("x/a.py", "f")]
    assert alone([entry("x/b.py", "f")], before, gone=("x/a.py",)) == [False]
    assert alone([entry("y/a.py", "f"), entry("y/a.py", "g")], before, gone=("x/a.py",)) == [False, False]


def test_a_copied_file_is_new() -> None:
    assert alone([entry("copy/a.py")], [entry("a.py")]) == [False]


entries = st.lists(
    st.builds(entry, path=st.just("a.py"), symbol=st.sampled_from("fg"), code=st.sampled_from(["E900", "M"]))
)


@given(entries)
def test_what_was_written_is_known(before: list[Entry]) -> None:
    assert all(known(before, before))


@given(entries, entries)
def test_no_more_is_known_than_was_written(before: list[Entry], here: list[Entry]) -> None:
    assert sum(known(here, before)) <= len(before)


@given(st.lists(st.builds(Entry, st.text(), st.text(), st.text(), st.text(), st.just(0))))
def test_the_file_says_what_was_put_in(tmp_path_factory: pytest.TempPathFactory, before: list[Entry]) -> None:
    path = tmp_path_factory.mktemp("baseline") / "file.jsonl"
    path.write_text(text(numbered(before)), encoding="utf-8")
    assert read(path) == sorted(numbered(before))


def test_each_entry_has_a_sorted_line_of_its_own() -> None:
    shown = text(numbered([entry("b.py"), entry("a.py"), entry("a.py")])).splitlines()
    assert shown[1:] == sorted(shown[1:])
    assert len(set(shown)) == 4


def test_a_union_merge_of_two_branches_counts_an_entry_once(tmp_path: Path) -> None:
    path = tmp_path / "file.jsonl"
    lines = text([entry()])
    path.write_text(lines + lines, encoding="utf-8")
    assert read(path) == [entry()]


@pytest.mark.parametrize(
    "line", ["<<<<<<< HEAD", "{}", '["a.py", "E900"]', '["a.py", "E900", "f", "0", "x"]']
)
def test_a_line_that_is_no_entry_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "file.jsonl"
    path.write_text(text([entry()]) + line + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"file\.jsonl:3: not an entry .*; resolve the merge conflict"):
        read(path)


def test_a_missing_file_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no baseline; write one with: maint lint --baseline --add"):
        read(tmp_path / "file.jsonl")


def test_under_flake8_a_suppressed_finding_does_not_use_up_a_known_one() -> None:
    lines = ["except Exception:  # noqa: E900\n", "except Exception:\n"]
    found = [Violation("E900", number, 1, number, 7, "m", "f") for number in (1, 2)]
    baseline = Baseline([entry()], lambda path: True)
    assert new_in_file(found, lines, "a.py", baseline) == []
    assert [one.line for one in new_in_file(found, ["x\n", *lines[1:]], "a.py", baseline)] == [1]


def test_another_prefix_does_not_make_a_known_finding_new() -> None:
    found = [Violation("MNT900", 1, 1, 1, 7, "m", "f")]
    assert new_in_file(found, ["except Exception:\n"], "a.py", Baseline([entry()], lambda path: True)) == []
