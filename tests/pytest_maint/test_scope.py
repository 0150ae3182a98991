"""What a real command line leaves out, as the controller knows it: in one process and on workers."""

from __future__ import annotations

import json

import pytest

CONFTEST = """
    from pytest_maint.scope import watch

    def pytest_configure(config):
        watch(config)

    def pytest_sessionfinish(session):
        if not hasattr(session.config, "workerinput"):
            scope = watch(session.config)
            told = [scope.partial(), sorted(scope.deselected)]
            with open("scope.json", "w") as file:
                import json
                json.dump(told, file)
"""
TESTS = """
    import pytest

    def test_one():
        pass

    @pytest.mark.slow
    def test_two():
        pass
"""
INI = "[pytest]\nmarkers = slow\n"


@pytest.fixture(autouse=True)
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    # beside xdist, pytest-rerunfailures opens a listener for each session and never closes it
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:asyncio -p no:rerunfailures")
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(**{"tests/test_a": TESTS, "tests/test_b": "def test_three():\n    pass\n"})
    pytester.makeini(INI)


def scope(pytester: pytest.Pytester, *arguments: str) -> tuple[str, list[str]]:
    pytester.runpytest_inprocess(*arguments)
    partial, deselected = json.loads((pytester.path / "scope.json").read_text("utf-8"))
    return partial, deselected


FAILING = "def test_fails():\n    assert 0\n"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((), ""),
        ((".",), ""),
        (("tests",), "only tests"),
        (("tests/test_a.py::test_one",), "only tests/test_a.py::test_one"),
        (("-k", "one"), "-k one"),
        (("-k", "test"), ""),
        (("-m", "not slow"), "-m not slow"),
        (("--deselect", "tests/test_b.py"), "--deselect tests/test_b.py"),
        (("--ignore", "tests/test_b.py"), "--ignore tests/test_b.py"),
        (("--ignore", "\udcff"), "--ignore \\udcff"),
        (("--ignore-glob=*_b.py",), "--ignore-glob *_b.py"),
        (("--splits=2", "--group=1"), "--group 1"),
        (("--collect-only",), "--collect-only"),
        (("--lf",), ""),
        (("--co", "-k", "one"), "--collect-only, -k one"),
        (("--setup-plan",), "--setup-plan"),
        (("--setup-only",), "--setup-only"),
        (("-o", "python_files=test_a.py"), "-o python_files=test_a.py"),
        (("--override-ini=norecursedirs=tests/b*",), "-o norecursedirs=tests/b*"),
        (("-o", "addopts=-k one"), "-o addopts=…"),
        (("-o", "junit_family=xunit1"), ""),
        (("--nf",), ""),
        (("--pyargs", "."), "only ."),
    ],
)
def test_every_way_to_run_less_is_named(
    pytester: pytest.Pytester, arguments: tuple[str, ...], reason: str
) -> None:
    assert scope(pytester, *arguments)[0] == reason


def test_workers_tell_what_they_left_out(pytester: pytest.Pytester) -> None:
    assert scope(pytester, "-n2", "-m", "not slow") == ("-m not slow", ["tests/test_a.py::test_two"])


@pytest.mark.parametrize("mode", [(), ("-n1",)], ids=["serial", "xdist"])
@pytest.mark.parametrize("option", ["-x", "--maxfail=1"])
def test_a_session_that_stops_at_a_failure_says_so(
    pytester: pytest.Pytester, mode: tuple[str, ...], option: str
) -> None:
    pytester.makepyfile(**{"tests/test_0": FAILING})
    assert scope(pytester, option, *mode)[0] == "stopping after 1 failures"


def test_the_last_failed_are_a_part(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(**{"tests/test_0": FAILING})
    assert scope(pytester)[0] == ""
    assert scope(pytester, "--lf")[0] == "--lf"
    assert scope(pytester, "--ff")[0] == ""


def test_the_projects_own_selection_is_its_whole(pytester: pytest.Pytester) -> None:
    pytester.makeini(f"{INI}testpaths = tests\naddopts = -m 'not slow' --ignore=tests/test_b.py\n")
    assert scope(pytester) == ("", ["tests/test_a.py::test_two"])
    assert scope(pytester, "tests") == ("", ["tests/test_a.py::test_two"])
    assert scope(pytester, "-k", "nothing")[0] == "-k nothing"


@pytest.mark.parametrize(
    ("addopts", "arguments", "reason"),
    [
        ("-m 'not slow' --strict-markers", ("-k", "three"), "-k three"),
        ("-m 'not slow' --strict-config", ("-m", "slow"), "-m slow"),
        ("-m 'not slow'", ("-m", "not slow"), ""),
        ("-m'not slow'", (), ""),
        ("-qm 'not slow'", (), ""),
        ("--override-ini=python_files=test_a.py", (), ""),
        ("-m slow -m 'not slow'", ("-m", "slow"), "-m slow"),
        (
            "--deselect tests/test_a.py::test_two",
            ("--deselect=tests/test_a.py",),
            "--deselect tests/test_a.py",
        ),
        ("--deselect tests/test_a.py::test_two", (), ""),
        ("--ignore=more/tests", ("--ignore=tests/test_b.py",), "--ignore tests/test_b.py"),
        ("-k tests", ("tests",), "only tests"),
        ("--tb=short -k markers", ("-k", "short or one"), "-k short or one"),
    ],
)
def test_only_the_very_selection_of_addopts_is_the_projects_own(
    pytester: pytest.Pytester, addopts: str, arguments: tuple[str, ...], reason: str
) -> None:
    pytester.makeini(f"{INI}addopts = {addopts}\n")
    assert scope(pytester, *arguments)[0] == reason


@pytest.mark.parametrize("mode", [(), ("-n1",)], ids=["serial", "xdist"])
@pytest.mark.parametrize("tells", [True, False])
def test_a_selection_in_addopts_does_not_excuse_what_a_plugin_drops(
    pytester: pytest.Pytester, mode: tuple[str, ...], tells: bool
) -> None:
    pytester.makeini(f"{INI}addopts = -m 'not slow'\n")
    dropping = (
        "def pytest_collection_modifyitems(config, items):\n"
        "    dropped = [item for item in items if item.name == 'test_three']\n"
        f"    config.hook.pytest_deselected(items=dropped if {tells} else [])\n"
        "    items[:] = [item for item in items if item not in dropped]\n"
    )
    pytester.makepyfile(**{"tests/conftest": dropping})
    assert scope(pytester, *mode) == (
        "1 test deselected",
        ["tests/test_a.py::test_two", "tests/test_b.py::test_three"],
    )


@pytest.mark.parametrize("order", ["tryfirst", "trylast"])
@pytest.mark.parametrize("testpaths", ["", "testpaths = tests\n"])
def test_a_plugin_that_chooses_files_makes_it_a_part(
    pytester: pytest.Pytester, testpaths: str, order: str
) -> None:
    """As pytest-picked does."""
    pytester.makeini(INI + testpaths)
    picking = (
        "import pytest\n\n"
        f"@pytest.hookimpl({order}=True)\n"
        "def pytest_configure(config):\n"
        "    config.args = ['tests/test_b.py']\n"
    )
    (pytester.path / "picking.py").write_text(picking, encoding="utf-8")
    pytester.syspathinsert()
    assert scope(pytester, "-p", "picking")[0] == "only tests/test_b.py"


@pytest.mark.parametrize(
    ("options", "reason"), [(("--testmon",), "--testmon"), (("--testmon", "--testmon-noselect"), "")]
)
def test_a_plugin_that_passes_over_files_makes_it_a_part(
    pytester: pytest.Pytester, options: tuple[str, ...], reason: str
) -> None:
    """As pytest-testmon does, which tells of stand-ins for the tests that it deselects."""
    testmon = (
        "def pytest_addoption(parser):\n"
        "    parser.addoption('--testmon', action='store_true')\n"
        "    parser.addoption('--testmon-noselect', action='store_true')\n\n"
        "def pytest_ignore_collect(collection_path, config):\n"
        "    selects = not config.option.testmon_noselect\n"
        "    return True if selects and collection_path.name == 'test_b.py' else None\n\n"
        "def pytest_collection_modifyitems(config, items):\n"
        "    if not config.option.testmon_noselect:\n"
        "        config.hook.pytest_deselected(items=[object()])\n"
        "        del items[:1]\n"
    )
    (pytester.path / "passing.py").write_text(testmon, encoding="utf-8")
    pytester.syspathinsert()
    assert scope(pytester, "-p", "passing", *options) == (
        reason,
        ["tests/test_a.py::test_one"] if reason else [],
    )


@pytest.mark.parametrize(
    ("testpaths", "arguments"),
    [
        ("tests", ()),
        ("tests", ("--pyargs",)),
        ("tests/test_*.py", ()),
        ("tests/test_a.py tests/test_b.py", ()),
    ],
)
def test_the_testpaths_of_the_project_are_its_whole(
    pytester: pytest.Pytester, testpaths: str, arguments: tuple[str, ...]
) -> None:
    pytester.makeini(f"{INI}testpaths = {testpaths}\n")
    pytester.makepyfile(**{"more/test_d": FAILING})
    assert scope(pytester, *arguments) == ("", [])


def test_stepwise_goes_on_at_the_failure(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(**{"tests/test_c": FAILING})
    assert scope(pytester, "--stepwise")[0] == "Test failed, continuing from this test next run"
    (pytester.path / "tests/test_c.py").write_text("def test_fails():\n    pass\n", encoding="utf-8")
    assert scope(pytester, "--sw") == (
        "--stepwise",
        ["tests/test_a.py::test_one", "tests/test_a.py::test_two", "tests/test_b.py::test_three"],
    )


@pytest.mark.parametrize("crashed", [True, False])
def test_a_crashed_worker_makes_it_a_part_though_every_test_ran(
    pytester: pytest.Pytester, crashed: bool
) -> None:
    pytester.makepyfile(
        **{
            "tests/conftest": (
                "import os\n\n"
                "def pytest_sessionfinish(session):\n"
                f"    if {crashed} and hasattr(session.config, 'workerinput'):\n"
                "        os._exit(3)\n"
            )
        }
    )
    assert scope(pytester, "-n1", "--max-worker-restart=0")[0] == ("worker gw0 crashed" if crashed else "")


@pytest.mark.parametrize("arguments", [(), ("--pyargs",)])
def test_a_folder_below_the_root_is_a_part(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(pytester.path / "tests")
    pytester.runpytest_inprocess("--rootdir", str(pytester.path), *arguments)
    told = json.loads((pytester.path / "tests/scope.json").read_text("utf-8"))
    assert told[0] == "only tests"


def test_a_plugin_that_drops_tests_in_silence_is_noticed(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        **{"tests/conftest": "def pytest_collection_modifyitems(items):\n    del items[1:]\n"}
    )
    partial, deselected = scope(pytester)
    assert (partial, len(deselected)) == ("2 tests deselected", 2)


def test_pytest_exit_ends_it_early(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        **{"tests/test_0": "import pytest\n\ndef test_exits():\n    pytest.exit('power is out')\n"}
    )
    assert scope(pytester)[0] == "power is out"


def test_what_could_not_be_collected_was_not_looked_at(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(**{"tests/test_0": "import nothing_of_this_name\n"})
    assert scope(pytester)[0] == "1 collection error"
