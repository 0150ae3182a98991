"""``maint fix``: what it proposes, what it leaves alone, and how it writes."""

from __future__ import annotations

import ast
import os
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.maint.fix.conftest import Project

LOG = "import logging\nlog = logging.getLogger(__name__)\n"
TRY = "def f(x):\n    try:\n        g(x)\n"

SAFE = {
    "bare that re-raises": (
        TRY + "    except:  # why\n        x()\n        raise\n",
        "    except BaseException:  # why\n",
    ),
    "space before the colon": (TRY + "    except :\n        raise\n", "    except BaseException :\n"),
    "error": (
        LOG + TRY + "    except Exception as e:\n        log.error('é %s', e)\n",
        "log.exception('é %s', e)",
    ),
    "the root logger": (
        "import logging\n" + TRY + "    except Exception:\n        logging.error('x')\n",
        "logging.exception('x')",
    ),
    "behind wide letters": (
        LOG + TRY + "    except Exception:\n        y = 'ééé'; log.error('x')\n",
        "'ééé'; log.exception('x')",
    ),
}

UNSAFE = {
    "bare that goes on": (TRY + "    except: x()\n", "except Exception: x()"),
    "pass": (
        LOG + TRY + "    except Exception:\n        pass  # why\n",
        'log.exception("ignored in f")  # why\n',
    ),
    "dots": (LOG + TRY + "    except Exception: ...\n", 'except Exception: log.exception("ignored in f")\n'),
    "return": (
        LOG + TRY + "    except Exception:\n\t    return 1\n",
        '\t    log.exception("ignored in f")\n\t    return 1\n',
    ),
    "on one line": (
        LOG + TRY + "    except Exception: return 1\n",
        'log.exception("ignored in f"); return 1\n',
    ),
    "on the header's last line": (
        LOG + TRY + "    except \\\n            Exception: y = 1\n",
        'Exception: log.exception("ignored in f"); y = 1\n',
    ),
    "in brackets over lines": (
        LOG + TRY + "    except (\n        ValueError,\n        Exception,\n    ): y = 1\n",
        '    ): log.exception("ignored in f"); y = 1\n',
    ),
    "in brackets, on its own line": (
        LOG + TRY + "    except (\n        Exception\n    ):\n        y = 1\n",
        '    ):\n        log.exception("ignored in f")\n        y = 1\n',
    ),
    "on a line carried over": (
        LOG + TRY + "    except Exception: \\\n        y = 1\n",
        '        log.exception("ignored in f"); y = 1\n',
    ),
    "no logger yet": (
        TRY + "    except Exception: pass\n",
        'logging.getLogger(__name__).exception("ignored in f")',
    ),
    "a string": ("s.bind('tcp://*:5555')\n", "s.bind(f'tcp://*:{get_port(\"SHOP_5555\")}')"),
    "an f-string": ('s.bind(f"tcp://{h}:5555")\n', "s.bind(f\"tcp://{h}:{get_port('SHOP_5555')}\")"),
    "a tuple": ("s.bind(('', 80))\n", "s.bind(('', get_port(\"SHOP_80\")))"),
    "a keyword": ("app.listen(port=8888)\n", 'app.listen(port=get_port("SHOP_8888"))'),
}

LEFT_ALONE = {
    "exc_info is said": LOG + TRY + "    except Exception:\n        log.error('x', exc_info=False)\n",
    "arguments from elsewhere": LOG + TRY + "    except Exception:\n        log.error('x', **extra)\n",
    "another level": LOG + TRY + "    except Exception:\n        log.warning('x')\n",
    "an exception further in": LOG
    + TRY
    + "    except Exception:\n        try: h()\n        except ValueError: log.error('x')\n",
    "a name that means something else": "BaseException = 1\n" + TRY + "    except:\n        raise\n",
    "suppressed": TRY + "    except: x()  # noqa: E900\n",
    "a template": "s.bind('tcp://{}:5555'.format(h))\n",
    "escapes": "s.bind('tcp://\\x2a:5555')\n",
    "logging is something else": "logging = 1\n" + TRY + "    except Exception: pass\n",
}


@pytest.mark.parametrize("name", SAFE)
def test_a_safe_fix_is_proposed_and_applied(project: Project, name: str) -> None:
    before, after = SAFE[name]
    project.write({"shop.py": before})
    ran = project.fix()
    assert ran.code == 1, ran
    assert project.text("shop.py") == before, "nothing is written without --apply"
    assert project.fix("--apply").code == 0
    assert after in project.text("shop.py")
    assert len(project.text("shop.py").splitlines()) == len(before.splitlines())
    again = project.fix()
    assert (again.code, again.out, again.err) == (0, "", "nothing to fix\n")


@pytest.mark.parametrize("name", UNSAFE)
def test_an_unsafe_fix_needs_to_be_asked_for(project: Project, name: str) -> None:
    before, after = UNSAFE[name]
    project.write({"shop.py": before})
    assert project.fix("--apply").err == "nothing to fix\n"
    options = ("--unsafe", "--get-port", "shop.ports:get_port")
    assert project.fix(*options, "--apply").code == 0
    assert after in project.text("shop.py")
    ast.parse(project.text("shop.py"))
    assert project.fix(*options).err == "nothing to fix\n"


@pytest.mark.parametrize("name", LEFT_ALONE)
def test_what_is_not_certain_is_left_alone(project: Project, name: str) -> None:
    project.write({"shop.py": LEFT_ALONE[name]})
    ran = project.fix(
        "--unsafe", "--get-port", "shop.ports:get_port", "--select", "MNT014,MNT030,MNT010,E900"
    )
    texts = [line for line in ran.out.splitlines() if line.startswith("+") and not line.startswith("+++")]
    assert [line for line in texts if "exception('x'" in line or "get_port" in line or "Base" in line] == []
    if name in ("suppressed", "logging is something else"):
        assert ran.err == "nothing to fix\n"


def test_the_diff_is_one_that_patch_takes(project: Project) -> None:
    project.write({"shop.py": TRY + "    except:\n        raise"})  # no newline at the end
    ran = project.fix()
    project.commit()
    subprocess.run(["git", "apply", "-"], input=ran.out, text=True, cwd=project.root, check=True)
    assert "except BaseException:" in project.text("shop.py")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            b"def f():\r\n    try: g()\r\n    except:\r\n        raise\r\n",
            b"\r\n    except BaseException:\r\n",
        ),
        (
            b"\xef\xbb\xbfdef f():\n    try: g('\xc3\xa9')\n    except: raise\n",
            b"\n    except BaseException: raise",
        ),
        (
            b"# coding: latin-1\ndef f():\n    try: g('\xe9')\n    except: raise\n",
            b"g('\xe9')\n    except Base",
        ),
        (b"x = 1\n\x0c\ndef f():\n    try: g()\n    except: raise\n", b"    except BaseException: raise"),
    ],
    ids=["crlf", "bom", "latin-1", "form feed"],
)
def test_every_byte_outside_of_the_edit_stays(project: Project, before: bytes, after: bytes) -> None:
    project.write({"shop.py": before})
    assert project.fix("--apply").code == 0
    content = (project.root / "shop.py").read_bytes()
    assert after in content
    assert content.replace(b" BaseException", b"") == before


def test_mode_and_link_survive(project: Project) -> None:
    project.write({"real.py": TRY + "    except:\n        raise\n"})
    (project.root / "real.py").chmod(0o755)
    (project.root / "link.py").symlink_to("real.py")
    assert project.fix("link.py", "--apply").code == 0
    assert stat.S_IMODE((project.root / "real.py").stat().st_mode) == 0o755
    assert (project.root / "link.py").is_symlink()
    assert "BaseException" in project.text("real.py")


def test_uncommitted_changes_are_not_mixed_with_ours(project: Project) -> None:
    project.write({"shop.py": "x = 1\n"})
    project.commit()
    project.write({"shop.py": TRY + "    except:\n        raise\n"})
    ran = project.fix("--apply")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "maint: shop.py: has uncommitted changes; commit or stash them, then apply\n"
    assert "BaseException" not in project.text("shop.py")
    project.commit()
    assert project.fix("--apply").code == 0


@pytest.mark.parametrize("content", ["[broken\n", "[core]\n\trepositoryformatversion = 99\n"])
def test_where_git_does_not_answer_nothing_is_written(project: Project, content: str) -> None:
    project.write({"shop.py": "x = 1\n"})
    project.commit()
    before = TRY + "    except:\n        raise\n"
    project.write({"shop.py": before, ".git/config": content})
    ran = project.fix("--apply")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"maint: git status in {project.root}: ")
    assert ran.err.endswith("; put that right, so that no uncommitted work is overwritten\n")
    assert len(ran.err.splitlines()) == 1
    assert project.text("shop.py") == before


def test_a_repository_of_another_user_is_one(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.write({"shop.py": TRY + "    except:\n        raise\n"})
    project.git("init", "--quiet")
    # git's own switch for trying out what it does about another owner
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    ran = project.fix("--apply")
    assert ran.code == 2
    assert "git status in" in ran.err
    assert "dubious ownership" in ran.err
    assert "BaseException" not in project.text("shop.py")


def test_work_behind_a_link_is_not_overwritten(project: Project) -> None:
    project.write({"real.py": "x = 1\n"})
    (project.root / "link.py").symlink_to("real.py")
    project.commit()
    project.write({"real.py": TRY + "    except:\n        raise\n"})
    ran = project.fix("link.py", "--apply")
    assert ran.code == 2
    assert "real.py: has uncommitted changes" in ran.err


def test_a_run_changes_so_many_files_and_says_how_many_are_left(project: Project) -> None:
    project.write({f"shop{n}.py": TRY + "    except:\n        raise\n" for n in range(3)})
    ran = project.fix("--apply", "--max-files", "2")
    assert ran.code == 1
    assert "1 more file has fixes; run again, or raise --max-files" in ran.err
    assert project.fix("--apply", "--max-files", "2").code == 0


def test_a_file_that_does_not_parse_is_said_and_the_others_are_fixed(project: Project) -> None:
    project.write({"bad.py": "def f(:\n", "shop.py": TRY + "    except:\n        raise\n"})
    ran = project.fix("--apply")
    assert ran.code == 1, "something is left to do"
    assert "maint: bad.py: does not parse" in ran.err
    assert "BaseException" in project.text("shop.py")


# A decorated function is put in front of, and the call gets between it and its decorator.
REFUSED = """import functools
import logging
log = logging.getLogger(__name__)

def f(x):
    try:
        g(x)
    except Exception:
        @functools.cache
        def h(): return 1
    try:
        g(x)
    except Exception:
        pass
"""


def test_an_edit_that_is_refused_keeps_no_other_from_being_made(project: Project) -> None:
    project.write({"shop.py": REFUSED})
    ran = project.fix("--unsafe", "--apply")
    assert ran.code == 1
    made, refused, count = ran.err.splitlines()
    assert refused == "maint: shop.py:8: MNT010 refused: the edit would not parse; edit it by hand"
    assert made == "shop.py:13: MNT010 log what is ignored (unsafe)"
    assert count == "1 fix in 1 file applied"
    assert 'except Exception:\n        log.exception("ignored in f")\n' in project.text("shop.py")
    again = project.fix("--unsafe", "--apply")
    assert (again.code, again.err) == (1, f"{refused}\n")


@pytest.mark.parametrize("codes", ["E900, MNT014", "E9,MNT0", " E900 ,, MNT014 "])
def test_codes_are_selected_as_lint_selects_them(project: Project, codes: str) -> None:
    project.write({"shop.py": SAFE["bare that re-raises"][0], "log.py": SAFE["error"][0]})
    assert "2 fixes in 2 files proposed" in project.fix("--select", codes).err
    assert "1 fix in 1 file proposed" in project.fix("--select", "E9").err


def test_prefix_and_ignored_codes_count_as_in_lint(project: Project) -> None:
    settings = '[tool.maint.lint]\nprefix = "MNT"\nignore = ["MNT900"]\n'
    project.write({"shop.py": SAFE["bare that re-raises"][0], "pyproject.toml": settings})
    assert "1 fix in 1 file proposed" in project.fix("--select", "MNT900").err
    assert project.fix("--select", "MNT9").err == "nothing to fix\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--max-files", "0"), "--max-files 0: expected a number from 1"),
        (("--max-files", "-1"), "--max-files -1: expected a number from 1"),
        (("--select", "E900,NOT9"), "--select NOT9: there is no fix; known: E900"),
        (("--select", "MNT999"), "--select MNT999: there is no fix; known: E900"),
        (("--get-port", "shop"), "--get-port shop: expected a module and get_port"),
        (("--narrow",), "except.json: no such file; record it with: pytest --maint-except record"),
        (("--narrow", "--min-observations", "0"), "--min-observations 0: expected a number from 1"),
        (("--narrow", "--unsafe"), "--narrow: goes without --unsafe and --select"),
        (("nowhere",), "nowhere: no such file or folder"),
    ],
)
def test_a_mistake_is_one_sentence(project: Project, arguments: tuple[str, ...], words: str) -> None:
    project.write({"shop.py": "x = 1\n"})
    ran = project.fix(*arguments)
    assert ran.code == 2
    assert words in ran.err
    assert len(ran.err.splitlines()) == 1


CODEMODS = {
    "bare_reraise.BareReraise": (SAFE["bare that re-raises"], ()),
    "log_exception.LogException": (SAFE["error"], ()),
    "bare_except.BareExcept": (UNSAFE["bare that goes on"], ()),
    "silent_logged.SilentLogged": (UNSAFE["no logger yet"], ()),
    "literal_port.LiteralPort": (UNSAFE["a string"], ("--get-port", "shop.ports")),
}


@pytest.mark.parametrize("name", CODEMODS)
def test_each_fix_is_a_codemod_of_libcst(project: Project, name: str) -> None:
    (before, after), arguments = CODEMODS[name]
    project.write({"shop.py": before})
    command = ["-m", "libcst.tool", "codemod", "--no-format", "-x", f"maint.fix.codemods.{name}", *arguments]
    done = subprocess.run(
        [sys.executable, *command, "shop.py"], cwd=project.root, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert after in project.text("shop.py")
