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
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:asyncio")
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
        (("--ignore-glob=*_b.py",), "--ignore-glob *_b.py"),
        (("--splits=2", "--group=1"), "--group 1"),
        (("--collect-only",), "--collect-only"),
        (("--lf",), ""),
        (("--co", "-k", "one"), "--collect-only, -k one"),
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


def test_a_folder_below_the_root_is_a_part(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(pytester.path / "tests")
    pytester.runpytest_inprocess("--rootdir", str(pytester.path))
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
