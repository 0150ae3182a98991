"""Changed lines as git has them, whatever the files and lines look like."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from maint.coverage.changes import changed_lines, parse_diff, renames
from maint.errors import BaselineError

if TYPE_CHECKING:
    from tests.maint.conftest import Checkout


def lines(*numbers: int) -> frozenset[int]:
    return frozenset(numbers)


def test_committed_staged_unstaged_and_untracked_lines_all_count(checkout: Checkout) -> None:
    base = checkout.commit({"a.py": "1\n2\n3\n", "b.py": "1\n2\n", "c.py": "1\n"})
    checkout.commit({"a.py": "1\nX\n3\n"})
    checkout.write({"b.py": "1\n2\nstaged\n"})
    checkout.git("add", "b.py")
    checkout.write({"c.py": "unstaged\n1\n", "new/d.py": "1\n2\n"})
    assert changed_lines(checkout.top, base) == {
        "a.py": lines(2),
        "b.py": lines(3),
        "c.py": lines(1),
        "new/d.py": lines(1, 2),
    }


def test_a_renamed_file_has_the_lines_that_changed(checkout: Checkout) -> None:
    text = "".join(f"line {number}\n" for number in range(30))
    base = checkout.commit({"old.py": text})
    checkout.git("mv", "old.py", "new.py")
    checkout.write({"new.py": text + "one more\n"})
    assert changed_lines(checkout.top, base) == {"new.py": lines(31)}
    assert renames(checkout.top, base) == {"new.py": "old.py"}


def test_paths_are_relative_to_a_root_below_the_top(checkout: Checkout) -> None:
    base = checkout.commit({"lib/a.py": "1\n", "outside.py": "1\n"})
    checkout.commit({"lib/a.py": "1\n2\n", "outside.py": "1\n2\n"})
    assert changed_lines(checkout.top / "lib", base) == {"a.py": lines(2)}


def test_added_lines_that_read_like_a_diff_are_lines(checkout: Checkout) -> None:
    between = "1\n2\n3\n"
    base = checkout.commit({"a.py": between, "b.py": "y\n"})
    checkout.commit({"a.py": f"++ b/b.py\n@@ -1 +50,9 @@\n-- a/b.py\n{between}last\n"})
    assert changed_lines(checkout.top, base) == {"a.py": lines(1, 2, 3, 7)}


def test_files_without_a_final_newline(checkout: Checkout) -> None:
    base = checkout.commit({"a.py": "1\n2", "b.py": "1\n"})
    checkout.commit({"a.py": "1\nX", "b.py": "1\n2"})
    checkout.write({"c.py": "1\n2"})
    assert changed_lines(checkout.top, base) == {"a.py": lines(2), "b.py": lines(2), "c.py": lines(1, 2)}


@pytest.mark.parametrize(
    "name", ["with space.py", 'quo"te.py', "tab\there.py", "back\\slash.py", "ümläut.py"]
)
def test_names_are_read_as_git_quotes_them(checkout: Checkout, name: str) -> None:
    base = checkout.commit({name: "1\n"})
    checkout.commit({name: "1\n2\n"})
    assert changed_lines(checkout.top, base) == {name: lines(2)}


def test_the_users_diff_settings_do_not_matter(checkout: Checkout) -> None:
    base = checkout.commit({"a.py": "1\n"})
    checkout.commit({"a.py": "1\n2\n"})
    for setting, value in (
        ("diff.noprefix", "true"),
        ("diff.mnemonicPrefix", "true"),
        ("color.diff", "always"),
        ("diff.external", "false"),
        ("diff.interHunkContext", "9"),
    ):
        checkout.git("config", setting, value)
    assert changed_lines(checkout.top, base) == {"a.py": lines(2)}


def test_removed_lines_and_deleted_files_change_nothing(checkout: Checkout) -> None:
    base = checkout.commit({"a.py": "1\n2\n3\n", "b.py": "1\n"})
    (checkout.top / "b.py").unlink()
    checkout.write({"a.py": "1\n3\n"})
    assert changed_lines(checkout.top, base) == {}


def test_an_unknown_commit_is_refused(checkout: Checkout) -> None:
    checkout.commit({"a.py": "1\n"})
    with pytest.raises(BaselineError):
        changed_lines(checkout.top, "0" * 40)


def test_an_empty_diff_has_no_lines() -> None:
    assert parse_diff("") == {}


def test_a_folder_without_git_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BaselineError):
        changed_lines(tmp_path, "HEAD")
