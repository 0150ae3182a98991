"""What broad handlers catch is recorded exactly, in every process, and nothing else changes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from maint.fix.evidence import FILE

if TYPE_CHECKING:
    from tests.pytest_maint.excepts.conftest import Project


SHOP = """
    import json

    def load(text):
        try:
            return json.loads(text)
        except Exception:
            return None

    def price(text):
        try:
            return int(text)
        except ValueError:
            return 0

    def unused():
        try:
            load("")
        except:
            raise
"""

TEST = """
    import shop

    def test_good():
        assert shop.load("1") == 1

    def test_bad():
        assert shop.load("{") is None
        assert shop.load("[") is None
        assert shop.price("x") == 0
"""


@pytest.mark.parametrize("mode", [(), ("-p", "xdist", "-n2")], ids=["serial", "xdist"])
def test_type_place_count_and_test_are_recorded(project: Project, mode: tuple[str, ...]) -> None:
    project.write({"shop.py": SHOP, "test_shop.py": TEST})
    result = project.record(*mode)
    result.assert_outcomes(passed=2)
    [one] = project.handler("load").observations
    assert one.bases == (
        "json:JSONDecodeError",
        "builtins:ValueError",
        "builtins:Exception",
        "builtins:BaseException",
    )
    assert (one.place, one.file) == ("json.decoder:JSONDecoder.raw_decode", "")
    assert one.tests == {"test_shop.py::test_bad": 2}
    assert project.handler("unused").observations == ()
    assert project.handler("unused").imported
    assert {each.symbol for each in project.evidence.handlers} == {"load", "unused"}
    result.stdout.fnmatch_lines(["2 broad handlers in the project, 2 in modules that were imported, 1 *"])


def test_without_the_flag_nothing_is_recorded(project: Project, pytester: pytest.Pytester) -> None:
    project.write({"shop.py": SHOP, "test_shop.py": TEST})
    pytester.runpytest_subprocess().assert_outcomes(passed=2)
    assert not (project.root / ".maint").exists()


def test_conftest_and_test_modules_are_recorded_and_their_asserts_are_rewritten_still(
    project: Project,
) -> None:
    project.write(
        {
            "conftest.py": """
                import pytest

                @pytest.fixture
                def stock():
                    try:
                        raise LookupError
                    except Exception:
                        return 3
            """,
            "test_shop.py": """
                def test_rewritten(stock):
                    try:
                        assert stock == 4
                    except BaseException as error:
                        assert "3 == 4" in str(error)
            """,
        }
    )
    project.record().assert_outcomes(passed=1)
    project.record("-p", "xdist", "-n1").assert_outcomes(passed=1)
    assert project.caught("stock") == {"builtins:LookupError": 1}
    assert project.caught("test_rewritten") == {"builtins:AssertionError": 1}
    [one] = project.handler("stock").observations
    assert one.file == "conftest.py"


def test_the_members_of_a_group_are_recorded_one_by_one(project: Project) -> None:
    project.write(
        {
            "shop.py": """
                def sell():
                    try:
                        inner = ExceptionGroup("y", [KeyError(), KeyError()])
                        raise ExceptionGroup("x", [ValueError(), inner])
                    except* Exception:
                        pass
            """,
            "test_shop.py": "import shop\ndef test_sell(): shop.sell()\n",
        }
    )
    project.record().assert_outcomes(passed=1)
    assert project.caught("sell") == {"builtins:KeyError": 2, "builtins:ValueError": 1}


CHILDREN = """
    import multiprocessing, os, subprocess, sys
    import pytest
    import shop

    @pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
    def test_multiprocessing(method):
        child = multiprocessing.get_context(method).Process(target=shop.load, args=("{",))
        child.start()
        child.join()
        assert child.exitcode == 0

    def test_subprocess():
        subprocess.run([sys.executable, "-c", "import shop; shop.load('{')"], check=True)

    def test_fork_without_farewell():
        pid = os.fork()
        if not pid:
            shop.load("{")
            os._exit(0)
        os.waitpid(pid, 0)

    def test_replaced_functions_of_os(monkeypatch):
        monkeypatch.setattr(os, "open", None)
        assert shop.load("{") is None
"""


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_system_without_file_locks_is_told_in_one_sentence(project: Project) -> None:
    without = "import sys\nsys.modules['fcntl'] = None\n"
    project.write({"shop.py": SHOP, "test_shop.py": "def test_one(): pass\n", "without.py": without})
    result = project.record("-p", "without")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert result.errlines == [
        "ERROR: --maint-except record: this system has no fcntl; record on Linux or macOS",
        "",
    ]


def test_child_processes_are_recorded_under_the_test_that_started_them(project: Project) -> None:
    project.write({"shop.py": SHOP, "test_shop.py": CHILDREN})
    project.record("-W", "ignore::DeprecationWarning").assert_outcomes(passed=6)
    [one] = project.handler("load").observations
    assert sorted(one.tests) == [
        "test_shop.py::test_fork_without_farewell",
        "test_shop.py::test_multiprocessing[fork]",
        "test_shop.py::test_multiprocessing[forkserver]",
        "test_shop.py::test_multiprocessing[spawn]",
        "test_shop.py::test_replaced_functions_of_os",
        "test_shop.py::test_subprocess",
    ]
    assert set(one.tests.values()) == {1}


def test_a_module_run_by_name_is_recorded_and_a_script_is_said_not_to_be(project: Project) -> None:
    project.write(
        {
            "shop.py": SHOP + "\n    load('{')\n",
            "script.py": SHOP + "\n    load('{')\n",
            "test_shop.py": """
                import subprocess, sys

                def test_module():
                    subprocess.run([sys.executable, "-m", "shop"], check=True)

                def test_script():
                    subprocess.run([sys.executable, "script.py"], check=True)
            """,
        }
    )
    project.record().assert_outcomes(passed=2)
    counts = {
        each.path: len(each.observations) for each in project.evidence.handlers if each.symbol == "load"
    }
    assert counts == {"shop.py": 1, "script.py": 0}
    assert project.evidence.not_recorded == {"script.py": "run as a script"}


def test_a_module_that_came_before_the_recorder_is_named(project: Project) -> None:
    project.write({"early.py": SHOP, "test_shop.py": "def test_one(): pass\n"})
    result = project.record("-p", "early")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["not recorded: early.py: imported before the recorder"])
    assert not project.handler("load").imported


def test_the_environment_has_its_own_sitecustomize_still(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(
        {
            "site/sitecustomize.py": "import builtins; builtins.OWN = 1\n",
            "test_shop.py": """
                import subprocess, sys

                def test_child():
                    program = "import sys, builtins; sys.exit(not builtins.OWN or 'startup' in str(sys.path))"
                    subprocess.run([sys.executable, "-c", program], check=True)
            """,
        }
    )
    monkeypatch.setenv("PYTHONPATH", str(project.root / "site"))
    project.record().assert_outcomes(passed=1)


def test_lines_tracebacks_and_recursion_stay_what_they_are(project: Project) -> None:
    shop = """
        def lines():
            try:
                1 / 0
            except Exception as error:
                first = error.__traceback__.tb_lineno
                raise KeyError(first)

        def deep(n):
            try:
                return deep(n + 1)
            except Exception:
                return n
    """
    test = """
        import traceback
        import pytest
        import shop

        def test_lines():
            with pytest.raises(KeyError, match="^4$") as caught:
                shop.lines()
            assert traceback.extract_tb(caught.value.__traceback__)[-1].lineno == 7

        def test_deep():
            assert shop.deep(0) > 500
    """
    project.write({"shop.py": shop, "test_shop.py": test})
    project.record().assert_outcomes(passed=2)
    assert project.caught("lines") == {"builtins:ZeroDivisionError": 1}


def test_no_instrumented_bytecode_is_kept(project: Project, pytester: pytest.Pytester) -> None:
    project.write({"shop.py": SHOP, "test_shop.py": TEST})
    project.record().assert_outcomes(passed=2)
    assert [path for path in project.root.rglob("*.pyc") if b"__maint_caught__" in path.read_bytes()] == []


def test_runs_add_up_by_test(project: Project) -> None:
    project.write({"shop.py": SHOP, "test_shop.py": TEST, "test_more.py": TEST})
    project.record("test_shop.py")
    project.record("test_shop.py")
    project.record("test_more.py")
    [one] = project.handler("load").observations
    assert one.tests == {"test_more.py::test_bad": 2, "test_shop.py::test_bad": 2}
    project.write({"shop.py": SHOP.replace("json.loads(text)", "json.loads(text or '')")})
    project.record("test_more.py")
    [one] = project.handler("load").observations
    assert one.tests == {"test_more.py::test_bad": 2}, "what an earlier try body raised is no evidence"


def test_a_session_that_runs_no_test_keeps_the_evidence_as_it_is(project: Project) -> None:
    project.write({"shop.py": SHOP, "test_shop.py": TEST})
    project.record()
    kept = (project.root / ".maint/out/except.json").stat()
    result = project.record("--collect-only")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.no_fnmatch_line("*broad handler*")
    assert (project.root / ".maint/out/except.json").stat() == kept


def test_the_evidence_is_nothing_to_commit(project: Project) -> None:
    subprocess.run(["git", "init", "--quiet"], cwd=project.root, check=True)
    project.write({"shop.py": SHOP, "test_shop.py": TEST})
    project.record()
    status = ["git", "status", "--porcelain", "--untracked-files=all"]
    listed = subprocess.run(status, cwd=project.root, check=True, capture_output=True, text=True).stdout
    assert "test_shop.py" in listed
    assert "except.json" not in listed


def test_another_installed_copy_is_said_to_be_why_nothing_was_recorded(project: Project) -> None:
    project.write({"src/shop.py": SHOP, "test_shop.py": "def test_one(): pass\n"})
    result = project.record()
    result.stdout.fnmatch_lines(["nothing was recorded: is another copy of the project installed?*"])


def test_a_wrong_action_stops_the_run(project: Project) -> None:
    project.write({"test_shop.py": TEST})
    result = project.record("--maint-except", "play")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--maint-except = 'play': expected one of 'record'"])


def test_the_environment_is_as_before_in_the_same_process(
    project: Project, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    project.write({"shop.py": SHOP, "test_shop.py": TEST})
    finders = list(sys.meta_path)
    before = dict(os.environ)
    pytester.runpytest_inprocess("--maint-except", "record").assert_outcomes(passed=2)
    assert project.caught("load") == {"json:JSONDecodeError": 2}
    assert {**os.environ, "PYTEST_CURRENT_TEST": ""} == {**before, "PYTEST_CURRENT_TEST": ""}
    assert sys.meta_path == finders


def test_a_killed_session_leaves_nothing_and_its_children_go_on(
    project: Project, left_behind: Callable[[], list[str]]
) -> None:
    project.write(
        {
            "shop.py": SHOP,
            "test_shop.py": """
                import os, subprocess, sys

                def test_killed():
                    program = "import sys; sys.stdin.read(); import shop; shop.load('{'); print('done')"
                    child = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE)
                    os.kill(os.getpid(), 9)
            """,
        }
    )
    command = [sys.executable, "-m", "pytest", "-q", "-s", "--maint-except", "record"]
    done = subprocess.run(command, cwd=project.root, capture_output=True, text=True, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert done.stdout.endswith("done\n"), done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert left_behind() == []
    assert not (project.root / ".maint").exists()


def test_the_evidence_names_its_schema(project: Project) -> None:
    project.write({"shop.py": SHOP, "test_shop.py": TEST})
    project.record()
    assert json.loads((project.root / ".maint" / "out" / FILE).read_text())["schema"] == "maint.except/1"


def test_git_does_not_see_the_evidence(project: Project) -> None:
    project.write({"shop.py": SHOP, "test_shop.py": "import shop\ndef test_load(): shop.load('{')\n"})
    subprocess.run(["git", "init", "-q"], cwd=project.root, check=True)
    project.record("-p", "no:cacheprovider").assert_outcomes(passed=1)
    assert project.caught("load")
    seen = subprocess.run(
        ["git", "status", "--short", ".maint"], cwd=project.root, check=True, capture_output=True, text=True
    )
    assert seen.stdout == ""
