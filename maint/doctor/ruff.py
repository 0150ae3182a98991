"""ruff beside our codes: its RUF102 deletes a ``noqa`` whose code it does not know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from maint.doctor.project import Problem, Project, codes, covers

_RULE = "RUF102"


def check(project: Project) -> Iterator[Problem]:
    """A ruff configuration that selects RUF102 and does not list our codes as external."""
    where, settings = _settings(project)
    lint = settings.get("lint")
    lint = lint if isinstance(lint, dict) else {}
    selected = codes(lint.get("select")) + codes(lint.get("extend-select"))
    ignored = codes(lint.get("ignore")) + codes(lint.get("extend-ignore"))
    if not (covers(selected, _RULE) or "ALL" in selected) or covers(ignored, _RULE):
        return
    external = codes(lint.get("external"))
    missing = [prefix for prefix, code in (("E9", "E900"), ("MNT", "MNT010")) if not covers(external, code)]
    if missing:
        wanted = ", ".join(f'"{code}"' for code in (*external, *missing))
        yield Problem(
            "ruff-external",
            where,
            f"ruff's {_RULE} takes {' and '.join(missing)} for invalid codes and --fix deletes their noqa; "
            f"set external = [{wanted}] under lint",
        )


def _settings(project: Project) -> tuple[str, dict[str, Any]]:
    """The file ruff obeys and its settings: ``.ruff.toml``, ``ruff.toml``, then ``pyproject.toml``."""
    for name in (".ruff.toml", "ruff.toml"):
        if project.text(name):
            return name, project.toml(name)
    found = project.tool.get("ruff")
    return "pyproject.toml", found if isinstance(found, dict) else {}
