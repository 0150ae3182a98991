from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from maint.cli.schemas import schemas
from maint.regression.bundle import section_of, write_results
from maint.regression.comparison import Comparison
from maint.regression.findings import findings_of
from maint.report.bundle import write_session

PUBLISHED = Path(__file__).parents[3] / "docs" / "reference" / "schemas"
FILES = {"comparison_report.json": "maint.comparison.1.json", "findings.json": "maint.findings.2.json"}


def published(name: str) -> dict[str, Any]:
    return dict(json.loads((PUBLISHED / name).read_text()))


def test_the_published_schemas_are_those_of_the_code(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "maint.cli.schemas", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True)
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert written == {path.name: path.read_bytes() for path in PUBLISHED.iterdir()}


@pytest.mark.parametrize(("name", "schema"), list(schemas()))
def test_schemas_are_valid_themselves(name: str, schema: dict[str, Any]) -> None:
    assert name.startswith("maint.")
    jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("kind", ["ordinary", "hostile"])
def test_written_files_are_valid(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    comparison: Comparison = request.getfixturevalue(kind)
    write_results(comparison, tmp_path)
    write_session([section_of(comparison, findings_of(comparison))], tmp_path)
    for file, schema in FILES.items():
        validator = jsonschema.Draft202012Validator(published(schema))
        document = json.loads((tmp_path / file).read_text())
        validator.validate(document)
        for broken in (
            {**document, "schema": "maint.other/9"},
            {k: v for k, v in document.items() if k != "schema"},
        ):
            assert not validator.is_valid(broken)
