"""Which exception, message and frame stand for a failure."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_maint.session.cause import describe
from pytest_maint.session.failure import Failure

HERE = Path(__file__).parent
FILE = Path(__file__).name


def told(function: Callable[[], object], root: Path = HERE) -> Failure:
    try:
        function()
    except BaseException as error:  # noqa: BLE001
        return describe(error, root)
    raise AssertionError("nothing was raised")


def asks_the_library() -> None:
    int("seven")


def checks(condition: bool) -> None:
    __tracebackhide__ = True
    assert condition


def wraps() -> None:
    try:
        asks_the_library()
    except ValueError as error:
        raise RuntimeError("cannot start") from error


def gathers() -> None:
    async def one() -> None:
        raise KeyError("a")

    async def both() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(one())

    asyncio.run(both())


def test_the_frame_is_the_deepest_of_the_project() -> None:
    failure = told(lambda: Path("/nowhere/at/all").read_text())
    assert failure.exception == "FileNotFoundError"
    assert failure.crash is not None
    assert (failure.crash.path, failure.crash.function.rpartition(".")[2]) == (FILE, "<lambda>")


def test_a_helper_that_hides_its_frame_is_not_the_place() -> None:
    failure = told(lambda: checks(False))
    assert failure.crash is not None
    assert failure.crash.function.endswith("<lambda>")


def test_without_a_frame_in_the_project_it_is_the_deepest(tmp_path: Path) -> None:
    failure = told(asks_the_library, root=tmp_path)
    assert failure.crash is not None
    assert failure.crash.function == "asks_the_library"


def test_an_installed_package_inside_the_root_is_not_the_project(tmp_path: Path) -> None:
    library = tmp_path / ".venv/lib/site-packages/dep.py"
    library.parent.mkdir(parents=True)
    library.write_text("def call():\n    raise LookupError('x')\n")
    own = tmp_path / "app.py"
    own.write_text("def use():\n    call()\n")
    names: dict[str, Callable[[], object]] = {}
    for path in (library, own):
        exec(compile(path.read_text(), str(path), "exec"), names)
    failure = told(names["use"], root=tmp_path)
    assert failure.crash is not None
    assert (failure.crash.path, failure.crash.line, failure.crash.function) == ("app.py", 2, "use")


def test_a_chain_is_the_last_exception_with_what_is_behind_it() -> None:
    failure = told(wraps)
    assert (failure.exception, failure.message) == ("RuntimeError", "cannot start")
    assert failure.caused_by == ("ValueError: invalid literal for int() with base 10: 'seven'",)
    assert failure.crash is not None
    assert failure.crash.function == "wraps"


def test_a_group_tells_its_members() -> None:
    failure = told(gathers)
    assert failure.exception == "ExceptionGroup"
    assert failure.message == "unhandled errors in a TaskGroup (1 sub-exception): KeyError: 'a'"


def test_pytest_fail_has_its_own_name() -> None:
    failure = told(lambda: pytest.fail("not yet"))
    assert (failure.exception, failure.message) == ("Failed", "not yet")


def test_a_collection_error_is_what_pytest_wrapped() -> None:
    def collects() -> None:
        try:
            raise ModuleNotFoundError("No module named 'x'")
        except ImportError as error:
            raise pytest.Collector.CollectError("import of test_x failed") from error

    assert told(collects).exception == "ModuleNotFoundError"


def test_a_message_is_cut_and_an_exception_without_one_has_none() -> None:
    def shouts() -> None:
        raise ValueError("x" * 10_000)

    def says_nothing() -> None:
        raise ValueError

    assert len(told(shouts).message) == 2000
    assert told(says_nothing).message == ""


def test_lone_surrogates_are_escaped_for_they_cannot_travel() -> None:
    def finds_no_file() -> None:
        raise FileNotFoundError("\udcff.txt")

    told(finds_no_file).message.encode("utf-8")
    assert told(finds_no_file).message == "\\udcff.txt"
