"""flake8's settings: read at all, no rule reported twice, no file that passes because it does not parse."""

from __future__ import annotations

import re
from collections.abc import Iterator

from maint.doctor.project import Problem, Project, codes, covers

_SYNTAX = "E999"
_OURS = "E900"
_CALL = re.compile(r"(?:^|[\s'\"/;&|(\[])flake8(?=[\s'\",]|$)")
_SELECT = re.compile(r"--(extend-)?select(?:=|\s+|['\"],\s*['\"])['\"]?([A-Z][A-Z0-9, ]*)")


def check(project: Project) -> Iterator[Problem]:
    """Everything about flake8's own configuration and the commands that run it."""
    yield from _unread(project)
    yield from _settings(project)
    for where, line in project.command_lines():
        if _CALL.search(line):
            yield from _command(where, line, covers(_ignored(project), _OURS) or _is_renamed(project))


def _unread(project: Project) -> Iterator[Problem]:
    if "flake8" in project.tool and not _reads_pyproject(project):
        yield Problem(
            "flake8-config-unread",
            "pyproject.toml",
            "flake8 does not read [tool.flake8]; move it to [flake8] in .flake8, or install flake8-pyproject",
        )
    names = list(project.flake8)
    for name in names[1:]:
        yield Problem(
            "flake8-config-unread",
            name,
            f"[flake8] is not read, flake8 stops at {names[0]} (before {name}); merge them",
        )


def _reads_pyproject(project: Project) -> bool:
    plugins = re.compile(r"flake8[-_](pyproject|toml[-_]config)|pyproject-flake8|flake9", re.IGNORECASE)
    names = ("pyproject.toml", ".pre-commit-config.yaml", "tox.ini", "setup.cfg")
    found = [*project.root.glob("requirements*.txt"), *project.root.glob("requirements/*.txt")]
    listed = (*names, *(path.relative_to(project.root).as_posix() for path in found))
    return any(plugins.search(project.text(name)) for name in listed)


def _settings(project: Project) -> Iterator[Problem]:
    if not project.flake8:
        return
    where, settings = next(iter(project.flake8.items()))
    selected, ignored = codes(settings.get("select")), _ignored(project)
    if covers(ignored, _OURS) and not covers(ignored, "MNT900"):
        yield Problem(
            "flake8-ignores-e900",
            where,
            f"ignore = {', '.join(ignored)} hides E900 too; name the codes in full",
        )
    for code, tool in (("E722", "pycodestyle"), ("B001", "flake8-bugbear")):
        active = code != "B001" or "bugbear" in _installed(project)
        if active and (not selected or covers(selected, code)) and not covers(ignored, code):
            yield Problem(
                "double-report",
                where,
                f"{tool}'s {code} reports bare excepts that E900 reports as well; add extend-ignore = {code}",
            )
    if selected and covers(selected, _OURS) and not covers(selected, _SYNTAX):
        yield _without_syntax(where, ",".join(selected))
    elif covers(ignored, _SYNTAX):
        yield Problem(
            "syntax-errors-hidden",
            where,
            "E999 is ignored, so a file that does not parse passes; take it out",
        )


def _ignored(project: Project) -> tuple[str, ...]:
    settings = project.flake8_settings
    return codes(settings.get("ignore")) + codes(settings.get("extend_ignore"))


def _installed(project: Project) -> str:
    return " ".join(project.text(name) for name in ("pyproject.toml", ".pre-commit-config.yaml", "tox.ini"))


def _is_renamed(project: Project) -> bool:
    """Whether the project's own settings show E900 as MNT900."""
    maint = project.tool.get("maint")
    lint = maint.get("lint") if isinstance(maint, dict) else None
    given = lint.get("prefix") if isinstance(lint, dict) else None
    return project.flake8_settings.get("maint_prefix", given) == "MNT"


def _command(where: str, line: str, is_harmless: bool) -> Iterator[Problem]:
    match = _SELECT.search(line)
    if match is None or match[1]:
        return
    selected = codes(match[2])
    if "E9" in selected and not is_harmless and "--maint-prefix" not in line:
        wanted = ",".join(
            part for code in selected for part in (("E999", "E902") if code == "E9" else (code,))
        )
        yield Problem(
            "syntax-gate",
            where,
            f"--select={','.join(selected)} is a syntax gate that E900 turns red; "
            f'write --select={wanted}, or set prefix = "MNT" in [tool.maint.lint]',
        )
    elif covers(selected, _OURS) and not covers(selected, _SYNTAX):
        yield _without_syntax(where, ",".join(selected))


def _without_syntax(where: str, selected: str) -> Problem:
    return Problem(
        "syntax-errors-hidden",
        where,
        f"select {selected} lets a file that does not parse pass; add E999 and E902",
    )
