"""``maint lint``: exit codes, formats, the baseline's life, and what changed since a revision."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from maint.cli.main import main

BROAD = "def f():\n    try:\n        g()\n    except Exception:\n        print()\n"
CLEAN = "def f():\n    return 1\n"
BASELINE = ".maint/lint-baseline.jsonl"
SCHEMAS = Path(__file__).parents[3] / "docs" / "reference" / "schemas"


class Lint:
    """``maint lint`` in one folder."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self._capsys = capsys

    def __call__(self, *arguments: str) -> tuple[int, str]:
        """Exit code and what was printed, error output after the rest."""
        code = main(["lint", *arguments])
        captured = self._capsys.readouterr()
        return code, captured.out + captured.err

    def json(self, *arguments: str) -> Any:
        return json.loads(self(*arguments)[1])

    def write(self, **files: str) -> None:
        for name, text in files.items():
            (self.root / f"{name}.py").write_text(text, encoding="utf-8")

    @property
    def baseline(self) -> list[list[Any]]:
        """The entries of the baseline file."""
        lines = (self.root / BASELINE).read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines[1:]]


@pytest.fixture
def lint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Lint:
    root = tmp_path / "project"
    root.mkdir()
    (root / "pyproject.toml").write_text("[tool.maint.lint]\n", encoding="utf-8")
    monkeypatch.chdir(root)
    return Lint(root, capsys)


def test_clean_code_exits_0(lint: Lint) -> None:
    lint.write(a=CLEAN)
    assert lint() == (0, "no findings; 1 file looked at\n")


def test_a_finding_is_a_line_and_exit_1(lint: Lint) -> None:
    lint.write(a=BROAD)
    code, output = lint()
    assert code == 1
    first, last = output.splitlines()
    assert first.startswith("a.py:4:5: E900 catches Exception and goes on; ")
    assert last == "1 finding (E900 1); 1 file looked at"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nothing",), "nothing: no such file or folder; give paths that exist"),
        (("--jobs", "-1"), "--jobs -1: expected a number from 1, or 0 for one process a CPU"),
        (("--root", "nothing"), "--root nothing: no such folder; name the one that holds the project"),
        (("--select", "e900"), "--select e900: no such code; codes are written E900, MNT010"),
        (("--select", "E900,E9000"), "--select E9000: no such code; did you mean E900?"),
        (("--extend-select", "MNT04O"), "--extend-select MNT04O: no such code; did you mean MNT0"),
        (("--ignore", "FOO"), "--ignore FOO: no such code; codes are written E900, MNT010"),
        (("--since", "nowhere"), "not in a git repository"),
        (("--baseline",), "no baseline; write one with: maint lint --baseline --add"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_2(lint: Lint, arguments: tuple[str, ...], said: str) -> None:
    code, output = lint(*arguments)
    assert code == 2
    assert said in output
    assert len(output.splitlines()) == 1


def test_a_wrong_code_in_the_table_is_named_with_its_key(lint: Lint) -> None:
    (lint.root / "pyproject.toml").write_text("[tool.maint.lint]\nignore = ['XYZ']\n", encoding="utf-8")
    code, output = lint()
    assert code == 2
    assert output == (
        "maint: pyproject.toml: [tool.maint.lint] ignore XYZ: no such code; codes are written E900, MNT010\n"
    )


@pytest.mark.parametrize("codes", ["E", "E9", "MNT", "MNT01", "MNT900", "E900,MNT990", ""])
def test_the_beginning_of_a_code_is_one(lint: Lint, codes: str) -> None:
    assert lint("--select", codes)[0] == 0


def test_settings_come_from_the_table_and_the_command_line_over_it(lint: Lint) -> None:
    lint.write(a=BROAD)
    (lint.root / "pyproject.toml").write_text("[tool.maint.lint]\nignore = ['E900']\n", encoding="utf-8")
    assert lint()[0] == 0
    assert lint("--ignore", "MNT010")[0] == 1
    assert lint("--select", "MNT030", "--ignore", "")[0] == 0


def test_paths_are_shown_as_they_open_from_here_and_judged_from_the_root(
    lint: Lint, monkeypatch: pytest.MonkeyPatch
) -> None:
    (lint.root / "tests").mkdir()
    (lint.root / "tests" / "port.py").write_text("sock.bind(('', 8080))\n" + BROAD, encoding="utf-8")
    monkeypatch.chdir(lint.root / "tests")
    code, output = lint()
    assert code == 1
    assert output.startswith("port.py:5:5: E900 ")  # and no MNT030: from the root it is a test
    assert lint.json("--format", "json")["findings"][0]["location"]["path"] == "tests/port.py"


def test_json_names_findings_and_what_was_skipped(lint: Lint) -> None:
    lint.write(a=BROAD, b="# flake8: noqa\n")
    document = lint.json("--format", "json")
    jsonschema.validate(document, json.loads((SCHEMAS / "maint.lint.1.json").read_text(encoding="utf-8")))
    assert document["schema"] == "maint.lint/1"
    (finding,) = document["findings"]
    assert finding["code"] == "E900"
    assert finding["location"] == {"path": "a.py", "line": 4, "column": 5}
    assert finding["evidence"]["symbol"] == "f"
    assert [one["path"] for one in document["skipped"]] == ["b.py"]


def test_a_fingerprint_survives_moved_lines_and_tells_functions_apart(lint: Lint) -> None:
    lint.write(a=BROAD + BROAD.replace("f()", "f2()"))
    before = [one["fingerprint"] for one in lint.json("--format", "json")["findings"]]
    lint.write(a="import os\n\n\n" + BROAD + BROAD.replace("f()", "f2()"))
    after = [one["fingerprint"] for one in lint.json("--format", "json")["findings"]]
    assert before == after
    assert len(set(before)) == 2


def test_findings_are_the_document_that_the_reporter_reads(lint: Lint) -> None:
    lint.write(a=BROAD, b="# flake8: noqa\n")
    schema = json.loads((SCHEMAS / "maint.findings.2.json").read_text(encoding="utf-8"))
    whole, part = lint.json("--format", "findings"), lint.json("--format", "findings", "a.py")
    for document in (whole, part):
        jsonschema.validate(document, schema)
    (run,) = whole["runs"]
    assert (run["guardrail"], run.get("partial", ""), run["judged"]) == ("lint", "", ["a.py"])
    assert run["unjudged"] == {"b.py": "line 1 is '# flake8: noqa', which switches every rule off"}
    assert "E900" in run["codes"]
    assert part["runs"][0]["partial"] == "only a.py"


def test_sarif_and_github_have_their_forms(lint: Lint) -> None:
    lint.write(a=BROAD)
    (result,) = lint.json("--format", "sarif")["runs"][0]["results"]
    assert result["ruleId"] == "E900"
    assert lint("--format", "github")[1].startswith(
        "::warning file=a.py,line=4,col=5,title=E900 broad-except"
    )


def test_output_goes_to_a_file_where_one_is_named(lint: Lint) -> None:
    lint.write(a=BROAD)
    assert lint("--format", "json", "--output", "out/lint.json") == (1, "")
    assert json.loads((lint.root / "out" / "lint.json").read_text(encoding="utf-8"))["findings"]


def test_a_name_from_outside_cannot_forge_a_line(lint: Lint) -> None:
    (lint.root / "a\nb.py").write_text(BROAD, encoding="utf-8")
    assert lint()[1].splitlines()[0].startswith("a\\nb.py:4:5: E900")


def test_the_cache_is_written_unless_it_is_refused(lint: Lint) -> None:
    lint.write(a=BROAD)
    lint("--no-cache")
    assert not (lint.root / ".maint").exists()
    assert lint() == lint()
    assert list((lint.root / ".maint" / "cache").glob("lint-*.msgpack"))


def test_with_a_baseline_only_new_findings_fail(lint: Lint) -> None:
    lint.write(a=BROAD)
    assert lint("--add")[0] == 0
    assert lint("--baseline")[0] == 0
    lint.write(a=f"import os\n\n{BROAD}", b=BROAD)
    code, output = lint("--baseline")
    assert code == 1
    assert output.splitlines()[0].startswith("b.py:4:5: E900 ")
    assert output.splitlines()[-1] == "1 new finding (E900 1), 1 known in the baseline; 2 files looked at"


def test_the_table_can_switch_the_baseline_on_and_the_command_line_off(lint: Lint) -> None:
    lint.write(a=BROAD)
    lint("--add")
    (lint.root / "pyproject.toml").write_text("[tool.maint.lint]\nbaseline = true\n", encoding="utf-8")
    assert lint()[0] == 0
    assert lint("--no-baseline")[0] == 1


def test_update_only_shrinks(lint: Lint) -> None:
    lint.write(a=BROAD, b=BROAD)
    lint("--add")
    lint.write(a=CLEAN, c=BROAD)
    code, output = lint("--update")
    assert code == 1  # c.py is new and was not taken in
    assert "baseline: 2 → 1 in .maint/lint-baseline.jsonl; commit it" in output
    assert [entry[0] for entry in lint.baseline] == ["b.py"]


def test_update_follows_renames_and_forgets_deleted_files(lint: Lint) -> None:
    lint.write(a=BROAD, b=BROAD + BROAD.replace("f()", "g2()"))
    lint("--add")
    (lint.root / "a.py").unlink()
    (lint.root / "b.py").rename(lint.root / "moved.py")
    assert lint("--update")[0] == 0
    assert [entry[0] for entry in lint.baseline] == ["moved.py", "moved.py"]


def test_a_vanished_file_excuses_one_new_file_only(lint: Lint) -> None:
    lint.write(a=BROAD)
    lint("--add")
    (lint.root / "a.py").unlink()
    lint.write(copy1=BROAD, copy2=BROAD)
    code, output = lint("--update")
    assert code == 1
    assert output.startswith("copy2.py:4:5: E900 ")
    assert [entry[0] for entry in lint.baseline] == ["copy1.py"]


def test_update_of_a_part_leaves_the_rest(lint: Lint) -> None:
    lint.write(a=BROAD, b=BROAD)
    lint("--add")
    lint.write(a=CLEAN, b=CLEAN)
    lint("--update", "a.py")
    assert [entry[0] for entry in lint.baseline] == ["b.py"]
    lint("--update", "--select", "MNT010")
    assert [entry[0] for entry in lint.baseline] == ["b.py"]
    lint("--update")
    assert lint.baseline == []


def test_in_a_repository_the_run_says_how_the_baseline_shrinks(
    lint: Lint, checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(checkout.top)
    monkeypatch.setenv("GIT_COMMITTER_DATE", "1000000000 +0000")
    checkout.write({"pyproject.toml": "", "a.py": BROAD, "b.py": BROAD, ".gitignore": ".maint/cache/\n"})
    lint("--add")
    checkout.commit({})
    checkout.write({"a.py": CLEAN})
    lint("--update")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "1000100000 +0000")
    checkout.commit({})
    code, output = lint("--baseline")
    assert code == 0
    assert output.startswith("baseline: 1 → 1 in 30 days; not shrinking\n")


def test_since_reports_only_what_this_branch_changed(
    lint: Lint, checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(checkout.top)
    reraising = BROAD.replace("print()", "raise").replace("f()", "h()")
    checkout.commit({"pyproject.toml": "", "a.py": BROAD + reraising, "b.py": BROAD})
    checkout.git("checkout", "--quiet", "-b", "branch")
    assert lint("--since", "main")[0] == 0
    # the handler's header is old, the raise that exempted it is gone
    checkout.commit({"a.py": BROAD + reraising.replace("raise", "pass")})
    checkout.write({"new.py": BROAD, "neu mit Lücke.py": BROAD})
    code, output = lint("--since", "main", "--select", "E900")
    assert code == 1
    places = [line.partition(" E900 ")[0] for line in output.splitlines()[:-1]]
    assert places == ["a.py:9:5:", "neu mit Lücke.py:4:5:", "new.py:4:5:"]
    assert lint("--since", "gone")[1].startswith("maint: --since gone: no such commit here; ")


def test_since_reports_what_is_about_a_changed_file_as_such(
    lint: Lint, checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(checkout.top)
    broken = CLEAN + "def g():\n    return\n\n\ndef h(:\n    return 1\n"
    checkout.commit(
        {
            "pyproject.toml": "",
            "shop/__init__.py": "",
            "shop/core.py.bak": "1\n",
            "shop/old/sale.py": "ONE = 1\nTWO = 2\n",
            "shop/broken.py": broken,
            "shop/untouched.py": broken,
        }
    )
    assert lint("--since", "HEAD")[0] == 0
    checkout.write(
        {
            "shop/core.py.bak": "2\n",
            "shop/old/sale.py": "ONE = 1\nTWO = 3\n",
            "shop/broken.py": f"import os\n{broken}",
        }
    )
    rows = {tuple(line.split(" ")[:2]) for line in lint("--since", "HEAD")[1].splitlines()[:-1]}
    assert rows == {
        ("shop/broken.py:8:7:", "MNT022"),
        ("shop/core.py.bak:1:1:", "MNT020"),
        ("shop/old/sale.py:1:1:", "MNT021"),
    }


def test_since_compares_with_the_commit_where_the_branch_left(
    lint: Lint, checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(checkout.top)
    checkout.commit({"pyproject.toml": "", "a.py": CLEAN, "b.py": BROAD})
    checkout.git("checkout", "--quiet", "-b", "branch")
    checkout.commit({"a.py": CLEAN + BROAD})
    checkout.git("checkout", "--quiet", "main")
    checkout.commit({"b.py": CLEAN})  # the fix of another one: the branch still has the old finding
    checkout.git("checkout", "--quiet", "branch")
    output = lint("--since", "main", "--select", "E900")[1]
    assert [line.partition(" E900 ")[0] for line in output.splitlines()[:-1]] == ["a.py:6:5:"]


@pytest.mark.parametrize(
    ("line", "gone", "places"),
    [
        pytest.param(6, "        raise\n", ["a.py:4:5:"], id="at the end of the block"),
        pytest.param(4, "    except OSError: raise\n", ["a.py:4:5:"], id="before the header"),
        pytest.param(1, "import os\n", [], id="elsewhere above"),
        pytest.param(9, "    x = 1\n", [], id="elsewhere below"),
    ],
)
def test_since_sees_a_handler_that_only_lost_a_line(
    lint: Lint, checkout, monkeypatch: pytest.MonkeyPatch, line: int, gone: str, places: list[str]
) -> None:
    monkeypatch.chdir(checkout.top)
    after = f"{BROAD}\n\ndef g():\n    return 1\n"
    before = after.splitlines(keepends=True)
    before.insert(line - 1, gone)
    checkout.commit({"pyproject.toml": "", "a.py": "".join(before)})
    checkout.write({"a.py": after})
    output = lint("--since", "HEAD", "--select", "E900")[1]
    assert [line.partition(" E900 ")[0] for line in output.splitlines()[:-1]] == places


def test_since_and_baseline_together_judge_the_whole_file_first(
    lint: Lint, checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(checkout.top)
    checkout.write({"pyproject.toml": "", "a.py": BROAD})
    lint("--add")
    checkout.commit({})
    checkout.write({"a.py": "import os\n" + BROAD.replace("print()", "print(1)")})
    assert lint("--since", "HEAD")[0] == 1
    assert lint("--since", "HEAD", "--baseline")[0] == 0
