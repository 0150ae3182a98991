"""Changed lines through coverage's own idea of statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from maint.coverage.measured import Measured, Scope, read
from maint.coverage.patch import ChangedFile, Patch, patch_since
from maint.coverage.statements import StatementMap
from maint.errors import BaselineError

from .conftest import HERE, Project, file

if TYPE_CHECKING:
    from tests.maint.conftest import Checkout, MakeCheckout

LIB = "def f(x):\n    if x:\n        return 1\n    return 2\n"
RUN = "import sys\nsys.path.insert(0, 'src')\nimport lib\nlib.f(1)\n"


def measured_patch(checkout: Checkout, ref: str) -> Patch:
    project = Project(checkout.top)
    project.coverage("run", "run.py")
    return patch_since(checkout.top, ref, read(checkout.top / ".coverage", checkout.top))


def start(checkout: Checkout) -> str:
    ignored = ".coverage\n__pycache__/\n"
    return checkout.commit(
        {"src/lib.py": LIB, "run.py": RUN, ".gitignore": ignored, ".coveragerc": "[run]\nsource = src\n"}
    )


def test_a_change_inside_a_statement_of_several_lines_is_that_statement(checkout: Checkout) -> None:
    start(checkout)
    many = "    return (\n        2\n        + 0\n    )\n"
    checkout.commit({"src/lib.py": LIB.replace("    return 2\n", many)})
    changed = many.replace("+ 0", "+ 1")
    checkout.write({"src/lib.py": LIB.replace("    return 2\n", changed)})
    assert measured_patch(checkout, "HEAD").files == (ChangedFile("src/lib.py", (4,), (4,), True),)


def test_comments_blank_lines_and_excluded_code_are_no_statements(checkout: Checkout) -> None:
    start(checkout)
    checkout.write({"src/lib.py": f"# a comment\n\n{LIB}\ndef g():  # pragma: no cover\n    return 3\n"})
    patch = measured_patch(checkout, "HEAD")
    assert patch.files == ()
    assert patch.counts.total == 0


def test_a_new_file_that_nothing_imports_is_uncovered(checkout: Checkout) -> None:
    start(checkout)
    checkout.write({"src/pkg/new.py": "a = 1\nb = 2\n", "src/pkg/__init__.py": ""})
    patch = measured_patch(checkout, "HEAD")
    assert [(file.path, file.uncovered) for file in patch.files] == [("src/pkg/new.py", (1, 2))]


def test_without_source_a_new_file_beside_measured_ones_is_uncovered(checkout: Checkout) -> None:
    start(checkout)
    checkout.write(
        {
            ".coveragerc": "[run]\nomit = src/skipped.py\n",
            "src/new.py": "a = 1\n",
            "src/sub/new.py": "a = 1\n",
            "src/skipped.py": "a = 1\n",
            "docs/conf.py": "a = 1\n",
            "notes.txt": "a = 1\n",
        }
    )
    patch = measured_patch(checkout, "HEAD")
    assert patch.files == (
        ChangedFile("src/new.py", (1,), (1,), False),
        ChangedFile("src/sub/new.py", (1,), (1,), False),
    )


def test_a_file_that_is_no_python_is_left_out(checkout: Checkout) -> None:
    start(checkout)
    checkout.write({".coveragerc": "", "src/template.py": "{% for x in y %}\n"})
    assert measured_patch(checkout, "HEAD").files == ()


def test_what_others_did_on_the_branch_meanwhile_is_not_the_patch(checkout: Checkout) -> None:
    start(checkout)
    checkout.git("switch", "--quiet", "--create", "topic")
    checkout.commit({"src/mine.py": "a = 1\n"})
    checkout.git("switch", "--quiet", "main")
    checkout.commit({"src/theirs.py": "a = 1\nb = 2\n"})
    checkout.git("switch", "--quiet", "topic")
    assert [file.path for file in measured_patch(checkout, "main").files] == ["src/mine.py"]


def test_an_unknown_ref_names_the_remedy(checkout: Checkout) -> None:
    start(checkout)
    with pytest.raises(BaselineError, match=r"mian: no such branch, tag or commit; did you mean main"):
        measured_patch(checkout, "mian")


def test_a_clone_too_shallow_names_the_remedy(checkout: Checkout, make_checkout: MakeCheckout) -> None:
    start(checkout)
    checkout.git("switch", "--quiet", "--create", "topic")
    checkout.commit({"src/mine.py": "a = 1\n"})
    shallow = make_checkout("shallow")
    shallow.git("fetch", "--quiet", "--depth=1", checkout.top.as_uri(), "topic")
    shallow.git("checkout", "--quiet", "FETCH_HEAD")
    with pytest.raises(BaselineError, match=r"main: not in this shallow clone; .*fetch-depth: 0"):
        measured_patch(shallow, "main")


@pytest.mark.parametrize(
    ("settings", "path", "measurable"),
    [
        ("source = src", "src/x.py", True),
        ("source = src", "lib/x.py", False),
        ("source = src\nomit = */x.py", "src/x.py", False),
        ("source_pkgs = pkg", "src/pkg/x.py", True),
        ("source_pkgs = pkg", "tools/x.py", False),
        ("source = pkg", "src/pkg/x.py", True),
        ("include = src/*", "src/x.py", True),
        ("include = src/*", "lib/x.py", False),
        ("", "src/pkg/deep/er/x.py", True),
        ("", "src/x.py", False),
        ("", "x.py", True),
        ("", "other/x.py", False),
        ("", "src/pkg/conftest.py", False),
        ("", "src/pkg/x.pyi", False),
    ],
)
def test_which_files_a_run_should_have_measured(
    project: Project, settings: str, path: str, measurable: bool
) -> None:
    lines = (line.partition(" = ") for line in settings.splitlines())
    scope = Scope(**{name: (value,) for name, _, value in lines})
    (project.root / "src").mkdir()
    known = dict.fromkeys(["src/pkg/__init__.py", "setup.py", "other/conftest.py"], file(1))
    measured = Measured(files=known, environment=HERE, scope=scope)
    assert StatementMap(project.root, measured).is_measurable(path) is measurable
