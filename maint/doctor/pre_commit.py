"""pre-commit and pre-commit.ci: hooks that would not see our rules, or cannot run where they are asked to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from maint.doctor.project import Problem, Project
from maint.errors import InputError, MaintError
from maint.extras import require

FILE = ".pre-commit-config.yaml"
_DISTRIBUTION = "pytest-maint"


def check(project: Project) -> Iterator[Problem]:
    """Every hook of the configuration."""
    text = project.text(FILE)
    if not text:
        return
    try:
        configuration = _load(text)
    except MaintError as error:
        yield Problem("not-judged", FILE, str(error))
        return
    for repository, hook in _hooks(configuration):
        yield from _hook(configuration, repository, hook)


def _load(text: str) -> dict[str, Any]:
    yaml = require("ports")
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        raise InputError("not valid YAML; run: pre-commit validate-config") from None
    return found if isinstance(found, dict) else {}


def _hooks(configuration: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    repositories = configuration.get("repos")
    for repository in repositories if isinstance(repositories, list) else ():
        hooks = repository.get("hooks") if isinstance(repository, dict) else None
        for hook in hooks if isinstance(hooks, list) else ():
            if isinstance(hook, dict):
                yield str(repository.get("repo", "")), hook


def _hook(configuration: dict[str, Any], repository: str, hook: dict[str, Any]) -> Iterator[Problem]:
    name = str(hook.get("id", ""))
    where = f"{FILE} ({name})"
    extra = " ".join(map(str, hook.get("additional_dependencies") or ()))
    if name == "flake8" and repository not in ("local", "meta") and _DISTRIBUTION not in extra:
        yield Problem(
            "flake8-hook-without-plugin",
            where,
            f"the hook's own environment has no E900; add additional_dependencies: [{_DISTRIBUTION}]",
        )
    is_system = repository == "local" and hook.get("language") in ("system", "unsupported")
    if is_system and _is_ours(hook) and "ci" in configuration and name not in _skipped(configuration):
        yield Problem(
            "pre-commit-ci-system-hook",
            where,
            "pre-commit.ci has no environment of yours to run this in; "
            f"add it to ci: skip: [{name}], or use the hook of the repository",
        )
    if (
        _is_ours(hook)
        and hook.get("pass_filenames", True)
        and not hook.get("require_serial", repository != "local")
    ):
        yield Problem(
            "hook-runs-many-times",
            where,
            "without require_serial pre-commit starts it once per batch of files; add require_serial: true",
        )


def _is_ours(hook: dict[str, Any]) -> bool:
    entry = str(hook.get("entry", ""))
    return str(hook.get("id", "")).startswith("maint-") or entry.startswith(("maint ", "python -m maint"))


def _skipped(configuration: dict[str, Any]) -> list[str]:
    settings = configuration.get("ci")
    skipped = settings.get("skip") if isinstance(settings, dict) else None
    return [str(one) for one in skipped] if isinstance(skipped, list) else []
