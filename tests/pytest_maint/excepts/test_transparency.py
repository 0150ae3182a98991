"""Whatever an exception or a test does to the recorder, the project's handler does not notice it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.pytest_maint.excepts.conftest import Project

SHOP = """
    def call(what):
        try:
            what()
        except Exception:
            return 0

    def call_star(what):
        result = 1
        try:
            what()
        except* Exception:
            result = 0
        return result
"""

CLASSES = """
    import pytest
    import shop

    def no(*arguments, **keywords):
        raise ValueError("not here")

    class Unequal(type):
        def __eq__(self, other):
            return self is other

    class Unhashed(type):
        __hash__ = no

    class Nameless(type):
        def __getattribute__(cls, name):
            return no() if name in ("__qualname__", "__name__", "__mro__") else super().__getattribute__(name)

    class Homeless(type):
        __module__ = property(no)

    class A(Exception, metaclass=Unequal): pass
    class B(Exception, metaclass=Unhashed): pass
    class C(Exception, metaclass=Nameless): pass
    class D(Exception, metaclass=Homeless): pass
    class E(Exception):
        __class__ = __traceback__ = property(no)
        __str__ = __repr__ = no

    def raiser(kind):
        def call():
            raise kind
        return call

    @pytest.mark.parametrize("index", range(5))
    @pytest.mark.parametrize("call", [shop.call, shop.call_star])
    def test_class(index, call):
        assert call(raiser((A, B, C, D, E)[index])) == 0
"""


def test_classes_that_answer_no_question_are_recorded_like_others(project: Project) -> None:
    project.write({"shop.py": SHOP, "test_shop.py": CLASSES})
    project.record().assert_outcomes(passed=10)
    expected = {f"test_shop:{name}": 1 for name in "ABCDE"}
    assert project.caught("call") == expected
    assert project.caught("call_star") == expected
    assert {one.place for one in project.handler("call").observations} == {"test_shop:raiser.<locals>.call"}
    assert project.evidence.not_recorded == {}


REPLACED = """
    import os
    import pytest
    import shop

    def no(*arguments, **keywords):
        raise RuntimeError("not in this test")

    @pytest.mark.parametrize("name", ["open", "readlink", "path.realpath"])
    def test_replaced(monkeypatch, name):
        monkeypatch.setattr(f"os.{name}", no)
        boom = {}
        exec(compile("def boom(): raise LookupError", f"/elsewhere/{name}.py", "exec"), boom)
        assert shop.call(boom["boom"]) == 0
"""


def test_tests_that_replace_functions_of_os_are_recorded(project: Project) -> None:
    project.write({"shop.py": SHOP, "test_shop.py": REPLACED})
    project.record().assert_outcomes(passed=3)
    [one] = project.handler("call").observations
    assert one.count == 3
    assert project.evidence.not_recorded == {}


EDGE = {
    "shop.py": """
        def fail():
            raise LookupError

        def call(entered, handled):
            entered.append(0)
            try:
                fail()
            except Exception:
                handled.append(0)
    """,
    "test_shop.py": """
        import shop

        entered, handled = [], []

        def descend():
            shop.call(entered, handled)
            descend()

        def test_edge():
            try:
                descend()
            except RecursionError:
                pass
            assert len(entered) > 500
            assert entered == handled
    """,
}


def test_a_handler_at_the_edge_of_the_stack_does_its_work(project: Project) -> None:
    project.write(EDGE)
    project.record().assert_outcomes(passed=1)
    assert project.caught("call")["builtins:LookupError"] > 500


FAILING = """
    import shop
    import pytest

    class Name:
        def __format__(self, spec):
            raise KIND

    @pytest.mark.parametrize("number", range(2))
    def test_failing(number):
        boom = {"__name__": Name()}
        exec("def boom(): raise LookupError", boom)
        assert shop.call(boom["boom"]) == 0
"""


@pytest.mark.parametrize("mode", [(), ("-p", "xdist", "-n1")], ids=["serial", "xdist"])
@pytest.mark.parametrize("kind", ["ValueError", "MemoryError", "RecursionError"])
def test_what_cannot_be_noted_is_said_once_and_the_handler_goes_on(
    project: Project, kind: str, mode: tuple[str, ...]
) -> None:
    project.write({"shop.py": SHOP, "test_shop.py": FAILING.replace("KIND", kind)})
    result = project.record(*mode)
    result.assert_outcomes(passed=2)
    assert result.outlines.count("not recorded: shop.py: an exception in it could not be noted") == 1
    assert project.caught("call") == {}


def test_an_interruption_in_the_recorder_comes_through(project: Project) -> None:
    project.write({"shop.py": SHOP, "test_shop.py": FAILING.replace("KIND", "KeyboardInterrupt")})
    assert project.record().ret == pytest.ExitCode.INTERRUPTED
