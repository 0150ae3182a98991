"""``isolate`` and ``audit`` alone, each in a fresh interpreter, since they change the process they run in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

import pytest_maint

_START = """
    import json, os, sys
    from pytest_maint.benchmark.worker.imports import Guard, audit, isolate

    own, user, other = sys.argv[1:]
    forbidden = [user, other]
    library = [os.path.dirname(os.__file__), os.path.dirname(os.__file__) + "/lib-dynload"]

    def enter(paths=(), roots=None):
        isolate(own, forbidden, [*paths, *sys.path], [own] if roots is None else roots)

    def violations(*names, live=False):
        return audit(own, forbidden, list(names), live=live)

    def answer(value):
        print(json.dumps(value))
"""

Ask = Callable[[str], object]


@pytest.fixture
def sides(tmp_path: Path) -> tuple[Path, Path, Path]:
    """This side's tree, the user's and the other side's: each has ``pkg`` and says whose it is."""
    trees = (tmp_path / "cache/b", tmp_path / "user ö", tmp_path / "cache/h")
    for tree in trees:
        (tree / "pkg/sub").mkdir(parents=True)
        text = f"TREE = {tree.name!r}\ndef function(): pass\n"
        for name in ("__init__.py", "sub/__init__.py", "leaf.py"):
            (tree / "pkg" / name).write_text(text)
        (tree / "pkg/constant.py").write_text("X = 1")
    return trees


@pytest.fixture
def ask(sides: tuple[Path, Path, Path]) -> Ask:
    """Runs code in a fresh interpreter after the definitions above and returns what it answered."""

    def run(code: str) -> object:
        argv = [sys.executable, "-c", dedent(_START) + dedent(code), *map(str, sides)]
        env = os.environ | {"PYTHONPATH": str(Path(pytest_maint.__file__).parents[1])}
        done = subprocess.run(argv, env=env, cwd=sides[0], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def test_the_own_tree_is_imported_and_nothing_is_reported(ask: Ask) -> None:
    code = """
        enter([user])
        import pkg.leaf
        answer([pkg.TREE, pkg.leaf.TREE, violations("pkg", live=True), user in sys.path])
    """
    assert ask(code) == ["b", "b", [], False]


def test_roots_come_behind_the_standard_library_and_ahead_of_site_packages(ask: Ask) -> None:
    code = """
        isolate(own, forbidden, ["/first", *library, "/x/site-packages", own, "/last"], [own])
        answer([path for path in sys.path if path not in library[1:]])
    """
    path = ask(code)
    assert isinstance(path, list)
    assert [path[0], *path[3:]] == ["/first", "/x/site-packages", "/last"]
    assert path[1] == str(Path(os.__file__).parent)
    assert path[2].endswith("/cache/b")


def test_a_root_that_is_further_up_stays_there(ask: Ask) -> None:
    code = """
        isolate(own, forbidden, [own, *library, "/x/site-packages"], [own])
        answer(sys.path == [own, *library, "/x/site-packages"])
    """
    assert ask(code) is True


def test_an_environment_inside_the_users_tree_is_no_project_code(
    ask: Ask, sides: tuple[Path, Path, Path]
) -> None:
    site = sides[1] / ".venv/lib/python3/site-packages"
    site.mkdir(parents=True)
    (sides[1] / ".venv/pyvenv.cfg").touch()
    (site / "dependency.py").touch()
    (sides[1] / ".venv/hook.py").touch()
    (sides[1] / "vendored/site-packages").mkdir(parents=True)
    (sides[1] / "vendored/site-packages/bundled.py").touch()
    code = """
        enter([user + place for place in
               ("/.venv/lib/python3/site-packages", "/.venv", "/vendored/site-packages")])
        import bundled, dependency, hook
        answer(violations("pkg", live=True))
    """
    assert ask(code) == []


def test_trees_may_lie_inside_each_other(ask: Ask, sides: tuple[Path, Path, Path]) -> None:
    (sides[1] / "inner").mkdir()
    sides[0].rename(sides[1] / "inner/b")
    sides[0].symlink_to(sides[1] / "inner/b")
    code = """
        enter()
        import pkg.leaf
        answer([pkg.TREE, violations("pkg", live=True)])
    """
    assert ask(code) == ["b", []]


def test_child_processes_inherit_the_roots(ask: Ask) -> None:
    code = """
        import subprocess
        os.environ["PYTHONPATH"] = os.pathsep.join([user, "/elsewhere"])
        enter()
        answer([os.environ["PYTHONPATH"] == os.pathsep.join([own, "/elsewhere"]),
                subprocess.run([sys.executable, "-c", "import pkg; print(pkg.TREE)"],
                               cwd="/", capture_output=True, text=True).stdout])
    """
    assert ask(code) == [True, "b\n"]


_FINDER = """
    from importlib.machinery import PathFinder

    class Finder:
        asked = []
        marker = "mine"

        @classmethod
        def find_spec(cls, name, path=None, target=None):
            cls.asked.append(name)
            return PathFinder.find_spec(name, [user])
"""


def test_a_finder_ahead_of_all_is_not_asked_for_what_the_own_tree_has(ask: Ask) -> None:
    code = """
        sys.meta_path.insert(0, Finder)
        enter()
        import pkg.leaf
        try:
            import pkg.missing
        except ImportError as error:
            answer([pkg.TREE, pkg.leaf.TREE, str(error), [n for n in Finder.asked if n.startswith("pkg")]])
    """
    assert ask(dedent(_FINDER) + dedent(code)) == ["b", "b", "No module named 'pkg.missing'", []]


def test_a_finder_may_not_serve_another_trees_file(ask: Ask, sides: tuple[Path, Path, Path]) -> None:
    (sides[1] / "only_there.py").touch()
    code = """
        sys.meta_path.insert(0, Finder)
        enter()
        try:
            import only_there
        except ImportError as error:
            answer([str(error), "only_there" in Finder.asked])
    """
    assert ask(dedent(_FINDER) + dedent(code)) == ["No module named 'only_there'", True]


def test_a_guard_passes_for_the_finder_it_guards(ask: Ask) -> None:
    code = """
        sys.meta_path.insert(0, Finder)
        enter()
        guard = sys.meta_path[0]
        answer([type(guard).__name__, guard == Finder, guard == object(), Finder in sys.meta_path,
                guard.marker, hash(guard) == hash(Finder)])
    """
    assert ask(dedent(_FINDER) + dedent(code)) == ["Guard", True, False, True, "mine", True]


def test_foreign_finders_still_serve_foreign_modules(ask: Ask, sides: tuple[Path, Path, Path]) -> None:
    away = sides[0].parent.parent / "away"
    away.mkdir()
    (away / "foreign.py").write_text("X = 1")
    code = f"""
        class Elsewhere:
            def find_spec(self, name, path=None, target=None):
                return PathFinder.find_spec(name, [{str(away)!r}])

        sys.meta_path.insert(0, Elsewhere())
        enter()
        import foreign
        answer([foreign.X, violations("pkg", live=True)])
    """
    assert ask(dedent(_FINDER) + dedent(code)) == [1, []]


def test_modules_a_pth_file_loaded_are_evicted(ask: Ask) -> None:
    code = """
        sys.path.insert(0, user)
        import pkg.leaf
        before = pkg.TREE
        del pkg
        sys.path.remove(user)
        enter()
        import pkg.leaf
        answer([before, pkg.leaf.TREE, violations("pkg", live=True)])
    """
    assert ask(code) == ["user ö", "b", []]


def test_what_an_evicted_module_left_alive_is_reported(ask: Ask) -> None:
    code = """
        sys.path.insert(0, user)
        import pkg.leaf
        kept = pkg.leaf.function
        del pkg
        enter()
        answer([violations("pkg"), sorted({name for name, _ in violations("pkg", live=True)})])
    """
    assert ask(code) == [[], ["pkg.leaf"]]


def test_a_placeholder_of_an_editable_namespace_is_removed_only_for_another_tree(ask: Ask) -> None:
    code = """
        import types
        for name, folder in (("mine", user + "/pkg"), ("foreign", "/elsewhere/pkg")):
            module = types.ModuleType(f"__editable___{name}_finder")
            module.NAMESPACES, module.MAPPING = {"space": [folder]}, {}
            module.PATH_PLACEHOLDER = f"__editable__.{name}.finder.__path_hook__"
            sys.modules[module.__name__] = module
            sys.path.append(module.PATH_PLACEHOLDER)
        enter()
        answer([p for p in sys.path if p.startswith("__editable__")])
    """
    assert ask(code) == ["__editable__.foreign.finder.__path_hook__"]


_LOADED_BY_PATH = """
    from importlib.util import module_from_spec, spec_from_file_location

    def load(path, name="stranger"):
        spec = spec_from_file_location(name, path)
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
"""


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("sys.path.append(user)", ["sys.path", "{user}"]),
        ("sys.path.append(other + '/pkg')", ["sys.path", "{other}/pkg"]),
        ("sys.path.insert(0, user); import pkg; sys.path.remove(user)", ["pkg", "{user}/pkg/__init__.py"]),
        ("sys.modules['any'] = load(user + '/pkg/leaf.py')", ["any", "{user}/pkg/leaf.py"]),
        ("import pkg; pkg.__path__.append(other + '/pkg')", ["pkg", "{other}/pkg"]),
        ("os.symlink(user + '/pkg', own + '/linked'); import linked", ["linked", "{own}/linked/__init__.py"]),
        ("kept = load(user + '/pkg/leaf.py')", ["stranger", "{user}/pkg/leaf.py"]),
        (
            "place = user + '/pkg/leaf.py'; exec(compile(open(place).read(), place, 'exec'))",
            ["__main__", "{user}/pkg/leaf.py"],
        ),
        ("kept = load(user + '/pkg/constant.py')", ["stranger", "{user}/pkg/constant.py"]),
        ("import runpy; kept = runpy.run_path(user + '/pkg/leaf.py')", ["<run_path>", "{user}/pkg/leaf.py"]),
    ],
)
def test_code_of_another_tree_is_reported(
    ask: Ask, sides: tuple[Path, Path, Path], code: str, expected: list[str]
) -> None:
    found = ask(dedent(_LOADED_BY_PATH) + f"enter()\n{code}\nanswer(violations('pkg', live=True))\n")
    assert isinstance(found, list)
    own, user, other = map(str, sides)
    assert [text.format(own=own, user=user, other=other) for text in expected] in found


def test_an_installed_copy_of_the_project_is_reported(ask: Ask, sides: tuple[Path, Path, Path]) -> None:
    site = sides[0].parent.parent / "site-packages"
    (site / "space/mine").mkdir(parents=True)
    (site / "space/theirs.py").touch()
    for name in ("space/mine/__init__.py", "flat.py", "abc.py"):
        (site / name).touch()
    code = f"""
        enter([{str(site)!r}])
        import abc, flat, space.mine, space.theirs
        answer(violations("flat", "space.mine", "abc"))
    """
    assert ask(code) == [["flat", f"{site}/flat.py"], ["space.mine", f"{site}/space/mine/__init__.py"]]


def test_lazy_modules_are_not_woken_by_the_audit(ask: Ask) -> None:
    code = """
        import importlib.util
        enter()
        spec = importlib.util.find_spec("colorsys")
        spec.loader = importlib.util.LazyLoader(spec.loader)
        module = importlib.util.module_from_spec(spec)
        sys.modules["colorsys"] = module
        spec.loader.exec_module(module)
        sys.modules["odd"] = 3
        found = violations("pkg", live=True)
        answer([found, "_LazyModule" in str(object.__getattribute__(module, "__class__"))])
    """
    assert ask(code) == [[], True]
