"""JSON Schemas of our files, read and written: ``python -m maint.cli.schemas docs/reference/schemas``."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from maint.fix import evidence
from maint.lint import listing
from maint.ports import schema as registry
from maint.ports.scan import listing as ports_listing
from maint.regression import comparison
from maint.report import documents
from maint.report.atomic import write_bytes
from maint.report.documents import json_bytes

DIALECT = "https://json-schema.org/draft/2020-12/schema"
STRUCTS = {
    comparison.SCHEMA: comparison.Comparison,
    documents.SCHEMA: documents.FindingsDocument,
    listing.SCHEMA: listing.Listing,
    evidence.SCHEMA: evidence.Evidence,
    ports_listing.SCHEMA: ports_listing.Inventory,
}


def schemas() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (file name, JSON Schema) of each document; ``maint.findings/2`` is ``maint.findings.2.json``."""
    for name, struct in STRUCTS.items():
        schema = msgspec.json.schema(struct)
        top = schema["$defs"][struct.__name__]
        top["properties"]["schema"] = {"const": name}
        # Files carry what has a default too, so a reader may rely on the one that tells the version.
        top["required"] = [*top["required"], "schema"]
        for definition in schema["$defs"].values():
            # Docstrings, which Python strips of their indentation from 3.13 on.
            definition["description"] = inspect.cleandoc(definition.get("description", ""))
        yield f"{name.replace('/', '.')}.json", {"$schema": DIALECT, "title": name, **schema}
    yield f"{registry.TITLE.replace('/', '.')}.json", {"$schema": DIALECT, **registry.schema()}


def write_schemas(folder: Path) -> list[Path]:
    """Write all schemas to ``folder`` and return their paths; raises MaintError when it cannot."""
    written = []
    for name, schema in schemas():
        write_bytes(folder / name, json_bytes(schema))
        written.append(folder / name)
    return written


def main(arguments: Sequence[str]) -> int:
    """Write the schemas to the one folder named in ``arguments``."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m maint.cli.schemas FOLDER\n")
        return 2
    for path in write_schemas(Path(arguments[0])):
        sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
