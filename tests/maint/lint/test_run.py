"""A run: the same result for any number of processes, from the cache and without, whatever a file does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from maint.lint import cache as cache_module
from maint.lint import run as run_module
from maint.lint.cache import Cache, digest
from maint.lint.inspection import Outcome
from maint.lint.pool import Pool
from maint.lint.run import lint, options_key
from maint.lint.settings import Settings
from maint.lint.violation import Violation

BROAD = "try:\n    f()\nexcept Exception:\n    print()\n"
ON = Settings()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Sixty files, each third one with a finding, one that does not parse."""
    root = tmp_path / "project"
    root.mkdir()
    for number in range(60):
        (root / f"m{number:02}.py").write_text(BROAD if number % 3 == 0 else "x = 1\n", encoding="utf-8")
    (root / "broken.py").write_text("def f(:\n", encoding="utf-8")
    return root


def test_workers_give_the_same_as_one_process(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = lint(project, [project], ON, jobs=1)
    monkeypatch.setattr(run_module, "_WORTH_WORKERS", 0)
    assert lint(project, [project], ON, jobs=3) == alone
    assert len(alone.found) == 21
    assert alone.found == sorted(alone.found, key=lambda one: (one.path, one.violation.line))


def test_a_warm_run_gives_the_same_and_looks_at_nothing(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cold = lint(project, [project], ON, jobs=1, cache=project / ".maint/cache")
    monkeypatch.setattr(run_module, "inspect_content", None)
    assert lint(project, [project], ON, jobs=1, cache=project / ".maint/cache") == cold


def test_a_changed_file_is_looked_at_again(project: Path) -> None:
    cache = project / ".maint/cache"
    before = lint(project, [project], ON, jobs=1, cache=cache)
    (project / "m01.py").write_text(BROAD, encoding="utf-8")
    after = lint(project, [project], ON, jobs=1, cache=cache)
    assert {one.path for one in after.found} - {one.path for one in before.found} == {"m01.py"}


def test_other_options_and_another_version_of_the_rules_have_a_cache_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "cache"
    filled = Cache(folder, "a")
    filled.put(b"key", Outcome(skipped="x"))
    filled.save()
    assert Cache(folder, "a").get(b"key") == Outcome(skipped="x")
    assert Cache(folder, "b").get(b"key") is None
    monkeypatch.setattr(cache_module, "rules_version", lambda: "other")
    assert Cache(folder, "a").get(b"key") is None


def test_what_was_found_without_tree_sitter_is_not_taken_for_what_it_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_module, "has_tree_sitter", lambda: False)
    filled = Cache(tmp_path, "")
    filled.put(b"key", Outcome(skipped="x"))
    filled.save()
    assert Cache(tmp_path, "").get(b"key") is not None
    monkeypatch.setattr(cache_module, "has_tree_sitter", lambda: True)
    assert Cache(tmp_path, "").get(b"key") is None


def test_the_baseline_is_no_option_of_the_rules() -> None:
    assert options_key(Settings({"baseline": True})) == options_key(ON)
    assert options_key(Settings({"tests": False})) != options_key(ON)


def test_the_cache_keeps_violations_whole(tmp_path: Path) -> None:
    outcome = Outcome([Violation("E900", 1, 2, 3, 4, "ä", "f", False)], ["0" * 12])
    cache = Cache(tmp_path, "")
    cache.put(digest("a.py", b"x"), outcome)
    cache.save()
    assert Cache(tmp_path, "").get(digest("a.py", b"x")) == outcome
    assert digest("b.py", b"x") != digest("a.py", b"x")


@pytest.mark.parametrize("damage", [b"", b"\xc1", b"\x81\xa1a\xa1b", b"not msgpack at all"])
def test_a_damaged_cache_counts_as_empty(project: Path, damage: bytes) -> None:
    folder = project / ".maint/cache"
    cold = lint(project, [project], ON, jobs=1, cache=folder)
    (path,) = folder.glob("*.msgpack")
    path.write_bytes(damage)
    assert lint(project, [project], ON, jobs=1, cache=folder) == cold
    assert path.read_bytes() != damage


def test_a_cache_that_cannot_be_written_is_left(project: Path) -> None:
    (project / ".maint").write_text("a file", encoding="utf-8")
    assert lint(project, [project], ON, jobs=1, cache=project / ".maint/cache").found


def test_the_cache_forgets_what_was_not_asked_for_in_a_while(tmp_path: Path) -> None:
    now = time.time()
    old = Cache(tmp_path, "", now)
    old.put(b"old", Outcome(skipped="x"))
    old.put(b"used", Outcome(skipped="x"))
    old.save()
    (tmp_path / "lint-0000000000000000.msgpack").touch()
    os.utime(tmp_path / "lint-0000000000000000.msgpack", (0, 0))
    middle = Cache(tmp_path, "", now + 20 * 86_400)
    assert middle.get(b"used")
    middle.save()
    late = Cache(tmp_path, "", now + 40 * 86_400)
    assert late.get(b"used")
    late.save()
    assert Cache(tmp_path, "").get(b"old") is None
    assert len(list(tmp_path.glob("*.msgpack"))) == 1


def test_git_does_not_see_the_cache(checkout) -> None:
    checkout.commit({"a.py": "x = 1\n"})
    lint(checkout.top, [checkout.top], ON, jobs=1, cache=checkout.top / ".maint/cache")
    assert checkout.git("status", "--porcelain") == ""


def test_a_file_that_kills_its_worker_is_one_finding(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # a worker that dies on one name stands for an interpreter that crashes on one content
    program = project.parent / "maint_dying.py"
    program.write_text(
        "import os, maint.lint.worker as worker\n"
        "seen = worker._seen\n"
        "worker._seen = lambda root, path, s: os._exit(11) if path == 'm06.py' else seen(root, path, s)\n"
        "worker.main()\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", str(project.parent))
    monkeypatch.setattr("maint.lint.pool._PROGRAM", "maint_dying")
    paths = [f"m{number:02}.py" for number in range(60)]
    seen = Pool(project, ON, 2).inspect(paths)
    codes = {
        path: [one.code for one in each.outcome.violations] for path, each in zip(paths, seen, strict=True)
    }
    assert codes.pop("m06.py") == ["MNT990"]
    assert all(found == (["E900"] if int(path[1:3]) % 3 == 0 else []) for path, found in codes.items())


def test_a_worker_runs_no_code_of_the_project(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted = "import pathlib\npathlib.Path(__file__).with_suffix('.ran').touch()\n"
    for name in ("token.py", "msgspec.py", "maint/__init__.py", "runpy.py"):
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text(planted, encoding="utf-8")
    monkeypatch.chdir(project)
    (seen,) = Pool(project, ON, 1).inspect(["m00.py"])
    assert [one.code for one in seen.outcome.violations] == ["E900"]
    assert list(project.rglob("*.ran")) == []


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_name_that_is_no_utf8_is_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int) -> None:
    root = tmp_path / os.fsdecode(b"pro\xffject")
    try:
        (root / "backups").mkdir(parents=True)
    except OSError:
        pytest.skip("this file system has no such names")
    name = os.fsdecode(b"backups/a_\xe9\xff.py")
    for path in (name, "backups/core.py", os.fsdecode(b"\xff.py")):
        (root / path).write_text(BROAD, encoding="utf-8")
    monkeypatch.setattr(run_module, "_WORTH_WORKERS", 0)
    cache = root / ".maint/cache"
    fresh = lint(root, [root], ON, jobs=jobs, cache=cache)
    assert [one.path for one in fresh.found if one.violation.code == "E900"] == sorted(fresh.files)
    assert [one.path for one in fresh.found if one.violation.code == "MNT021"] == ["backups/core.py"]
    assert lint(root, [root], ON, jobs=jobs, cache=cache) == fresh


def test_a_folder_that_is_no_utf8_can_be_told_in_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = os.fsdecode(b"shop\xff/backups")
    try:
        (tmp_path / folder).mkdir(parents=True)
    except OSError:
        pytest.skip("this file system has no such names")
    for number in range(2):
        (tmp_path / folder / f"core{number}.py").write_text(BROAD, encoding="utf-8")
    alone = lint(tmp_path, [tmp_path], ON, jobs=1, cache=tmp_path / ".maint/cache")
    archived = [one.violation for one in alone.found if one.violation.code == "MNT021"]
    assert archived[0].message.startswith("shop\\udcff/backups/core0.py: a module in backups/")
    monkeypatch.setattr(run_module, "_WORTH_WORKERS", 0)
    assert lint(tmp_path, [tmp_path], ON, jobs=2) == alone


def test_a_worker_that_answers_nonsense_costs_its_files_and_no_more(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project.parent / "maint_babbling.py").write_text(
        "import sys\nsys.stdin.readline()\nfor line in sys.stdin: print('[1]', flush=True)\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", str(project.parent))
    monkeypatch.setattr("maint.lint.pool._PROGRAM", "maint_babbling")
    seen = Pool(project, ON, 2).inspect([f"m{number:02}.py" for number in range(60)])
    assert [[one.code for one in each.outcome.violations] for each in seen] == [["MNT990"]] * 60


def test_an_answer_that_cannot_be_sent_is_one_finding(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project.parent / "maint_unsendable.py").write_text(
        "import maint.lint.worker as worker\n"
        "seen = worker._seen\n"
        "worker._seen = lambda root, path, s: seen(root, path, s)._replace(\n"
        "    digest='\\udcff' if path == 'm06.py' else b'')\n"
        "worker.main()\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", str(project.parent))
    monkeypatch.setattr("maint.lint.pool._PROGRAM", "maint_unsendable")
    seen = Pool(project, ON, 1).inspect(["m03.py", "m06.py", "m01.py"])
    codes = [[one.code for one in each.outcome.violations] for each in seen]
    assert codes == [["E900"], ["MNT990"], []]


def test_no_worker_outlives_a_run_that_is_killed(project: Path) -> None:
    program = (
        "import sys, os, signal; from pathlib import Path\n"
        "from maint.lint.pool import Pool, _Worker; from maint.lint.settings import Settings\n"
        "pool = Pool(Path(sys.argv[1]), Settings(), 2)\n"
        "print(pool._start()._process.pid, pool._start()._process.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(project)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        workers = [int(pid) for pid in parent.stdout.readline().split()]
        assert parent.wait(30) == -signal.SIGKILL
    assert len(workers) == 2
    for pid in workers:
        wait_for_end(pid)


def test_ctrl_c_ends_the_workers_too(project: Path) -> None:
    (project.parent / "maint_hanging.py").write_text(
        "import os, signal\nos.write(2, b'%d\\n' % os.getpid())\nsignal.pause()\n",
        encoding="utf-8",
    )
    program = (
        "import sys; from pathlib import Path\n"
        "from maint.lint import pool; from maint.lint.settings import Settings\n"
        "pool._PROGRAM = 'maint_hanging'\n"
        "pool.Pool(Path(sys.argv[1]), Settings(), 2).inspect(['a.py'] * 60)\n"
    )
    environment = os.environ | {"PYTHONPATH": str(project.parent)}
    command = [sys.executable, "-c", program, str(project)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as parent:
        try:
            assert parent.stderr is not None
            workers = [int(parent.stderr.readline()) for _ in range(2)]
            parent.send_signal(signal.SIGINT)
            assert parent.wait(30) == -signal.SIGINT
            assert "KeyboardInterrupt" in parent.stderr.read()
        finally:
            parent.kill()
    for pid in workers:
        wait_for_end(pid)


def wait_for_end(pid: int) -> None:
    """Block until a process that is no child of ours is gone; the descriptor turns readable when it ends."""
    import select

    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        assert select.select([descriptor], [], [], 30)[0], f"worker {pid} is still there"
    finally:
        os.close(descriptor)
