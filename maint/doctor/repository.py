"""What git keeps of ours: the baseline is committed, the cache and the reports are not."""

from __future__ import annotations

from collections.abc import Iterator

from maint.doctor.project import Problem, Project
from maint.git import attempt

OUTPUTS = (".maint/out/report.md", ".maint/cache/lint.msgpack")


def check(project: Project) -> Iterator[Problem]:
    """Ignore rules that keep too much or too little; silent outside a repository."""
    if attempt("rev-parse", "--git-dir", cwd=project.root).returncode:
        return
    maint = project.tool.get("maint")
    lint = maint.get("lint") if isinstance(maint, dict) else None
    baseline = lint.get("baseline-file", ".maint/lint-baseline.jsonl") if isinstance(lint, dict) else None
    if isinstance(baseline, str) and lint and lint.get("baseline") and _is_ignored(project, baseline):
        yield Problem(
            "baseline-ignored",
            ".gitignore",
            f"{baseline} is ignored, so nobody else has it; ignore .maint/out/ and .maint/cache/ only",
        )
    out = project.root / ".maint" / "out"
    if out.is_dir() and not _is_ignored(project, OUTPUTS[0]):
        yield Problem("reports-not-ignored", ".gitignore", "the reports would be committed; add .maint/out/")


def _is_ignored(project: Project, name: str) -> bool:
    return attempt("check-ignore", "--quiet", "--no-index", name, cwd=project.root).returncode == 0
