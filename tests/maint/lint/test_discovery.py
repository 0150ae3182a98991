"""Which files are looked at, and that each of the others is named with the reason."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from maint.errors import InputError
from maint.lint import discovery
from maint.lint.discovery import Skipped, discover, read


def write(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n", encoding="utf-8")


def test_a_folder_is_searched_whether_or_not_its_folders_are_packages(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "deep/er/b.py", "pkg/__init__.py", "pkg/c.pyw", "notes.txt", "stub.pyi")
    found = discover(tmp_path, [tmp_path])
    assert found.files == ["a.py", "deep/er/b.py", "pkg/__init__.py", "pkg/c.pyw"]
    assert found.others == ["notes.txt", "stub.pyi"]
    assert found.skipped == []


def test_a_script_is_known_by_its_first_line(tmp_path: Path) -> None:
    (tmp_path / "tool").write_text("#!/usr/bin/env python3\n", encoding="utf-8")
    (tmp_path / "shell").write_text("#!/bin/sh\n# python\n", encoding="utf-8")
    (tmp_path / "empty").touch()
    assert discover(tmp_path, [tmp_path]).files == ["tool"]


def test_a_named_file_is_looked_at_whatever_it_is_called(tmp_path: Path) -> None:
    write(tmp_path, "template.py.in")
    assert discover(tmp_path, [tmp_path / "template.py.in"]).files == ["template.py.in"]


def test_what_package_managers_fill_is_left_out(tmp_path: Path) -> None:
    write(
        tmp_path, "a.py", "node_modules/b.py", ".tox/c.py", "__pycache__/d.py", "x.egg/e.py", "env/lib/f.py"
    )
    (tmp_path / "env" / "pyvenv.cfg").touch()
    assert discover(tmp_path, [tmp_path]).files == ["a.py"]


def test_in_a_repository_git_says_what_belongs_to_it(checkout) -> None:
    checkout.commit({"a.py": "", "old.py": "", ".gitignore": "build/\n"})
    checkout.write({"new.py": "", "build/b.py": "", "näme mit\nZeile.py": ""})
    (checkout.top / "old.py").unlink()
    assert discover(checkout.top, [checkout.top]).files == ["a.py", "new.py", "näme mit\nZeile.py"]


def test_a_nested_repository_is_named(checkout, make_checkout) -> None:
    checkout.commit({"a.py": ""})
    inner = make_checkout("prøjekt mit Lücke/vendor")
    inner.commit({"c.py": ""})
    found = discover(checkout.top, [checkout.top])
    assert found.files == ["a.py"]
    assert found.skipped == [Skipped("vendor", "a repository of its own: run there")]


def test_an_ignored_folder_is_searched_when_it_is_named(checkout) -> None:
    checkout.commit({"a.py": "", ".gitignore": "build/\n"})
    checkout.write({"build/b.py": ""})
    assert discover(checkout.top, [checkout.top]).files == ["a.py"]
    assert discover(checkout.top, [checkout.top / "build"]).files == ["build/b.py"]


def test_each_path_counts_once_however_often_it_is_given(tmp_path: Path) -> None:
    write(tmp_path, "p/a.py")
    assert discover(tmp_path, [tmp_path, tmp_path / "p", tmp_path / "p" / "a.py"]).files == ["p/a.py"]


def test_a_file_outside_the_root_has_an_absolute_path(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "root/b.py")
    assert discover(tmp_path / "root", [tmp_path / "a.py"]).files == [str(tmp_path / "a.py")]


def test_a_link_above_the_project_changes_no_path(tmp_path: Path) -> None:
    write(tmp_path, "real/p/a.py")
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    assert discover(tmp_path / "real", [tmp_path / "link" / "p"]).files == ["p/a.py"]


def test_links_that_lead_nowhere_and_odd_files_are_skipped(tmp_path: Path) -> None:
    write(tmp_path, "a.py")
    (tmp_path / "loop.py").symlink_to("loop.py")
    (tmp_path / "gone.py").symlink_to("nothing.py")
    (tmp_path / "again.py").symlink_to("a.py")
    (tmp_path / "folder").symlink_to(tmp_path, target_is_directory=True)
    os.mkfifo(tmp_path / "pipe.py")
    found = discover(tmp_path, [tmp_path])
    assert found.files == ["a.py", "again.py"]
    assert dict(found.skipped) == {
        "loop.py": "a broken or circular symbolic link",
        "gone.py": "a broken or circular symbolic link",
        "folder": "a symbolic link to a folder",
        "pipe.py": "not a regular file",
    }


def test_a_file_that_is_too_large_is_skipped_with_both_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "SIZE_LIMIT", 1_000)
    (tmp_path / "data.py").write_bytes(b"#" * 1_234)
    reason = "too large: 1,234 bytes, read are files up to 1,000"
    assert discover(tmp_path, [tmp_path]).skipped == [Skipped("data.py", reason)]


def test_a_path_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file or folder"):
        discover(tmp_path, [tmp_path / "nothing"])


def test_a_file_that_vanished_meanwhile_has_a_reason(tmp_path: Path) -> None:
    assert read(tmp_path, "gone.py") == "cannot be read: no such file or directory"
