"""``maint ports scan``, ``check``, ``graph`` and ``init`` on a project with a planted collision."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from maint.cli.main import main
from maint.report.documents import FindingsDocument

BIND = "import zmq\nsock = zmq.Context().socket(zmq.REP)\nsock.bind('tcp://127.0.0.1:{}')\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "a.py").write_text(BIND.format(5556), encoding="utf-8")
    (tmp_path / "b.py").write_text(BIND.format(5556), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_check_fails_on_a_collision_and_passes_without_it(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ports", "check"]) == 1
    assert (
        "b.py:3: PORT001 tcp 127.0.0.1:5556: bound by a (a.py:3) and by b (b.py:3)" in capsys.readouterr().out
    )
    (root / "b.py").write_text(BIND.format(5557), encoding="utf-8")
    assert main(["ports", "check"]) == 0
    assert "no findings, 2 binds, 0 connects; 3 files looked at" in capsys.readouterr().out


def test_scan_lists_and_fails_nothing(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "c.py").write_text(BIND.format("{x()}").replace("'tcp", "f'tcp"), encoding="utf-8")
    assert main(["ports", "scan"]) == 0
    out = capsys.readouterr().out
    assert "tcp 127.0.0.1:5556  bind  REP  high" in out
    assert "c.py:3: bind of a port that is not known: f'tcp://127.0.0.1:{x()}'" in out


def test_scan_as_json_is_the_documented_shape(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import jsonschema

    from maint.cli.schemas import schemas

    assert main(["ports", "scan", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    jsonschema.validate(document, dict(schemas())["maint.ports.scan.1.json"])
    assert document["schema"] == "maint.ports.scan/1"
    assert {"role", "proto", "host", "port", "expression", "path", "line", "confidence"} <= document["sites"][
        0
    ].keys()
    assert [one["code"] for one in document["findings"]] == ["PORT001"]
    assert document["skipped"] == []


def test_sarif_and_findings_are_what_other_tools_read(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ports", "check", "--format", "sarif"]) == 1
    assert json.loads(capsys.readouterr().out)["runs"][0]["results"][0]["ruleId"] == "PORT001"
    assert main(["ports", "check", "--out", "out", "a.py", "b.py"]) == 1
    document = msgspec.json.decode((root / "out" / "findings.json").read_bytes(), type=FindingsDocument)
    assert document.runs[0].guardrail == "ports"
    assert document.runs[0].partial == "only a.py, b.py"
    assert "PORT002" not in document.runs[0].codes


def test_the_fingerprint_survives_a_move_of_lines(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seen = []
    for _ in range(2):
        main(["ports", "scan", "--format", "json"])
        seen.append(json.loads(capsys.readouterr().out)["findings"][0]["fingerprint"])
        (root / "b.py").write_text("\n\n" + BIND.format(5556), encoding="utf-8")
    assert seen[0] == seen[1]


def test_init_writes_a_registry_once_that_check_then_takes(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "b.py").write_text(BIND.format(5557), encoding="utf-8")
    assert main(["ports", "init"]) == 0
    assert main(["ports", "check"]) == 0
    before = (root / "ports.yaml").read_bytes()
    assert main(["ports", "init"]) == 2
    assert "is there already" in capsys.readouterr().err
    assert (root / "ports.yaml").read_bytes() == before


@pytest.mark.parametrize(
    ("chosen", "begins"), [("mermaid", "flowchart"), ("dot", "digraph"), ("html", "<!doctype")]
)
def test_graph_writes_each_format(root: Path, chosen: str, begins: str) -> None:
    assert main(["ports", "graph", "--format", chosen, "--output", "drawn"]) == 0
    assert (root / "drawn").read_text(encoding="utf-8").startswith(begins)


def test_a_registry_that_was_named_and_is_not_there_is_a_sentence(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ports", "check", "--registry", "nowhere.yaml"]) == 2
    assert "no such file" in capsys.readouterr().err


def test_a_registry_that_is_configured_and_not_there_is_said(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "pyproject.toml").write_text(
        '[tool.maint.ports]\nregistry = "conf/portz.yaml"\n', encoding="utf-8"
    )
    assert main(["ports", "check"]) == 2
    assert "conf/portz.yaml: no such file; write one with: maint ports init" in capsys.readouterr().err
    assert main(["ports", "init"]) == 0
    assert main(["ports", "check"]) == 1
    assert main(["ports", "init", "--registry", "other.yaml"]) == 0
    assert (root / "other.yaml").read_bytes() == (root / "conf" / "portz.yaml").read_bytes()


def test_check_judges_by_the_registry_that_the_look_up_takes(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "b.py").unlink()
    (root / "other.yaml").write_text("version: 1\nports: {BUS: 5557}\n", encoding="utf-8")
    monkeypatch.setenv("MAINT_PORTS_FILE", "other.yaml")
    assert main(["ports", "check"]) == 1
    assert "bound here, and not in other.yaml" in capsys.readouterr().out
    monkeypatch.delenv("MAINT_PORTS_FILE")
    (root / "other.yaml").unlink()
    assert main(["ports", "check"]) == 0
