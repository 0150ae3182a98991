"""The checks of ``maint doctor``, in the order in which they are shown."""

from __future__ import annotations

from pathlib import Path

from maint.doctor import flake8, pre_commit, repository, ruff
from maint.doctor.project import Problem, Project

CHECKS = (ruff.check, flake8.check, pre_commit.check, repository.check)


def examine(root: Path) -> list[Problem]:
    """Everything that is wrong in the repository at ``root``."""
    project = Project(root)
    return [problem for check in CHECKS for problem in check(project)]
