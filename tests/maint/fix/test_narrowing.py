"""Narrowing end to end: recorded, judged, proposed, applied, and tried by the tests."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.maint.fix.conftest import Project

SHOP = """
    import json

    def load(text):
        try:
            return json.loads(text)
        except Exception:
            return None
"""

TEST = """
    import pytest
    import shop

    @pytest.mark.parametrize("text", ["{", "[", "x"])
    def test_load(text):
        assert shop.load(text) is None
"""


def record(project: Project) -> None:
    """``pytest --maint-except record`` in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--maint-except", "record"],
        cwd=project.root,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr


@pytest.fixture
def recorded(project: Project) -> Project:
    """A project with one handler and its evidence."""
    project.write({"shop.py": SHOP, "test_shop.py": TEST, ".gitignore": ".maint/\n__pycache__/\n"})
    project.commit()
    record(project)
    return project


def test_a_proposal_is_shown_then_applied_then_nothing_is_left(recorded: Project) -> None:
    ran = recorded.fix("--narrow")
    assert ran.code == 1
    assert "shop.py:7 load: catches Exception; can be except ValueError\n" in ran.out
    assert "    json.JSONDecodeError: 3 times in 3 tests, raised in a library, json.decoder:" in ran.out
    assert "-        except Exception:\n+        except ValueError:\n".replace("        ", "    ") in ran.out
    assert "except Exception" in recorded.text("shop.py")
    ran = recorded.fix("--narrow", "--apply")
    assert ran.code == 0, ran
    assert "1 handler to narrow, 3 tests hit them" in ran.out
    assert "shop.py:7 load: kept: except ValueError\n" in ran.out
    assert "except ValueError:" in recorded.text("shop.py")
    assert recorded.fix("--narrow").out.startswith("0 broad handlers")


def test_files_beyond_the_limit_are_left_for_the_next_run(project: Project) -> None:
    files = {f"shop{n}.py": SHOP for n in range(2)}
    tests = {f"test_shop{n}.py": TEST.replace("shop", f"shop{n}") for n in range(2)}
    project.write({**files, **tests})
    record(project)
    ran = project.fix("--narrow", "--apply", "--max-files", "1")
    assert ran.code == 1, "something is left to do"
    assert "1 more file has proposals; run again, or raise --max-files" in ran.err
    assert "except ValueError:" in project.text("shop0.py")
    assert "except Exception:" in project.text("shop1.py")


def test_too_few_observations_are_not_enough(recorded: Project) -> None:
    ran = recorded.fix("--narrow", "--min-observations", "4")
    assert ran.code == 0
    assert "too few observations: 3, --min-observations 4" in ran.out


def test_stale_evidence_is_refused(recorded: Project) -> None:
    recorded.write({"shop.py": SHOP.replace("json.loads(text)", "json.loads(text)['a']")})
    ran = recorded.fix("--narrow")
    assert ran.code == 0
    assert "the evidence is stale, the try body is another one now; record it again" in ran.out


def test_moved_lines_and_comments_make_nothing_stale(recorded: Project) -> None:
    recorded.write(
        {"shop.py": "# one\n\n" + "\n".join(SHOP.replace("return json", "return  json").splitlines())}
    )
    recorded.write({"shop.py": "\n\n\n    # moved" + SHOP})
    assert "can be except ValueError" in recorded.fix("--narrow").out


def test_unobserved_is_said_with_the_reason(recorded: Project) -> None:
    recorded.write(
        {"shop.py": SHOP, "more.py": SHOP, "test_shop.py": TEST + "\n    import quiet\n", "quiet.py": SHOP}
    )
    record(recorded)
    out = recorded.fix("--narrow").out
    assert (
        "more.py:7 load: catches Exception; unobserved: its module was not imported during the tests" in out
    )
    assert "quiet.py:7 load: catches Exception; unobserved: it caught nothing during the tests" in out
    recorded.write({"new.py": SHOP})
    assert "unobserved: the evidence does not know this handler" in recorded.fix("--narrow").out


def judged(project: Project, shop: str, test: str, *arguments: str) -> str:
    """What ``maint fix --narrow`` prints after these files were recorded."""
    project.write({"shop.py": shop, "test_shop.py": test})
    record(project)
    return project.fix("--narrow", "--min-observations", "1", *arguments).out


def test_what_is_caught_while_no_test_runs_counts_for_nothing(project: Project) -> None:
    shop = SHOP + "\n    load('{')\n    load('[')\n"
    test = "import shop\ndef test_load():\n    assert shop.load('{') is None\n"
    out = judged(project, shop, test)
    assert "can be except ValueError\n" in out
    assert "    json.JSONDecodeError: once in 1 test and while no test ran, raised in a library" in out
    assert (
        "too few observations: 1, --min-observations 2"
        in project.fix("--narrow", "--min-observations", "2").out
    )
    out = judged(project, shop, "import shop\ndef test_load(): pass\n")
    assert "caught something only while no test ran: nothing to check it with" in out
    assert "    json.JSONDecodeError: while no test ran, raised in a library" in out


def test_a_bug_is_shown_apart_and_what_stays_is_proposed(project: Project) -> None:
    shop = """
        def price(text):
            try:
                if text == "bug":
                    return text.prize
                return int(text)
            except Exception:
                return 0
    """
    test = """
        import shop

        def test_price():
            assert shop.price("x") == 0

        def test_bug():
            shop.price("bug")
    """
    out = judged(project, shop, test)
    assert "can be except ValueError\n" in out
    assert "this handler hides a bug: AttributeError: once in 1 test, raised in shop.py, shop:price\n" in out


def test_only_bugs_lead_to_no_proposal(project: Project) -> None:
    shop = SHOP.replace("json.loads", "json.lods")
    assert "caught only what tells of a bug: nothing to narrow to" in judged(project, shop, TEST)


def test_what_the_tests_raise_themselves_is_no_evidence(project: Project) -> None:
    shop = "def call(f):\n    try:\n        return f()\n    except Exception:\n        return 0\n"
    test = """
        from unittest import mock
        import shop

        def broken():
            raise KeyError

        def test_broken():
            assert shop.call(broken) == 0

        def test_mock():
            assert shop.call(mock.Mock(side_effect=OSError)) == 0
    """
    out = judged(project, shop, test)
    assert "caught only what the tests themselves raise: it guards code of others" in out
    assert out.count("staged by the tests: ") == 2


def test_types_of_libraries_are_lifted_named_and_imported(project: Project) -> None:
    shop = """
        import subprocess

        def run(argv):
            try:
                subprocess.run(argv, check=True, timeout=30)
            except Exception:
                return 1

        def get(queue):
            try:
                return queue.get_nowait()
            except:
                return None
    """
    test = """
        import queue, sys
        import shop

        def test_run():
            assert shop.run([sys.executable, "-c", "1/0"]) == 1
            assert shop.run(["no-such-program"]) == 1

        def test_get():
            assert shop.get(queue.Queue()) is None
    """
    out = judged(project, shop, test)
    assert "can be except (OSError, subprocess.SubprocessError)" in out
    assert "+from queue import Empty\n" in out
    assert "+    except Empty:\n" in out


def test_a_type_of_the_project_that_is_not_imported_is_only_shown(project: Project) -> None:
    body = "def sell(n):\n    try:\n        stock.take(n)\n    except Exception:\n        return 0\n"
    shop = f"import stock\n{body}"
    files = {
        "errors.py": "class Short(Exception): pass\n",
        "stock.py": "from errors import Short\ndef take(n):\n    raise Short\n",
    }
    project.write(files)
    test = "import shop\ndef test_sell():\n    assert shop.sell(1) == 0\n"
    assert "errors.Short is not imported here; import it, then run again" in judged(project, shop, test)
    assert "can be except errors.Short" in judged(project, "import errors\n" + shop, test)


def test_exception_itself_cannot_be_narrowed(project: Project) -> None:
    shop = "def f():\n    try:\n        raise Exception('x')\n    except Exception:\n        return 0\n"
    out = judged(project, shop, "import shop\ndef test_f():\n    assert shop.f() == 0\n")
    assert "caught Exception, which no narrower type covers" in out


def test_the_source_adds_what_the_tests_did_not_show(project: Project) -> None:
    shop = '''
        class Closed(Exception):
            pass

        class Shop:
            def sell(self, n):
                """Sell.

                Raises:
                    LookupError: when there are none
                """
                if n > 9:
                    raise Closed
                return [1][n]

            def buy(self, n):
                try:
                    return self.sell(n)
                except Exception:
                    return 0
    '''
    out = judged(project, shop, "import shop\ndef test_buy():\n    assert shop.Shop().buy(3) == 0\n")
    assert "can be except (Closed, LookupError)" in out
    assert "shop.Closed: by the source only, raised in sell()" in out


WIDE = """
    def number(text):
        try:
            return int(text)
        except Exception:
            return 0
"""


def test_a_handler_that_a_test_needs_wider_is_widened(project: Project) -> None:
    test = """
        import shop

        def test_text():
            assert shop.number("x") == 0

        def test_none():
            assert shop.number(None) == 0
    """
    project.write({"shop.py": WIDE, "test_shop.py": test})
    record(project)
    ran = project.fix("--narrow", "--apply", "--min-observations", "1")
    assert ran.code == 0, ran
    assert "widened: except (TypeError, ValueError) since test_shop.py::test_none fails otherwise" in ran.out
    assert "except (TypeError, ValueError):" in project.text("shop.py")


def test_a_handler_that_no_type_saves_is_put_back(project: Project) -> None:
    # the test looks at the source: whatever is written there, it fails
    test = """
        import pathlib
        import shop

        def test_text():
            assert shop.number("x") == 0
            assert "except Exception" in pathlib.Path(shop.__file__).read_text()
    """
    project.write({"shop.py": WIDE, "test_shop.py": test})
    before = project.text("shop.py")
    record(project)
    ran = project.fix("--narrow", "--apply", "--min-observations", "1")
    assert ran.code == 1
    assert "reverted: as it was since test_shop.py::test_text fails otherwise" in ran.out
    assert project.text("shop.py") == before


def test_a_test_that_failed_before_is_not_held_against_it(project: Project) -> None:
    test = "import shop\ndef test_text():\n    assert shop.number('x') == 1\n"
    project.write({"shop.py": WIDE, "test_shop.py": test})
    record(project)
    assert "kept: except ValueError" in project.fix("--narrow", "--apply", "--min-observations", "1").out


def test_tests_that_cannot_be_run_change_nothing(recorded: Project) -> None:
    recorded.write({"test_shop.py": "def test_other(): pass\n"})
    recorded.commit()
    before = recorded.text("shop.py")
    ran = recorded.fix("--narrow", "--apply")
    assert ran.code == 2
    assert "pytest: exit status 4 on the tests that hit the handlers" in ran.err
    assert recorded.text("shop.py") == before


def test_an_interruption_puts_the_files_back(recorded: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    from maint.fix.narrowing import rerun

    def interrupted(root: object, tests: object) -> frozenset[str]:
        if "ValueError" in recorded.text("shop.py"):
            raise KeyboardInterrupt
        return frozenset()

    monkeypatch.setattr(rerun, "failing", interrupted)
    before = recorded.text("shop.py")
    assert recorded.fix("--narrow", "--apply").code == 130
    assert recorded.text("shop.py") == before
