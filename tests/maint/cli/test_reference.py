"""The generated reference pages are those of the tables as they are now."""

from __future__ import annotations

from pathlib import Path

import pytest

from maint.cli.reference import main, pages
from maint.options.table import OPTIONS
from maint.rules.table import RULES

FOLDER = Path(__file__).parents[3] / "docs" / "reference"


@pytest.mark.parametrize("name", sorted(pages()))
def test_a_page_has_not_drifted(name: str) -> None:
    written = (FOLDER / name).read_text(encoding="utf-8")
    assert written == pages()[name], "run: python -m maint.cli.reference docs/reference"


def test_every_rule_is_where_its_anchor_points() -> None:
    headings = {
        line.removeprefix("## ").lower().replace(" ", "-")
        for line in pages()["rules.md"].splitlines()
        if line.startswith("## ")
    }
    assert {rule.anchor.removeprefix("rules.md#") for rule in RULES.values()} == headings


def test_every_option_has_its_paragraph() -> None:
    text = pages()["options.md"]
    assert [o.name for o in OPTIONS if f"### `{o.key if o.toml else o.flag}`" not in text] == []


def test_the_pages_are_written_where_asked(tmp_path: Path) -> None:
    main(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(pages())
