"""Cache folders and their locks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from maint.baseline import lock
from maint.errors import BaselineError


def test_the_cache_is_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert lock.cache_root(tmp_path / "repo") == tmp_path / "cache/pytest-maint/trees"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert lock.cache_root(tmp_path / "repo") == tmp_path / "home/.cache/pytest-maint/trees"


def test_an_unusable_cache_falls_back_to_the_temp_dir(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    expected = tmp_path / "tmp" / f"pytest-maint-{os.getuid()}" / "trees"
    assert lock.cache_root(tmp_path / "repo") == expected
    assert expected.stat().st_mode & 0o077 == 0


def test_a_cache_inside_the_repository_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "repo/.cache"))
    assert lock.cache_root(tmp_path / "repo").is_relative_to(tmp_path / "tmp")
    with pytest.raises(BaselineError, match="set XDG_CACHE_HOME"):
        lock.cache_root(tmp_path)


def test_a_lock_is_exclusive_until_released(tmp_path: Path) -> None:
    with lock.held(tmp_path / "x") as first, lock.held(tmp_path / "x") as second:
        assert (first, second) == (True, False)
    with lock.held(tmp_path / "x") as third:
        assert third
    assert list(tmp_path.iterdir()) == []


def test_a_lock_dies_with_its_process_not_with_its_children(tmp_path: Path) -> None:
    code = (
        "import os, subprocess, sys; from pathlib import Path; from maint.baseline import lock\n"
        "with lock.held(Path(sys.argv[1])):\n"
        "    child = subprocess.Popen([sys.executable, '-c', 'import sys; sys.stdin.read()'], "
        "stdin=int(sys.argv[2]), stdout=subprocess.DEVNULL)\n"
        "    print(child.pid, flush=True); os.kill(os.getpid(), 9)\n"
    )
    read, write = os.pipe()
    argv = [sys.executable, "-c", code, str(tmp_path / "x"), str(read)]
    done = subprocess.run(argv, stdout=subprocess.PIPE, pass_fds=[read], check=False, text=True, timeout=30)
    os.close(read)
    assert done.returncode == -9
    os.kill(int(done.stdout), 0)
    with lock.held(tmp_path / "x") as mine:
        assert mine
    os.close(write)


def test_a_folder_starts_empty_and_the_next_number_is_taken_while_in_use(tmp_path: Path) -> None:
    (tmp_path / "shelf/k-0").mkdir(parents=True)
    (tmp_path / "shelf/k-0/rest").touch()
    with lock.folder(tmp_path / "shelf", "k") as one, lock.folder(tmp_path / "shelf", "k") as two:
        assert (one.name, two.name) == ("k-0", "k-1")
        assert list(one.iterdir()) == []
    assert not (tmp_path / "shelf").exists()


def test_read_only_folders_are_removed_too(tmp_path: Path) -> None:
    inner = tmp_path / "x/y"
    inner.mkdir(parents=True)
    (inner / "f").touch()
    inner.chmod(0o500)
    (tmp_path / "x").chmod(0o500)
    lock.remove_tree(tmp_path / "x")
    assert not (tmp_path / "x").exists()
